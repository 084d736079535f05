"""Names and values are judged by the rules and come back as verdicts; nothing of them stays."""

import re

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from app.web import create_app
from app.web.pages import rule_trial
from app.web.words import COOKIE as LANGUAGE
from tests import people
from tests.web.test_text_api import client, leaves

SECRET = "13987654321"
NAME = "planted_col_qz"
ASKED = {"table": "t_lxr", "title": "企业联系人", "columns": [
    {"name": "lxdh", "title": "联系电话", "values": [SECRET, "13812345678", "13512345678"]},
    {"name": "tyshxydm", "title": "统一社会信用代码"}]}
PAGE, ADDRESS = rule_trial.PAGE, rule_trial.ADDRESS


@pytest.fixture
def api(rt):
    return client(rt, "security", "SEC_REVIEW")


@pytest.fixture
def page(rt):
    opened = people.signed_in(rt, people.enrolled(rt, "security", "SEC_REVIEW"))
    return people.browser(create_app(rt), opened), people.token(opened)


def test_columns_are_judged_with_reasons_in_both_languages(api):
    said = api.post(ADDRESS, json=ASKED)
    assert said.status_code == 200
    phone, code = said.json["columns"]
    assert (phone["identifier"], phone["personal"], phone["values"]) == ("mobile_cn", True, 3)
    assert phone["level"] >= 2 and 0 < phone["confidence"] <= 100
    assert (code["element"], code["identifier"], code["values"]) == ("uscc", "uscc", 0)
    assert all(reason["zh"] and reason["en"] for reason in phone["why"] + code["why"])
    assert re.search(r"[0-9a-f]{12}", said.json["rules"]["by"]["zh"])


def test_values_alone_are_judged_on_the_page_in_the_readers_language(page):
    browser, token = page
    form = {"title": "", "department": "", "columns": "", "values": f"{SECRET}\r\n13812345678\n"
            "13512345678\n15012345678"}
    shown = browser.post(PAGE, data=form | token).text
    assert "仅据取值" in shown and 'href="/identifiers/mobile_cn"' in shown
    browser.set_cookie(LANGUAGE, "en", domain="localhost")
    shown = browser.post(PAGE, data=form | token).text
    assert "by values alone" in shown and "仅据取值" not in shown


def test_rows_pasted_from_a_sheet_are_parted_into_columns(page):
    browser, token = page
    rows = "\n".join(f"139876543{at:02}\t2024-01-{at:02}" for at in range(1, 13))
    shown = browser.post(PAGE, data={"columns": "a1,联系电话\na2\t成立日期\tDATE",
                                     "values": rows} | token).text
    assert shown.count('<tr class="why">') == 2 and 'href="/identifiers/mobile_cn"' in shown


@pytest.mark.parametrize("of_program", [True, False], ids=["program", "page"])
def test_nothing_of_what_was_tried_is_stored_logged_or_recorded(rt, page, capsys, log,
                                                                      of_program):
    browser, token = page
    before = leaves(rt)
    if of_program:
        told = client(rt, "other", "OPS")
        before = leaves(rt)
        asked = {"columns": [{"name": NAME, "title": "联系电话", "values": [SECRET] * 3}]}
        assert told.post(ADDRESS, json=asked).status_code == 200
    else:
        told = browser.post(PAGE, data={"columns": f"{NAME},联系电话", "values": SECRET} | token)
        assert told.status_code == 200 and SECRET in told.text
    assert leaves(rt) == before, "trying the rules is no act"
    written = "".join(capsys.readouterr()) + log.getvalue()
    assert "rules tried" in written and SECRET not in written and NAME not in written
    with rt.db.reading() as connection:
        for table in SQLModel.metadata.tables:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).all():
                assert SECRET not in str(row) and NAME not in str(row), table
    for path in rt.settings.data_dir.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes()


@pytest.mark.parametrize("role", ["AUDITOR", "REGULATOR_VIEW", "INST_MAKER", "SYS_ADMIN"])
def test_roles_without_a_line_may_not(rt, role):
    program = client(rt, "other", role)
    told = program.post(ADDRESS, json=ASKED)
    assert told.status_code == 403 and SECRET not in told.text
    assert program.get(PAGE, headers={"Accept": "text/html"}).status_code == 403


def test_the_form_begins_empty(page):
    browser, _ = page
    assert "built-in" not in browser.get(PAGE).text


def test_a_form_without_its_token_is_refused(page):
    told = page[0].post(PAGE, data={"values": SECRET})
    assert told.status_code == 403 and SECRET not in told.text


COLUMN = {"name": "a"}


@pytest.mark.parametrize("body", [
    {}, {"columns": []}, {"columns": [{"name": ""}]}, {"columns": [COLUMN, COLUMN]},
    {"columns": [{"name": f"c{at}"} for at in range(21)]},
    {"columns": [COLUMN | {"values": [SECRET] * 201}]},
    {"columns": [COLUMN | {"values": ["王" * 16_667]}]},
    {"columns": [COLUMN | {"values": [SECRET, 5]}]},
    {"columns": [COLUMN | {"more": SECRET}]}, {"columns": [COLUMN], "more": 1}])
def test_what_is_too_much_or_no_question_is_refused_without_repeating_it(api, body):
    told = api.post(ADDRESS, json=body)
    assert told.status_code == 422 and told.content_type == "application/problem+json"
    assert SECRET not in told.text and "王王" not in told.text


@pytest.mark.parametrize("form", [
    {"columns": "", "values": ""}, {"columns": "a\na", "values": ""},
    {"columns": "\n".join(f"c{at}" for at in range(21)), "values": ""},
    {"columns": "a", "values": "1\n" * 201}])
def test_a_form_that_cannot_be_judged_says_the_bounds(page, form):
    browser, token = page
    told = browser.post(PAGE, data=form | token)
    assert told.status_code == 422 and "至多 20 列" in told.text


def test_few_are_judged_at_once_and_an_account_asks_at_most_so_often(api, monkeypatch):
    for _ in range(rule_trial.AT_ONCE):
        assert rule_trial._seats.acquire(blocking=False)
    try:
        assert api.post(ADDRESS, json=ASKED).status_code == 429
    finally:
        rule_trial._seats.release(rule_trial.AT_ONCE)
    monkeypatch.setattr(rule_trial, "MOST", 2)
    assert [api.post(ADDRESS, json=ASKED).status_code for _ in range(2)] == [200, 429]
