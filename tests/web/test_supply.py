"""The forms of the supplying side over HTTP: fields listed, told, answered and graded by row."""

import re

import pytest

from app.commands import prices, product_versions
from app.queries.onboarding import onboarding_case
from app.web import create_app
from tests import people
from tests.commands import supply


@pytest.fixture
def home(rt):
    return supply.department(rt)


def walk(rt, who: str, role: str, **scope):
    """A browser signed in, and the token its forms carry."""
    opened = people.signed_in(rt, people.enrolled(rt, who, role, **scope))
    return people.browser(create_app(rt), opened), people.token(opened)


def seen(rt, case):
    return onboarding_case(rt, supply.COMP, case)


def rows(name: str, *given: dict) -> dict[str, str]:
    return {f"{name}.{at}.{key}": value for at, row in enumerate(given)
            for key, value in row.items()}


JUDGED = {"category": "tax_paid", "grade": "2", "grade_class": "GENERAL", "mask": "CLEAR",
          "subject_kind": "ENTERPRISE", "event_end_field": "", "reason": "按业务含义核定",
          "_kept": "yes"}


def test_defects_are_told_by_row_and_answered_by_row(rt, home):
    case = supply.submitted(rt, home)
    base = f"/onboarding-cases/{seen(rt, case).number}"
    desk, token = walk(rt, "shouli", "INTAKE")
    told = rows("defects", {"field": "质量报告", "zh": "不清晰", "code": "DOC.DEFECT"}, {},
                {"field": "", "zh": "", "en": "", "code": "DOC.DEFECT"},
                {"field": "来源说明", "zh": "缺依据文号", "code": "DOC.DEFECT"})
    assert desk.post(f"{base}/request-supplement", data=told | token).status_code == 303
    assert [defect["field"] for defect in seen(rt, case).defects] == ["质量报告", "来源说明"]
    he, token = walk(rt, "liaison", "DEPT_LIAISON", department=home)
    page = he.get(base).get_data(as_text=True)
    assert 'name="answers.1.answer"' in page and "缺依据文号" in page
    half = rows("answers", {"field": "质量报告", "answer": "已更换", "_kept": "yes"})
    short = he.post(f"{base}/resubmit", data=half | token)
    assert short.status_code == 422 and "仍有补正事项未答复" in short.get_data(as_text=True)


@pytest.mark.parametrize(("role", "offered"), [
    ("SEC_REVIEW", "SECURITY"), ("COMP_REVIEW", "COMPLIANCE"), ("PRICE_REVIEW", "PRICE")])
def test_a_reviewer_is_offered_the_opinion_of_the_role_and_no_other(rt, home, role, offered):
    product, version = supply.product(rt, supply.online(rt, home))
    supply.priced(rt, product)
    product_versions.submit(rt, supply.BIZ, version, supply.NOW)
    reviewer, _ = walk(rt, "shenhe", role)
    page = reviewer.get(f"/product-versions/{version}").text
    [kinds] = re.findall(r'<select name="kind".*?</select>', page, re.S)
    assert [code for code in re.findall(r'value="(\w*)"', kinds) if code] == [offered]


def test_the_field_list_is_kept_by_row(rt, home):
    case = supply.drafted(rt, home)
    base = f"/onboarding-cases/{seen(rt, case).number}"
    he, token = walk(rt, "liaison", "DEPT_LIAISON", department=home)
    assert 'name="fields.0.code"' in he.get(base).get_data(as_text=True)
    listed = rows("fields", {"code": "NSE", "name": "年纳税额", "type": "DECIMAL"},
                  {"code": "", "name": "", "type": ""},
                  {"code": "HY", "name": "行业", "type": "VARCHAR"})
    # The liaison of the department may change what another of the department drafted.
    assert he.post(f"{base}/list-fields", data=listed | token).status_code == 303
    assert {field.code: field.name for field in seen(rt, case).fields} == {
        "TYSHXYDM": "统一社会信用代码", "NSE": "年纳税额", "HY": "行业"}


def test_fields_are_graded_in_one_form_and_only_where_ticked(rt, home):
    case = supply.accepted(rt, home)
    sheet = seen(rt, case)
    base, dataset = f"/onboarding-cases/{sheet.number}", f"/datasets/{sheet.dataset_number}"
    judge, token = walk(rt, "sunsec", "SEC_REVIEW")
    assert f'action="{dataset}/set-gradings"' in judge.get(base).get_data(as_text=True)
    said = rows("items", JUDGED | {"field": "TYSHXYDM"}, {
        name: value for name, value in (JUDGED | {"field": "NSE"}).items() if name != "_kept"})
    done = judge.post(f"{dataset}/set-gradings", data=said | token | {"_back": base})
    assert done.status_code == 303 and done.headers["Location"].endswith(base)
    assert [(field.code, field.grade) for field in seen(rt, case).fields] == [
        ("TYSHXYDM", 2), ("NSE", None)]


def test_a_refused_grading_shows_what_was_entered_at_its_row(rt, home):
    case = supply.accepted(rt, home)
    dataset = f"/datasets/{seen(rt, case).dataset_number}"
    judge, token = walk(rt, "sunsec", "SEC_REVIEW")
    said = rows("items", JUDGED | {"field": "NSE", "category": "写到一半的分类",
                                   "negative": "yes"})
    refused = judge.post(f"{dataset}/set-gradings", data=said | token)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "写到一半的分类" in page and "不良信息须指明事件终止日数据项" in page
    assert seen(rt, case).ungraded == 2


def test_a_published_price_offers_no_publishing_and_says_why_it_cannot_be_again(rt, home):
    product, _ = supply.product(rt, supply.online(rt, home))
    filed = prices.create(rt, supply.PRICE, prices.NewPrice(
        product=product, price_class="CHARGED", unit="次", list_price=50, ceiling=100,
        ceiling_document=supply.file(rt, "ceiling")))
    desk, token = walk(rt, "dingjia", "PRICE_REVIEW")
    page = f"/price-entries/{filed.id}"
    assert f"{page}/publish" in desk.get(page).get_data(as_text=True)
    assert desk.post(f"{page}/publish", data=token).status_code == 303
    assert f"{page}/publish" not in desk.get(page).get_data(as_text=True)
    again = desk.post(f"{page}/publish", data=token)
    shown = again.get_data(as_text=True)
    assert again.status_code == 409 and "data-open>" not in shown
    assert "价格已公布" in re.search(r'role="status">(.*?)</main>', shown, re.S)[1]
