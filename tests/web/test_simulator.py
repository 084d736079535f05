"""The policy page and its simulator over HTTP, as page and as program."""

import pytest

from app.web import create_app
from app.web.words import COOKIE as LANGUAGE
from tests import people, zone

ASKED = {"action": "QUERY_ONE", "channel": "API", "environment": "PROD", "purpose": "PF.CRD.NEW",
         "fields": ["ent_name"], "peer": "203.0.113.8", "business_ref": "LN1",
         "region": "110105", "lookback_from": "2025-06-01", "subject_kind": "ENTERPRISE"}
SUBJECT = "911100001234567890"


def client(rt, name, *roles, **scope):
    """A program that acts for one person."""
    opened = people.signed_in(rt, people.enrolled(rt, name, *roles, **scope))
    found = create_app(rt).test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    found.environ_base["HTTP_HOST"] = "localhost"
    return found


@pytest.fixture
def opened(rt):
    z = zone.tiny(rt)
    session = people.signed_in(rt, people.enrolled(rt, "reviewer", "COMP_REVIEW"))
    return z, people.browser(create_app(rt), session), people.token(session)


def test_the_page_shows_lines_in_words_and_a_filled_form(opened):
    z, browser, _ = opened
    shown = browser.get(f"/grants/{z.grant.number}/policy").text
    assert f"p2, {z.grant.number}@1, {z.product.number}, ent_name" in shown
    assert "可取产品" in shown and "不封存为决策" in shown
    assert f'<option value="{z.credential.prefix}" selected>' in shown
    browser.set_cookie(LANGUAGE, "en", domain="localhost")
    shown = browser.get(f"/grants/{z.grant.number}/policy").text
    assert "may take of product" in shown and "nothing is sealed" in shown


def test_the_sheet_leads_to_the_page_for_those_who_may_read_it(opened):
    z, browser, _ = opened
    assert f'href="/grants/{z.grant.number}/policy"' in browser.get(
        f"/grants/{z.grant.number}").text


def test_a_question_is_answered_on_the_page_and_the_subject_is_not_shown_again(opened):
    z, browser, token = opened
    form = ASKED | {"credential": z.credential.prefix, "subject_kind": "ENTERPRISE",
                    "subject_id": SUBJECT}
    answer = browser.post(f"/grants/{z.grant.number}/policy", data=form | token)
    assert answer.status_code == 200 and "会允许" in answer.text and SUBJECT not in answer.text
    answer = browser.post(f"/grants/{z.grant.number}/policy",
                          data=form | token | {"purpose": "X.MKT"})
    assert "会拒绝" in answer.text and "PURPOSE.PROHIBITED" in answer.text


@pytest.mark.parametrize("wrong", [{"at": "tomorrow"}, {"batch_size": "0"},
                                   {"lookback_from": "2025-13-01"}, {"field_mode": "loose"}])
def test_what_cannot_be_read_is_named_and_not_decided(opened, wrong):
    z, browser, token = opened
    answer = browser.post(f"/grants/{z.grant.number}/policy", data=ASKED | token | wrong)
    assert answer.status_code == 422 and "未能模拟" in answer.text and "会允许" not in answer.text


def test_programs_read_lines_and_simulate(rt):
    z = zone.tiny(rt)
    api, base = client(rt, "program", "AUDITOR"), f"/api/v1/grants/{z.grant.number}"
    policy = api.get(f"{base}/policy?n=1")
    assert policy.status_code == 200 and policy.json["sections"][3]["rows"][0]["zh"]
    assert api.get(f"{base}/policy?n=7").status_code == 404
    asked = ASKED | {"credential": z.credential.prefix}
    found = api.post(f"{base}/simulate", json=asked)
    assert found.status_code == 200 and found.json["is_simulation"] is True
    assert found.json["decision"] is True and len(found.json["dimensions"]) == 14
    assert api.post(f"{base}/simulate", json={"restrict": 1}).status_code == 422


def test_an_institution_neither_reads_lines_nor_simulates(rt):
    z = zone.tiny(rt)
    maker = client(rt, "maker", "INST_MAKER", institution=z.institution.id)
    base = f"/api/v1/grants/{z.grant.number}"
    assert maker.get(f"{base}/policy").status_code == 403
    assert maker.post(f"{base}/simulate", json=ASKED).status_code == 403
