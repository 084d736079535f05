"""Replay, what-ifs and rulebooks as pages and for programs, in both languages."""

import pytest

from app.commands import policy_bundles, what_ifs
from app.commands.command import Reasoned
from app.commands.decide import Gate
from app.jobs import what_ifs as job
from app.store.bundles import short
from app.web import create_app
from app.web.words import COOKIE as LANGUAGE
from tests import people, zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.decision_zone import LAW
from tests.jobs.test_what_ifs import forbidden

COMP = caller("fang", "COMP_REVIEW")


@pytest.fixture
def opened(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    ref = gate.answer(question(z))["context"]["decision_id"]
    gate.close()
    session = people.signed_in(rt, people.enrolled(rt, "reviewer", "COMP_REVIEW"))
    return z, ref, people.browser(create_app(rt), session), people.token(session)


def played(rt, body) -> str:
    run = what_ifs.create(rt, COMP, body).number
    rt.clock.forward(seconds=1)
    assert job.turn(rt, "jobs-1", lambda: False)
    return run


def test_a_replay_is_told_side_by_side(rt, opened):
    z, ref, browser, token = opened
    assert f"/decisions/{ref}/replay" in browser.get(f"/decisions/{ref}").text
    shown = browser.get(f"/decisions/{ref}/replay")
    assert shown.status_code == 200 and "结果与封存的一致" in shown.text
    assert 'class="differs"' not in shown.text
    zone.set_state(rt, z.grant, "SUSPENDED")
    browser.set_cookie(LANGUAGE, "en", domain="localhost")
    shown = browser.get(f"/decisions/{ref}/replay").text
    assert "As recorded now for then" in shown and "What differs: As of now" in shown
    assert "TERM.SUSPENDED" in shown and 'class="differs"' in shown


def test_a_program_has_a_decision_made_again(rt, opened):
    _, ref, _, _ = opened
    session = people.signed_in(rt, people.enrolled(rt, "program", "AUDITOR"))
    found = create_app(rt).test_client().post(
        f"/api/v1/decisions/{ref}/replay", headers={"Authorization": f"Bearer {session.token}",
                                                    "Host": "localhost"})
    assert found.status_code == 200, found.text
    assert [made["agrees"] for made in found.json["made"]] == [True, True, True]


def test_a_run_shows_progress_then_flips_with_examples(rt, opened):
    z, ref, browser, _ = opened
    run = what_ifs.create(rt, COMP, forbidden("PF.CRD.NEW")).number
    waiting = browser.get(f"/what-ifs/{run}").text
    assert "作业进程即将开始推演" in waiting and f"/what-ifs/{run}/progress" in waiting
    rt.clock.forward(seconds=1)
    job.turn(rt, "jobs-1", lambda: False)
    shown = browser.get(f"/what-ifs/{run}").text
    assert z.institution.name in shown and "PURPOSE.PROHIBITED" in shown
    assert f"/decisions/{ref}" in shown
    assert browser.get(f"/what-ifs/{run}/progress").status_code == 200
    assert run in browser.get("/what-ifs").text


def test_a_draft_of_a_grant_begins_as_the_grant_is(rt, opened):
    z, _, browser, token = opened
    assert z.grant.number in browser.get("/what-ifs/new").text
    page = browser.get(f"/what-ifs/grant?grant={z.grant.number}")
    assert page.status_code == 200 and "rights.field" in page.text
    refused = browser.post("/what-ifs/grant", data={**token, "grant": z.grant.number,
                                                    "rights.product": z.product.number})
    assert refused.status_code in (400, 409, 422) and "处须更正" in refused.text


def test_rulebooks_show_what_they_change_and_the_flips_to_read(rt, opened):
    _, _, browser, _ = opened
    played(rt, what_ifs.NewWhatIf())
    ref = short(rt.law.digest)
    policy_bundles.propose(rt, COMP, ref, Reasoned(reason="调整"))
    played(rt, forbidden("PF.CRD.NEW"))
    assert ref[:12] in browser.get("/policy-bundles").text
    shown = browser.get(f"/policy-bundles/{ref}").text
    assert "提请所附的翻转清单" in shown and "没有任何决策的结果会改变" in shown
    browser.set_cookie(LANGUAGE, "en", domain="localhost")
    drafts = browser.get("/policy-bundles?state=TRIED").text
    draft = drafts.split('href="/policy-bundles/')[1].split('"')[0]
    tried = browser.get(f"/policy-bundles/{draft}").text
    assert "prohibited: true" in tried and "what the rulebook files on the server say" in tried
