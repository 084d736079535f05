"""The forms of an admission case over HTTP: scored by row, defects told by row, refusals kept."""

import pytest

from app.commands import admission_review
from app.commands.command import Empty
from app.domain.criteria import Kind
from app.engines import criteria
from app.queries.admission import admission_case
from app.web import create_app
from tests import people
from tests.commands import applicants as a


@pytest.fixture
def case(rt):
    return a.submitted(rt, a.registered(rt))


def post(rt, case, who, role, form, to):
    opened = people.signed_in(rt, people.enrolled(rt, who, role))
    client = people.browser(create_app(rt), opened)
    number = admission_case(rt, a.BOSS, case).number
    return client, client.post(f"/admission-cases/{number}/{to}", data=form | people.token(opened))


def test_the_score_sheet_is_filled_row_by_row(rt, case):
    admission_review.accept(rt, a.INTAKE, case, Empty())
    ids = [item.id for item in criteria.published()[Kind.BANK].items]
    rows = {f"result-{key}": "MET" for key in ids} | {"sources": "信用中国\n许可证查询"}
    client, short = post(rt, case, "wubiz", "BIZ_REVIEW", rows | {f"result-{ids[0]}": ""},
                         "score")
    page = short.get_data(as_text=True)
    assert short.status_code == 422 and "每项准入标准都须评定" in page and "许可证查询" in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    number = admission_case(rt, a.BOSS, case).number
    done = client.post(f"/admission-cases/{number}/score", data=rows | {"csrf_token": token})
    assert done.status_code == 303
    seen = admission_case(rt, a.BOSS, case)
    assert seen.state == "COMPLIANCE" and seen.diligence["sources"] == ["信用中国", "许可证查询"]


def test_defects_are_told_row_by_row(rt, case):
    form = {"code-0": "DOC.DEFECT", "material-0": "营业执照", "defect-0": "不清晰",
            "code-3": "DOC.MISSING", "material-3": "测评报告"}
    _, done = post(rt, case, "shouli", "INTAKE", form, "defects")
    assert done.status_code == 303
    seen = admission_case(rt, a.BOSS, case)
    assert seen.state == "SUPPLEMENT"
    assert [line["material"] for line in seen.defects] == ["营业执照", "测评报告"]


@pytest.mark.parametrize("form", [{}, {"material-0": "x", "code-0": "BAD"},
                                  {"code-0": "DOC.DEFECT", "defect-0": "没有材料名"}])
def test_an_empty_or_strange_list_is_refused_with_a_sentence(rt, case, form):
    _, answer = post(rt, case, "shouli", "INTAKE", form, "defects")
    assert answer.status_code == 422 and "notice" in answer.get_data(as_text=True)
    assert admission_case(rt, a.BOSS, case).state == "SUBMITTED"


def test_the_form_is_drawn_for_who_may_send_it(rt, case):
    client, _ = post(rt, case, "shouli", "INTAKE", {}, "defects")
    number = admission_case(rt, a.BOSS, case).number
    assert "发出补正通知" in client.get(f"/admission-cases/{number}").get_data(as_text=True)
    opened = people.signed_in(rt, people.enrolled(rt, "shenji", "AUDITOR"))
    page = people.browser(create_app(rt), opened).get(f"/admission-cases/{number}")
    assert page.status_code == 200 and "发出补正通知" not in page.get_data(as_text=True)
