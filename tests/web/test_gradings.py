"""The grading sheet over HTTP: what is proposed and why, in both languages, and what is done."""

import io
import re

import openpyxl
import pytest

from app.commands import gradings, regrades, rule_proposals
from app.queries.onboarding import onboarding_case
from app.web import create_app
from app.web.words import COOKIE as LANGUAGE
from tests import people
from tests.commands import supply
from tests.commands.test_contradictions import lowered, scanned
from tests.commands.test_rule_proposals import FIELDS, fields
from tests.web.test_supply import rows

MANY = tuple((f"col_{at}", "企业名称", "VARCHAR") for at in range(300))


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def judge(rt):
    """The security reviewer's browser and the token of its forms."""
    opened = people.signed_in(rt, people.enrolled(rt, "sunsec", "SEC_REVIEW"))
    return people.browser(create_app(rt), opened), people.token(opened)


def addresses(rt, case: str) -> tuple[str, str]:
    found = onboarding_case(rt, supply.SEC, case)
    return f"/onboarding-cases/{found.number}", f"/datasets/{found.dataset_number}"


def test_a_row_shows_what_is_proposed_how_surely_and_why(rt, home, judge):
    client, _ = judge
    base, _ = addresses(rt, supply.accepted(rt, home, fields=FIELDS))
    page = client.get(base).text
    assert "法定代表人证件号码" in page and "中文名读作" in page
    assert re.search(r"规则 [0-9a-f]{12}", page)
    assert '<option value="legal_rep_id" selected>' in page
    assert '<option value="3" selected>L3</option>' in page
    assert "未能识别" in page  # the column whose names say nothing
    assert not re.search(r'_kept" value="yes" checked', page)
    client.set_cookie(LANGUAGE, "en", domain="localhost")
    page = client.get(base).text
    assert "the title reads as" in page and re.search(r"Rules [0-9a-f]{12}", page)
    assert "中文名读作" not in page


def test_the_rules_run_again_by_button_and_confident_proposals_are_confirmed_by_one(
        rt, home, judge):
    client, token = judge
    case = supply.accepted(rt, home, fields=FIELDS)
    base, dataset = addresses(rt, case)
    page = client.get(base).text
    assert f'action="{dataset}/propose-by-rules"' in page
    assert f'action="{dataset}/confirm-proposals"' in page
    assert client.post(f"{dataset}/propose-by-rules",
                       data=token | {"_back": base}).status_code == 303
    least = max(field.confidence for field in fields(
        rt, supply.dataset_id(rt, case)).values())
    done = client.post(f"{dataset}/confirm-proposals", data=token | {
        "reason": "逐项核对", "minimum": str(least), "_back": base})
    assert (done.status_code, done.headers["Location"]) == (303, base)
    found = fields(rt, supply.dataset_id(rt, case)).values()
    assert {bool(field.confirmed_by) for field in found} == {True, False}
    assert all((field.confidence == least) == bool(field.confirmed_by) for field in found)


def test_a_row_that_leaves_its_proposal_without_a_reason_is_told_so(rt, home, judge):
    client, token = judge
    case = supply.accepted(rt, home, fields=FIELDS)
    _, dataset = addresses(rt, case)
    said = {"field": "tyshxydm", "_kept": "yes", "category": "uscc", "grade": "2",
            "grade_class": "GENERAL", "subject_kind": "ENTERPRISE", "mask": "CLEAR"}
    refused = client.post(f"{dataset}/set-gradings", data=rows("items", said) | token)
    assert refused.status_code == 422 and "改变建议须填写理由" in refused.text
    said |= {"reason": "与其他数据项关联"}
    done = client.post(f"{dataset}/set-gradings", data=rows("items", said) | token)
    assert done.status_code == 303
    field = fields(rt, supply.dataset_id(rt, case))["tyshxydm"]
    assert (field.grade, field.element, field.override_reason) == (2, "uscc", said["reason"])


def test_a_dataset_shows_confirmed_grades_below_what_is_proposed_now(rt, home, judge):
    client, token = judge
    key = supply.online(rt, home, fields=FIELDS)
    lowered(rt, key, "fddbrsfzh", 1)
    rule_proposals.propose_by_rules(rt, supply.SEC, key, supply.NOW)
    page = client.get(f"/datasets/{key}").text
    assert "现有建议更高" in page and "settle-contradictions" in page
    regrades.regrade_up(rt, supply.SEC, key, regrades.Raises(reason="含身份证号码", items=[
        regrades.Raise(field="fddbrsfzh", grade=3, personal=True, sensitive=True)]))
    assert "现有建议更高" not in client.get(f"/datasets/{key}").text


def test_three_hundred_fields_stand_on_one_page_with_the_categories_once(rt, home, judge):
    base, _ = addresses(rt, supply.accepted(rt, home, fields=MANY))
    page = judge[0].get(base).text
    assert page.count("data-categories>") == 300
    assert page.count('<option value="postcode">') == 1
    assert len(page) < 2_500_000


def test_the_sheet_leaves_as_a_workbook_and_comes_back_signed(rt, home, judge):
    client, token = judge
    case = supply.accepted(rt, home, fields=FIELDS)
    base, dataset = addresses(rt, case)
    assert f'href="{dataset}/gradings.xlsx"' in client.get(base).text
    sheet = client.get(f"{dataset}/gradings.xlsx")
    assert sheet.status_code == 200 and sheet.mimetype.endswith("spreadsheetml.sheet")
    cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(
        io.BytesIO(sheet.data)).active.iter_rows()]
    assert cells[3][6:8] == ["legal_rep_id 法定代表人证件号码", "L3"]
    assert cells[-1][0].startswith("※ 数据提供部门（盖章）")
    done = client.post(f"{dataset}/import-gradings", data=token | {
        "file": (io.BytesIO(sheet.data), "分级表.xlsx"), "_back": base})
    assert done.status_code == 303
    assert {code for code, field in fields(rt, supply.dataset_id(rt, case)).items()
            if not field.confirmed_by} == {"qzx7"}


def test_a_sheet_with_faults_is_told_cell_by_cell(rt, home, judge):
    client, token = judge
    _, dataset = addresses(rt, supply.accepted(rt, home, fields=FIELDS))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{dataset}/gradings.xlsx").data))
    book.active["H2"], book.active["H3"] = "L9", "=1"
    body = io.BytesIO()
    book.save(body)
    refused = client.post(f"{dataset}/import-gradings", data=token | {
        "file": (io.BytesIO(body.getvalue()), "分级表.xlsx")})
    assert refused.status_code == 422
    for told in ("H2", "应为 L1 至 L5", "H3", "不接受公式"):
        assert told in refused.text


def seen(page: str) -> dict[str, str]:
    """The version of the dataset as the form of the page saw it; every form of it saw the same."""
    [version] = set(re.findall(r'name="_version" value="(\d+)"', "".join(
        re.findall(r'<form[^>]*action="/datasets/.*?</form>', page, re.S))))
    return {"_version": version}


@pytest.mark.parametrize("action", ["set-gradings", "confirm-proposals", "propose-by-rules",
                                    "import-gradings"])
def test_a_form_that_saw_an_older_dataset_is_refused(rt, home, judge, action):
    client, token = judge
    case = supply.accepted(rt, home, fields=FIELDS)
    base, dataset = addresses(rt, case)
    old = seen(client.get(base).text)
    said = rows("items", {"field": "tyshxydm", "_kept": "yes", "category": "uscc", "grade": "1",
                          "grade_class": "GENERAL", "subject_kind": "ENTERPRISE",
                          "mask": "CLEAR"}) | {"reason": "逐项核对"}
    key = fields(rt, supply.dataset_id(rt, case))["tyshxydm"].id
    gradings.set_grading(rt, supply.SEC, key, gradings.Grading(
        category="uscc", grade=4, reason="与其他数据项关联"))
    file = {"file": (io.BytesIO(client.get(f"{dataset}/gradings.xlsx").data), "分级表.xlsx")}
    given = file if action == "import-gradings" else {}
    refused = client.post(f"{dataset}/{action}", data=token | old | said | given)
    assert refused.status_code == 412 and "刷新后再办理" in refused.text
    assert fields(rt, supply.dataset_id(rt, case))["tyshxydm"].grade == 4
    if action == "set-gradings":  # who looked again and means it says why
        again = token | seen(client.get(base).text)
        bare = {name: value for name, value in said.items() if name != "reason"}
        told = client.post(f"{dataset}/{action}", data=again | bare)
        assert told.status_code == 422 and "更改已确认的分级须填写理由" in told.text
        done = client.post(f"{dataset}/{action}", data=again | bare | {
            "items.0.reason": "复核后恢复"})
        assert done.status_code == 303


def test_a_refusal_for_the_whole_dataset_is_heeded_from_the_form_too(rt, home, judge):
    client, token = judge
    case = supply.accepted(rt, home, fields=(("fzrxm", "负责人姓名", "VARCHAR"),
                                             ("zyfzrxm", "主要负责人姓名", "VARCHAR")))
    base, dataset = addresses(rt, case)
    was = fields(rt, supply.dataset_id(rt, case))["zyfzrxm"].proposed_element
    said = rows("items", {"field": "fzrxm", "_kept": "yes", "category": "ent_name", "grade": "3",
                          "grade_class": "GENERAL", "subject_kind": "ENTERPRISE", "mask": "CLEAR",
                          "reason": "本表填写企业简称", "reach": "DATASET"})
    page = client.get(base).text
    assert client.post(f"{dataset}/set-gradings",
                       data=token | seen(page) | said).status_code == 303
    assert fields(rt, supply.dataset_id(rt, case))["zyfzrxm"].proposed_element != was


def test_a_view_above_a_confirmed_grade_is_settled_where_the_case_is_graded(rt, home, judge):
    client, token = judge
    case = supply.accepted(rt, home, fields=FIELDS)
    base, dataset = addresses(rt, case)
    assert "settle-contradictions" not in client.get(base).text
    supply.grade(rt, case)
    scanned(rt, supply.dataset_id(rt, case), "qymc")
    page = client.get(base).text
    assert "现有建议更高" in page and "仍有低于建议的分级未核对" in page
    done = client.post(f"{dataset}/settle-contradictions", data=token | seen(page) | {
        "reason": "核对为企业名称", "_back": base})
    assert (done.status_code, done.headers["Location"]) == (303, base)
    assert "settle-contradictions" not in client.get(base).text
