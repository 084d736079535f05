"""Z03: whatever is another institution's or another department's is not there: each noun and each
verb answers as to a name nobody has; so do the pages, files and lists."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.commands.command import commands
from app.domain.refusals import Refusal
from app.queries.query import queries
from app.store.unit import read
from app.web.routes import plural
from tests import people, zone
from tests.conftest import caller
from tests.web import everything

NOBODY = "0190-nobody"
SCOPED = {noun: model for noun, model in everything.nouns().items()
          if model.scope in ("institution", "department", "staff")}
STRANGERS = ("foreign_maker", "foreign_liaison")
BODIES = ({}, {"reason": "按规定办理"})


@pytest.fixture
def whole(rt):
    return everything.whole(rt)


@pytest.fixture
def app(rt, whole):
    return people.application(rt)


def program(app, whole, name: str):
    client = app.test_client()
    client.environ_base.update({"HTTP_AUTHORIZATION": f"Bearer {whole.sessions[name].token}",
                                "HTTP_ACCEPT": "application/json"})
    return client


def told(answer) -> tuple:
    """What an answer says, without the address it was asked at."""
    body = dict(answer.json) if answer.is_json else {}
    body.pop("instance", None)
    return answer.status_code, str(body)


def addresses(noun: str, ref: str, verbs: bool = True):
    """Every address of one object: its sheet, its files, and each verb with each body."""
    for prefix in ("", "/api/v1"):
        base = f"{prefix}/{plural(noun)}/{ref}"
        if (noun, True) in queries():
            yield "GET", base, None
        if noun in ("evidence_pack", "notice"):
            yield "GET", f"{base}/{'file' if noun == 'evidence_pack' else 'pdf'}", None
    for (at, action), command in commands().items():
        if verbs and at == noun and not command.creates:
            for body in BODIES:
                yield "POST", f"/api/v1/{plural(noun)}/{ref}/{action.replace('_', '-')}", body


@pytest.mark.parametrize("name", STRANGERS)
def test_Z03_each_noun_and_verb_answers_a_foreign_id_as_an_unknown_one(rt, whole, app, name):
    client, walked, found = program(app, whole, name), set(), []
    for noun in SCOPED:
        for ref in foreign(rt, whole, noun, name)[-2:]:
            for (method, known, body), (_, unknown, _) in zip(
                    addresses(noun, ref), addresses(noun, NOBODY), strict=True):
                answers = [told(client.open(address, method=method, json=body))
                           for address in (known, unknown)]
                walked.add(noun)
                if answers[0] != answers[1] or answers[0][0] not in (403, 404, 405, 422):
                    found.append((method, known, answers))
    assert not found, found[:5]
    assert len(walked) > 15


def foreign(rt, whole, noun: str, name: str) -> list[str]:
    """Ids and numbers of rows of this noun that are not the stranger's own."""
    with read(rt) as session:
        rows = [session.get(SCOPED[noun], ref) for ref in whole.refs.get(noun, ())]
    return [ref for row in rows for ref in {row.id, getattr(row, "number", row.id)}
            if whole.own[name] not in (getattr(row, "institution_id", None),
                                       getattr(row, "department_id", None))]


def test_Z03_the_owner_and_the_staff_do_find_them(whole, app):
    """The walk above means something: its ids exist for those they belong to."""
    staff, maker = (program(app, whole, name) for name in ("staff", "maker"))
    seen = {noun for noun in SCOPED for ref in whole.refs.get(noun, ())
            if (noun, True) in queries()
            and staff.get(f"/api/v1/{plural(noun)}/{ref}").status_code == 200}
    assert {"institution", "department", "dataset", "onboarding_case", "grant_case", "grant",
            "admission_case", "client_app", "credential", "joint_node", "contract", "notice",
            "hold"} <= seen
    bank = whole.zone.institution.id
    assert maker.get(f"/api/v1/institutions/{bank}").status_code == 200
    assert maker.get(f"/api/v1/grants/{whole.zone.grant.number}").status_code == 200


@pytest.mark.parametrize("name", STRANGERS)
def test_Z03_lists_exports_and_searches_hold_nothing_of_others(whole, app, name):
    client = program(app, whole, name)
    others = (whole.zone.institution.name, whole.zone.institution.number, whole.zone.app.number,
              whole.zone.grant.number, whole.zone.credential.prefix, "WATER", "联合建模节点一")
    for noun, single in queries():
        if single:
            continue
        for address in (f"/api/v1/{plural(noun)}", f"/{plural(noun)}", f"/{plural(noun)}.csv"):
            text = client.get(address).get_data(as_text=True)
            assert not [word for word in others if word in text], (address, text[:300])
    for word in others:
        page = people.browser(app, whole.sessions[name]).get(
            "/search", query_string={"q": word}).get_data(as_text=True)
        assert page.count(word) <= 2, word  # what was typed stands in the box


NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="-._"),
                min_size=1, max_size=64)
SHEETS = sorted(noun for noun, single in queries() if single and noun != "desk")


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ref=st.one_of(st.uuids(version=4).map(str), NAMES), noun=st.sampled_from(SHEETS))
def test_Z03_no_random_name_finds_anything(bank, ref, noun):
    rt, who = bank
    with pytest.raises(Refusal) as refused:
        queries()[noun, True].run(rt, who, ref)
    assert refused.value.code in ("OBJECT.NOT_FOUND", "ROLE.NOT_ALLOWED")


@pytest.fixture
def bank(rt):
    z = zone.tiny(rt)
    return rt, caller("wang", "INST_MAKER", institution=z.institution.id)
