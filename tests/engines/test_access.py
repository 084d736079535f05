"""The compiled access model agrees with stock Casbin, and refuses what stock would let slip."""

from random import Random  # noqa: TID251 - seeded, so that a failing case can be shown again

import casbin
import pytest

from app.engines import access, rulebooks
from app.engines.access_compile import NamedTest, Unloadable, compiled
from tests.decision_zone import LAW, version

ACCESS = LAW.sections
CASES_EACH = 20_400  # five sections: above 100,000 in all
WORDS = {
    "": [["GR@1", "GR@2", ""], ["PF", "PF.CRD", "PF.CRD.NEW", "PF.CRD.REN", "PD.ELG.PRE", "X.MKT",
                                "*", "目的", "", "PF.CRD.NEW "]],
    "2": [["GR@1", "GR@2", ""], ["PRD-1", "PRD-2", "产品", ""],
          ["ent_name", "ent_*", "*", "ent_", "企业名称", "企业*", "é", "é", ""]],
    "3": [["GR@1", "GR@2"], ["QUERY_ONE", "VERIFY", "*"], ["API", "JOINT_NODE", ""],
          ["PROD", "SANDBOX"], ["-", "*", "NODE-1", "NODE-1|NODE-2", "NODE-2", ""]],
    "4": [["GR@1", "GR@2"], ["2026-01-01T00:00:00.000000Z", "2026-06-30T15:59:59.999999Z",
                             "2026-06-30T16:00:00.000000Z", "2026-06-30T16:00:00.000001Z", ""]],
    "5": [["L1", "L3", "L4", "L5", "L6", ""], ["QUERY_ONE", "VERIFY", "VERIFY|QUERY_ONE", "*", ""],
          ["API", "SAAS", "API|SAAS", "JOINT_NODE", "*"], ["SCORE", "VERIFY", "VERIFY|SCORE", "*"]],
}


def drawn(random: Random, suffix: str, length: int, *, empty: bool) -> tuple[str, ...]:
    """A request or row of random words; the term section's last words are instants alike."""
    pools = WORDS[suffix] + [WORDS[suffix][-1]] * (length - len(WORDS[suffix]))
    return tuple(random.choice([word for word in pool if word or empty]) for pool in pools)


@pytest.mark.parametrize("suffix", WORDS)
def test_compiled_sections_agree_with_stock_casbin(suffix):
    """Over 100,000 random cases in all, empty strings, unicode and boundary instants among them."""
    random = Random(f"hufu{suffix}")
    section = ACCESS.sections[suffix]
    done = permitted = 0
    while done < CASES_EACH:
        rows = tuple(drawn(random, suffix, len(section.policy), empty=False)
                     for _ in range(random.randrange(4)))
        stock = access.oracle(ACCESS, suffix, rows)
        folded = section.fold(rows)
        asked = {drawn(random, suffix, len(section.request), empty=True) for _ in range(400)}
        for request in sorted(asked):
            expected = access.stock_allows(stock, suffix, request)
            assert section.allows(folded, request) is expected, (rows, request)
            permitted += expected
        done += len(asked)
    assert permitted > 200


@pytest.mark.parametrize(("at", "inside"), [
    ("2026-11-22T23:59:59.999999Z", False), ("2026-11-23T00:00:00.000000Z", True),
    ("2026-11-23T23:59:59.999999Z", True), ("2026-11-24T00:00:00.000000Z", False)])
def test_a_term_holds_from_its_first_instant_and_no_longer_at_its_last(at, inside):
    rows = (("GR@1", "2026-11-23T00:00:00.000000Z", "2026-11-24T00:00:00.000000Z"),)
    section = ACCESS.sections["4"]
    assert section.allows(section.fold(rows), ("GR@1", at)) is inside
    assert access.stock_allows(access.oracle(ACCESS, "4", rows), "4", ("GR@1", at)) is inside


@pytest.mark.parametrize("suffix", WORDS)
def test_nothing_is_permitted_without_lines_or_by_empty_strings(suffix):
    section = ACCESS.sections[suffix]
    empty = ("",) * len(section.request)
    assert not section.allows(section.fold(()), empty)
    assert not section.allows(section.fold(()), ("x",) * len(section.request))
    with pytest.raises(ValueError, match="needs"):
        section.fold([("",) * len(section.policy)])


def test_why_the_engine_is_never_asked_about_empty_strings():
    """Stock Casbin permits a request of empty strings under an empty policy."""
    stock = access.oracle(ACCESS, "", ())
    assert stock.enforce("", "") is True
    assert access.stock_allows(stock, "", ("", "")) is False


@pytest.mark.parametrize(("grade", "action", "channel", "form", "permitted"), [
    ("L1", "QUERY_BATCH", "SAAS", "MASKED_RECORD", True),
    ("L2", "REPORT_EXPORT", "SAAS", "MASKED_RECORD", True),
    ("L3", "QUERY_ONE", "API", "MASKED_RECORD", True),
    ("L3", "QUERY_BATCH", "API", "MASKED_RECORD", False),
    ("L3", "QUERY_BATCH", "API", "DERIVED", True),
    ("L4", "QUERY_ONE", "JOINT_NODE", "SCORE", True),
    ("L4", "QUERY_ONE", "JOINT_NODE", "AGGREGATE", False),
    ("L4", "QUERY_ONE", "API", "VERIFY", False), ("L4", "VERIFY", "API", "VERIFY", True),
    ("L4", "VERIFY", "API", "SCORE", False), ("L4", "VERIFY", "SAAS", "VERIFY", False),
    ("L5", "MODEL_TRAIN", "JOINT_NODE", "AGGREGATE", True),
    ("L5", "MODEL_TRAIN", "JOINT_NODE", "DERIVED", False),
    ("L5", "VERIFY", "API", "VERIFY", False),
    ("CORE", "VERIFY", "JOINT_NODE", "VERIFY", False),
    ("UNGRADED", "VERIFY", "API", "VERIFY", False)])
def test_the_ceiling_of_each_grade_on_both_sides(grade, action, channel, form, permitted):
    assert ACCESS.ceiling(grade, action, channel, form) is permitted


def test_INV_09_no_line_of_the_ceiling_lets_raw_records_out():
    assert not any(ACCESS.ceiling(grade, action, channel, "RAW_RECORD")
                   for grade in ("L1", "L2", "L3", "L4", "L5")
                   for action in LAW.vocabulary.actions for channel in LAW.vocabulary.channels)


def test_lines_of_an_excluding_grant_are_leaves_one_by_one():
    from app.domain.picture import PurposeRight

    rows = access.grant_rows("GR@1", version(purposes=(
        PurposeRight("PF.CRD", True, ("PF.CRD.INC",)),)), LAW.purposes)
    assert rows[""] == (("GR@1", "PF.CRD.NEW"), ("GR@1", "PF.CRD.REN"))
    whole = access.grant_rows("GR@1", version(purposes=(PurposeRight("PF.CRD", True),)),
                              LAW.purposes)
    assert whole[""] == (("GR@1", "PF.CRD"),)


def test_the_digest_covers_law_and_lines():
    one, two = version(), version(ends="2026-12-31T15:00:00.000000Z")
    assert one.lines_digest != two.lines_digest and one.lines_digest == version().lines_digest


def changed_law(tmp_path, name: str, old: str, new: str):
    for path in rulebooks.FOLDER.iterdir():
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace(old, new) if path.name == name else text,
                                          encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "old", "new"), [
    ("model.conf", "one_of(r3.node, p3.node)", "eval(p3.node)"),
    ("model.conf", "one_of(r3.node, p3.node)", "keyMatch(r3.node, p3.node)"),
    ("model.conf", "p4.begins <= r4.at", "p4.begins + r4.at"),
    ("model.conf", "r4.at < p4.ends", "r4.at < p4.ends < r4.at"),
    ("model.conf", "r4.at < p4.ends", "r4.at.strip() < p4.ends"),
    ("model.conf", "r4.at < p4.ends", "(lambda: True)()"),
    ("model.conf", "r4.at < p4.ends", "r4.nothing < p4.ends"),
    ("model.conf", "m  = r.grant == p.grant && g(r.purpose, p.purpose)",
     "m  = g(r.purpose, p.purpose)"),
    ("model.conf", "e  = some(where (p.eft == allow))", "e  = !some(where (p.eft == deny))"),
    ("model.conf", "p  = grant, purpose\n", "p  = grant, purpose, eft\n"),
    ("ceiling.csv", "p5, L4, VERIFY, API, VERIFY", "p, L4, VERIFY, API, VERIFY"),
    ("ceiling.csv", "p5, L4, VERIFY, API, VERIFY", "p5, L4, VERIFY, API"),
    ("ceiling.csv", "p5, L4, VERIFY, API, VERIFY", "p5, L4, VERIFY, API, ")])
def test_a_law_that_is_not_understood_refuses_to_load(tmp_path, name, old, new):
    folder = changed_law(tmp_path, name, old, new)
    with pytest.raises((Unloadable, ValueError, RuntimeError)):
        access.load(folder, LAW.purposes)


def test_other_words_of_a_matcher_are_compiled_alike():
    """Disjunction, inequality and constants agree with stock too."""
    text = """[request_definition]
r = a, b
[policy_definition]
p = a, b
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.a == p.a && (r.b >= p.b || r.b == "root") && r.b != "evil"
"""
    model = casbin.Enforcer.new_model(text=text)
    section = compiled(model, "", {"x": NamedTest(lambda left, right: True)})
    rows = (("1", "m"), ("2", "z"))
    stock = casbin.Enforcer(casbin.Enforcer.new_model(text=text))
    stock.model["p"]["p"].policy = [list(row) for row in rows]
    for request in [(a, b) for a in ("1", "2", "3") for b in ("a", "m", "z", "root", "evil")]:
        assert section.allows(section.fold(rows), request) is stock.enforce(*request), request
