"""Applications over HTTP: what they were born from, what is to mend, what is drafted for them."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from app.commands import grant_intake
from app.commands.decide import Gate
from app.domain.refusals import Invalid
from app.queries.grant_cases import grant_case
from tests import people
from tests import zone as rows
from tests.commands.test_decide import question
from tests.commands.zone_people import INTAKE, Walk
from tests.conftest import START, caller
from tests.decision_zone import LAW

READER = caller("reader", "INTAKE")


@pytest.fixture
def zone(rt):
    return rows.tiny(rt)


@pytest.fixture
def entering(rt, zone):
    """A signed-in client that sends its token with every form, for a set of roles."""
    app = people.application(rt)

    def enter(login, *roles, **scope):
        opened = people.signed_in(rt, people.enrolled(rt, login, *roles, **scope))
        client, token = people.browser(app, opened), people.token(opened)
        return SimpleNamespace(get=client.get, post=lambda path, data=(): client.post(
            path, data=MultiDict([*MultiDict(data).items(multi=True), *token.items()])))

    return enter


def maker(entering, zone):
    return entering("wang", "INST_MAKER", institution=zone.institution.id)


def said(page: str) -> str:
    """What a reader sees: the text without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def fields_of(page: str) -> MultiDict:
    """What a browser would send back from the page's form with four dimensions, unchanged."""
    found = MultiDict()
    for tag in re.findall(r"<input[^>]*>", page):
        name, value, kind = (re.search(rf' {word}="([^"]*)"', tag) for word in (
            "name", "value", "type"))
        ticked = kind is None or kind[1] not in ("checkbox", "radio") or " checked" in tag
        if name and ticked and name[1].startswith(("rights.", "_version")):
            found.add(name[1], value[1] if value else "")
    for name, options in re.findall(r'<select[^>]* name="(rights[^"]*)"[^>]*>(.*?)</select>', page,
                                    re.S):
        found.add(name, re.search(r'value="([^"]*)" selected', options)[1])
    return found


# -- born from a denial ---------------------------------------------------------------------------

@pytest.fixture
def denial(rt, zone):
    gate = Gate(rt, LAW)
    answer = gate.answer(question(zone, purpose="PF.PLM.CHK"))
    gate.close()
    assert answer["decision"] is False
    return answer["context"]["decision_id"]


def test_an_application_born_from_a_denial_tells_what_was_denied(rt, zone, entering, denial):
    walk = Walk(rt, zone).draft(origin_decision=denial)
    for client in (entering("shen", "INTAKE"), maker(entering, zone)):
        page = client.get(f"/grant-cases/{walk.row().number}").text
        assert f'href="/decisions/{denial}"' in page
        assert "结果：拒绝" in page and "PURPOSE.NOT_GRANTED" in page
    assert grant_case(rt, READER, walk.id).origin.number == denial
    assert grant_case(rt, caller("y", "PRICE_REVIEW"), walk.id).origin is None


def test_the_form_a_denial_leads_to_tells_it_too(rt, zone, entering, denial):
    client = maker(entering, zone)
    page = client.get(client.get(f"/cases/new?from={denial}").location).text
    assert f'href="/decisions/{denial}"' in page and "PURPOSE.NOT_GRANTED" in page


@pytest.mark.parametrize("number", ["dec_unknown", "permit", "another's"])
def test_nothing_is_born_from_what_was_no_denial_of_ones_own(rt, zone, denial, number):
    walk = Walk(rt, zone)
    if number == "permit":
        gate = Gate(rt, LAW)
        number = gate.answer(question(zone))["context"]["decision_id"]
        gate.close()
    elif number == "another's":
        walk.maker, number = caller("x", "INST_MAKER", institution="other"), denial
    with pytest.raises(Invalid) as refused:
        walk.draft(origin_decision=number)
    assert [error["at"] for error in refused.value.facts["errors"]] == ["origin_decision"]


# -- one notice of every defect -------------------------------------------------------------------

def test_a_supplement_is_asked_for_by_material_and_shown_by_material(rt, zone, entering):
    walk = Walk(rt, zone).draft().submit()
    desk, where = entering("shen", "INTAKE"), f"/grant-cases/{walk.row().number}"
    [materials] = re.findall(r'<select name="defects.0.material".*?</select>',
                             desk.get(where).text, re.S)
    assert "主体授权书样本" in materials and "业务场景说明" in materials
    told = {"defects.0.material": "CONSENT", "defects.0.code": "DOC.MISSING",
            "defects.0.zh": "未附样本", "defects.1.material": "", "defects.1.code": "DOC.DEFECT",
            "defects.1.zh": "", "defects.2.material": "SCENE", "defects.2.zh": "过简"}
    assert desk.post(f"{where}/request-supplement", told).status_code == 303
    for client in (desk, maker(entering, zone)):
        page = said(client.get(where).text)
        assert "主体授权书样本 未附样本" in page and "业务场景说明 过简" in page


# -- what is to mend ------------------------------------------------------------------------------

def test_an_answer_left_empty_is_told_by_its_titles_with_a_way_to_it(rt, zone, entering):
    walk = Walk(rt, zone).draft().submit()
    grant_intake.request_supplement(rt, INTAKE, walk.id, grant_intake.Defects(defects=[
        {"material": "SCENE", "zh": "过简"}, {"material": "CONSENT", "zh": "未附样本"}]))
    client, where = maker(entering, zone), f"/grant-cases/{walk.row().number}/resubmit"
    refused = client.post(where, {"answers.0.id": "1", "answers.1.id": "2",
                                  "answers.1._kept": "yes", "answers.1.answer": ""})
    assert refused.status_code == 422 and "请修改以下各项" in refused.text
    [href] = re.findall(r'<a href="#([^"]+)" data-mend>补正答复 · 主体授权书样本 · 答复</a>',
                        refused.text)
    assert re.search(rf'id="{re.escape(href)}"[^>]* aria-invalid="true"', refused.text)
    assert "answers.0" not in said(refused.text)


# -- a narrowing drafted for an institution -------------------------------------------------------

@pytest.fixture
def unused(rt, zone):
    rows.set_state(rt, zone.grant, "ACTIVE", valid_from=START - timedelta(days=120))
    return f"/grants/{zone.grant.number}"


def test_a_narrowing_is_drafted_from_the_grant_as_it_is_by_taking_away(rt, entering, unused):
    client = entering("wubiz", "BIZ_REVIEW")
    assert f'href="{unused}/propose"' in client.get(unused).text
    page = client.get(f"{unused}/propose").text
    assert "{" not in said(page)
    form = fields_of(page)
    assert form.getlist("rights.field") == ["ent_name", "tax_grade"]
    form |= {"title": "去掉未用数据项", "reason": "近180日未使用"}
    form.setlist("rights.field", ["ent_name"])
    form["rights.retention_days"] = "30"
    done = client.post(f"{unused}/propose", form)
    assert done.status_code == 303 and "/grant-cases/GC-" in done.location
    drafted = grant_case(rt, READER, done.location.rpartition("/")[2])
    assert [item["field"] for item in drafted.requested["scope"]["fields"]] == ["ent_name"]
    assert drafted.requested["term"]["retention_days"] == 30


@pytest.mark.parametrize(("changes", "place"), [
    ({"rights.retention_days": "999"}, "rights-retention_days"),
    ({"rights.to": "2030-01-01"}, "rights-to"),
    ({"rights.business_ref_required": ""}, "rights-business_ref_required"),
    ({"rights.regions": ""}, "rights-regions"),
    ({"rights.purpose": "PF.PLM.CHK"}, "rights-purpose"),
    ({"rights.population": "ALL"}, "rights-population")])
def test_whatever_would_widen_is_refused_at_its_field(entering, unused, changes, place):
    client = entering("wubiz", "BIZ_REVIEW")
    form = fields_of(client.get(f"{unused}/propose").text)
    for name, value in {"title": "收窄", "reason": "近180日未使用", **changes}.items():
        form[name] = value
    refused = client.post(f"{unused}/propose", form)
    assert refused.status_code == 422 and "不得放宽" in refused.text
    assert f'<a href="#{place}" data-mend>' in refused.text
    assert re.search(rf'id="{place}"[^>]* aria-invalid="true"', refused.text)


def test_a_suspended_grant_is_proposed_without_dimensions(rt, zone, entering):
    rows.set_state(rt, zone.grant, "SUSPENDED", suspended_for="HOLD.REQUESTED")
    client, where = entering("wubiz", "BIZ_REVIEW"), f"/grants/{zone.grant.number}/propose"
    assert "rights.purpose" not in client.get(where).text
    done = client.post(where, {"title": "恢复授权", "reason": "事由已消除"})
    assert done.status_code == 303
    assert entering("qian", "APPROVER").get(where).status_code == 403


def test_a_call_refused_after_the_end_leads_to_a_new_application_like_the_grant(rt, zone,
                                                                                  entering):
    rt.clock.forward(days=300)
    gate = Gate(rt, LAW)
    said = gate.answers([question(zone)])[0]["context"]
    gate.close()
    assert "TERM.GRANT_EXPIRED" in [one["code"] for one in said["reasons"]]
    rows.set_state(rt, zone.grant, "EXPIRED")
    maker = entering("maker", "INST_MAKER", institution=zone.institution.id)
    led = maker.get(f"/cases/new?kind=RENEW&from={said['decision_id']}")
    assert f"like={zone.grant.number}" in led.location and "kind=" not in led.location
    form = maker.get(led.location).text
    assert "新建授权申请" in form
    assert re.search(r'name="rights.field" value="ent_name"[^>]* checked', form)


def test_a_grant_near_its_end_is_renewed_from_its_sheet(rt, zone, entering):
    rt.clock.forward(days=150)
    maker = entering("maker", "INST_MAKER", institution=zone.institution.id)
    assert "kind=RENEW" in maker.get(f"/grants/{zone.grant.number}").text
    address = f"/grant-cases/new?kind=RENEW&grant={zone.grant.number}"
    form = maker.get(address).text
    posted = MultiDict([(name, value) for name, value in re.findall(
        r'<input type="hidden" name="(kind|product|grant|rights\.product)" value="([^"]*)"', form)])
    assert posted["kind"] == "RENEW" and posted["grant"] == zone.grant.number
    assert re.search(r'name="rights.to"[^>]* value="2028-', form), "the term is a year longer"
