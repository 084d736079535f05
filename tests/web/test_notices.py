"""Instruments over HTTP: parties read and download theirs, strangers verify by code alone."""

import hashlib

import pytest

from app.commands import departments
from app.commands.notices import issue
from app.commands.verifications import MOST_A_MINUTE
from app.jobs.documents import render_due
from app.queries.notices import notice
from app.store.tables_supply import Department
from app.store.unit import begin
from app.web import create_app
from app.web.identity import COOKIE, csrf_of
from tests import people
from tests.conftest import caller

INTAKE = caller("shou", "INTAKE")
REF = "SUPPLEMENT-2026-1"


@pytest.fixture
def department(rt):
    made = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                              departments.NewDepartment(name="市税务局"))
    with begin(rt, INTAKE) as act:
        issue(act, "SUPPLEMENT", act.get(Department, made.id), {"reasons": [
            {"code": "DOC.DEFECT", "text": {"zh": "缺<b>章</b>", "en": "no <b>seal</b>"}}]})
    render_due(rt)
    return made.id


@pytest.fixture
def client(rt, department):
    """A browser of the intake desk."""
    opened = people.signed_in(rt, people.enrolled(rt, "shou", "INTAKE"))
    return people.browser(create_app(rt), opened)


@pytest.fixture
def stranger(rt, department):
    return people.browser(create_app(rt))


def test_the_list_and_the_sheet_show_the_letter_with_its_reasons(client):
    assert "数专补〔2026〕1号" in client.get("/notices").get_data(as_text=True)
    page = client.get(f"/notices/{REF}").get_data(as_text=True)
    assert "DOC.DEFECT" in page and "缺&lt;b&gt;章&lt;/b&gt;" in page
    assert "<b>章</b>" not in page
    english = client.get(f"/notices/{REF}?language=en", headers={"Accept-Language": "en"})
    assert english.status_code == 200


def test_the_copy_downloads_under_its_serial(rt, client):
    for path in (f"/notices/{REF}/file", f"/api/v1/notices/{REF}/file"):
        answer = client.get(path)
        assert answer.status_code == 200 and answer.mimetype == "application/pdf"
        assert "%E6%95%B0%E4%B8%93%E8%A1%A5" in answer.headers["Content-Disposition"]
        assert hashlib.sha256(answer.data).hexdigest() == notice(rt, INTAKE, REF).file


def test_service_is_recorded_from_the_page_and_over_the_api(rt, client):
    sheet = client.get(f"/notices/{REF}").get_data(as_text=True)
    assert f"/notices/{REF}/serve" in sheet
    cookie = client.get_cookie(COOKIE, domain="localhost").value
    answer = client.post(f"/api/v1/notices/{REF}/serve", base_url=people.HOST,
                         headers={"X-CSRF-Token": csrf_of(cookie)},
                         json={"served_on": "2026-11-23", "method": "HAND", "received_by": "周某"})
    assert answer.status_code == 200 and answer.json["state"] == "SERVED"
    assert client.get("/api/v1/notices").json["total"] == 2


def test_another_department_sees_nothing_of_it(rt, department):
    other = departments.create(rt, caller("wu", "BIZ_REVIEW"),
                               departments.NewDepartment(name="市统计局"))
    opened = people.signed_in(rt, people.enrolled(rt, "hemei", "DEPT_LIAISON", department=other.id))
    client = people.browser(create_app(rt), opened)
    assert client.get(f"/notices/{REF}").status_code == 404
    assert client.get(f"/notices/{REF}/file").status_code == 404
    assert client.get("/api/v1/notices").json["total"] == 0


def test_strangers_neither_read_nor_download(stranger):
    assert stranger.get(f"/notices/{REF}/file").status_code == 303
    assert stranger.get(f"/api/v1/notices/{REF}/file").status_code == 401


def test_strangers_verify_by_code_and_learn_no_words(rt, stranger):
    code = notice(rt, INTAKE, REF).code
    for path in (f"/verify/{code}", f"/verify?code={code.lower()}"):
        page = stranger.get(path)
        text = page.get_data(as_text=True)
        assert page.status_code == 200 and "数专补〔2026〕1号" in text
        assert "市税务局" not in text and "DOC.DEFECT" not in text
    found = stranger.get(f"/api/v1/verifications/{code}").json
    assert (found["serial"], found["dated"]) == ("数专补〔2026〕1号", "2026-11-23")


@pytest.mark.parametrize("code", ["x", "0000-0000-0000-1", "<script>", "%00", "🐯" * 30])
def test_a_wrong_code_is_told_and_never_an_error_of_ours(stranger, code):
    page = stranger.get("/verify", query_string={"code": code})
    assert page.status_code == 404 and "<script>alert" not in page.get_data(as_text=True)
    assert stranger.get("/verify").status_code == 200
    answer = stranger.get(f"/api/v1/verifications/{code}")
    assert answer.status_code == 404 and answer.mimetype == "application/problem+json"


def test_who_hunts_for_codes_is_told_to_wait(stranger):
    for _ in range(MOST_A_MINUTE):
        stranger.get("/api/v1/verifications/x")
    answer = stranger.get("/api/v1/verifications/x")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) <= 60
    assert stranger.get("/verify?code=x").status_code == 429
