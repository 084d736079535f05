"""A decision made again on the registry of then is the sealed one, whatever came later."""

import json
import random  # noqa: TID251  (seeded: a failure can be repeated)
from dataclasses import replace

import pytest
from sqlmodel import select

from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid
from app.queries.replay import replay
from app.store.tables import TrailEntry
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_supply import Dataset, DatasetField, ProductVersion
from app.store.unit import begin
from tests import zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.decision_zone import LAW

COMP = caller("fang", "COMP_REVIEW")


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


def asked(gate, z, **changes) -> str:
    return gate.answer(question(z, **changes))["context"]["decision_id"]


def by_basis(rt, ref: str) -> dict:
    return {made.basis: made for made in replay(rt, COMP, ref).made}


def test_a_permit_and_a_refusal_are_made_again_alike(rt, gate):
    z = zone.tiny(rt)
    for changes in ({}, {"purpose": "X.MKT"}, {"fields": ["ent_name", "nobody_knows"]}):
        found = replay(rt, COMP, asked(gate, z, **changes))
        assert found.holds and all(made.agrees for made in found.made), found.made
        assert [made.dimensions for made in found.made] == [found.dimensions] * 3


def test_later_changes_do_not_reach_back_and_show_as_of_now(rt, gate):
    z = zone.tiny(rt)
    ref = asked(gate, z)
    rt.clock.forward(minutes=5)
    zone.set_state(rt, z.grant, "SUSPENDED")
    found = by_basis(rt, ref)
    assert found["RECORDED"].agrees and found["VALID"].agrees
    assert found["NOW"].state == "DENY" and not found["NOW"].agrees
    assert "TERM.SUSPENDED" in [told.code for told in found["NOW"].reasons]
    assert {each.part for each in found["NOW"].differences} >= {"RESULT", "REASONS", "DIMENSIONS"}


def test_a_stop_begun_before_and_recorded_after_counts_by_validity_alone(rt, gate):
    z = zone.tiny(rt)
    rt.clock.forward(minutes=5)
    ref = asked(gate, z)
    rt.clock.forward(minutes=-1)
    zone.set_state(rt, z.dataset, "FROZEN")
    rt.clock.forward(minutes=1)
    found = by_basis(rt, ref)
    assert found["RECORDED"].agrees and found["RECORDED"].state == "PERMIT"
    assert found["VALID"].state == "DENY"
    assert [told.code for told in found["VALID"].reasons] == ["CHAIN.DATASET_FROZEN"]


def test_the_law_then_is_read_from_the_kept_rulebooks(rt, gate):
    z = zone.tiny(rt)
    ref = asked(gate, z)
    rt.law = replace(LAW, digest="sha256:later")
    assert by_basis(rt, ref)["RECORDED"].law_kept
    assert by_basis(rt, ref)["RECORDED"].rulebook == LAW.digest
    assert by_basis(rt, ref)["NOW"].rulebook == "sha256:later"


def test_rulebooks_that_were_not_kept_are_told(rt, gate):
    z = zone.tiny(rt)
    strange = Gate(rt, replace(LAW, digest="sha256:strange"))
    strange.follower.current = replace(strange.follower.current, published="sha256:strange")
    ref = asked(strange, z)
    strange.close()
    found = by_basis(rt, ref)
    assert not found["RECORDED"].law_kept and found["RECORDED"].agrees
    assert found["NOW"].law_kept


@pytest.mark.parametrize("changes, code", [
    ({"ip": "198.51.100.9"}, "CTX.NETWORK"), ({"business_ref": None}, "PURPOSE.BUSINESS_REF"),
    ({"channel": "SAAS"}, "ID.USER_REQUIRED"), ({"time": "2020-01-01T00:00:00Z"},
                                                "REQ.CLOCK_SKEW"),
    ({"claimed": "nobody"}, "ID.CREDENTIAL_UNKNOWN"), ({"filter": "x"}, "REQ.UNKNOWN_ATTRIBUTE"),
    ({"action": "MADE_UP"}, "METHOD.ACTION"), ({"channel": None}, "METHOD.CHANNEL"),
    ({"purpose": "NOBODY.KNOWS"}, "PURPOSE.UNKNOWN"), ({"grant": "GR-NONE"}, "GRANT.NONE"),
    ({"version": "9.9"}, "SCOPE.VERSION"), ({"purpose": ""}, "PURPOSE.MISSING")])
def test_what_was_not_kept_is_taken_as_sealed(rt, gate, changes, code):
    z = zone.tiny(rt)
    found = replay(rt, COMP, asked(gate, z, **changes))
    assert code in [told.code for told in found.reasons]
    assert found.made[0].agrees, found.made[0].differences


def test_a_question_about_no_product_is_not_made_again(rt, gate):
    zone.tiny(rt)
    from app.commands.decide import Question
    from app.domain.asks import Presented

    entities = {"subject": {"type": "user", "id": "a"}, "action": {"name": "read"},
                "resource": {"type": "record", "id": "1"}}
    ref = gate.answer(Question(entities, Presented("", "203.0.113.8")))["context"]["decision_id"]
    with pytest.raises(Invalid):
        replay(rt, COMP, ref)


STATES = {"grant": ("ACTIVE", "SUSPENDED", "REVOKED"), "dataset": ("ONLINE", "FROZEN"),
          "product": ("LISTED", "PAUSED"), "institution": ("ADMITTED", "SUSPENDED", "EXITING"),
          "head": ("IN_FORCE", "TERMINATED"), "app": ("ACTIVE", "DISABLED")}
WORDS = {
    "purpose": ("PF.CRD.NEW", "PF.CRD.REN", "PF.ADM.KYB", "X.MKT", "PF", "", "NOBODY"),
    "channel": ("API", "SAAS", "REPORT", None), "action": ("QUERY_ONE", "VERIFY", "MADE_UP"),
    "fields": (["ent_name"], ["ent_name", "overdue_tax"], ["x", "tax_grade", "y"], None),
    "version": ("2.1", None, "2.2", "7.7"), "region": ("110105", "310000", "x", None),
    "field_mode": ("strict", "reduce"), "lookback_from": ("2025-06-01", "2019-01-01", None),
    "batch_size": (1, 7), "business_ref": ("LN1", None), "user": (None, "zhang.san"),
    "supported_kinds": (None, ["receipt"], ["watermark", "delete_after", "filter_rows"]),
    "ip": (None, "198.51.100.9"), "time": (None, "2020-01-01T00:00:00Z"), "filter": (None, "x")}


def mostly_first(draw: random.Random, words: tuple):
    """One of the words; the first, which permits, more often than not."""
    return draw.choice((words[0],) * 2 * len(words) + words)


def change(rt, z, draw: random.Random) -> None:
    """One change of the registry, as its command would make it."""
    kind = draw.choice(("state", "state", "field", "narrow", "bound", "version"))
    if kind == "state":
        name = draw.choice(sorted(STATES))
        return zone.set_state(rt, getattr(z, name), mostly_first(draw, STATES[name]))
    with begin(rt, SYSTEM) as act:
        if kind == "field":
            row = draw.choice(act.all(select(DatasetField).where(
                DatasetField.dataset_id == z.dataset.id)))
            row.grade = mostly_first(draw, (1, 2, 3, 4, 5))
            target = act.find(Dataset, z.dataset.id)
        elif kind == "narrow":
            target = act.find(Grant, z.grant.id)
            old = act.first(select(GrantVersion).where(
                GrantVersion.grant_id == target.id, GrantVersion.n == target.current))
            document = json.loads(json.dumps(old.dimensions))
            document["scope"]["fields"] = draw.sample(
                document["scope"]["fields"], draw.randint(1, len(document["scope"]["fields"])))
            values = old.model_dump(exclude={"id", "version", "created_at", "updated_at"})
            act.create(GrantVersion, **{**values, "n": old.n + 1, "dimensions": document})
            target.current = old.n + 1
        elif kind == "bound":
            target = act.find(Grant, z.grant.id)
            row = act.first(select(GrantVersion).where(
                GrantVersion.grant_id == target.id, GrantVersion.n == target.current))
            row.quota = draw.choice(({}, {"per_day": 3}, {"per_minute": 2, "total": 9}))
            act.touch(target)
        else:
            row = act.find(ProductVersion, z.product_version.id)
            row.subject_authorization = mostly_first(draw, ("NONE", "REQUIRED"))
            target = act.find(type(z.product), z.product.id)
            act.touch(target)
        act.record(f"{target.noun}.place", f"{target.noun}/{target.id}")
        act.affects(target.noun, target.id)


@pytest.mark.parametrize("seed", range(6))
def test_random_decisions_among_random_changes_are_made_again_alike(rt, gate, seed):
    draw = random.Random(seed)
    z = zone.tiny(rt)
    for _ in range(25):
        if draw.random() < 0.5:
            change(rt, z, draw)
        rt.clock.forward(seconds=draw.choice((1, 50, 40_000)))
        for _ in range(2):
            asked(gate, z, **{name: mostly_first(draw, WORDS[name])
                              for name in draw.sample(sorted(WORDS), 3)})
    with rt.db.reading() as connection:
        entries = [json.loads(row.body)["facts"] for row in connection.execute(
            select(TrailEntry.body).where(TrailEntry.kind.like("decision.%")))]
    assert len(entries) == 50
    assert {facts["permits"] for facts in entries} == {True, False}
    for facts in entries:
        again = by_basis(rt, facts["decision"])["RECORDED"]
        assert again.agrees, (facts["input"], facts["reasons"], again.differences)
