"""Desk, search, emergency stop, applications and the API page over HTTP, as signed-in people."""

import re

import pytest

from app.queries.grant_cases import CaseFilters, grant_cases
from app.web import create_app, lane
from app.web.pages.interfaces import operations
from tests import people
from tests import zone as rows
from tests.commands.zone_people import Walk
from tests.conftest import caller

# What is tried out on these addresses tells its members in one language so far.
ELSEWHERE = ("/api/v1/identifiers/try", "/api/v1/text/")


@pytest.fixture
def zone(rt):
    return rows.tiny(rt)


@pytest.fixture
def app(rt, zone):
    app = lane.mount(create_app(rt), rt)
    yield app
    app.extensions["gate"].close()


@pytest.fixture
def entering(rt, app, zone):
    """A signed-in client and the token of its forms, for a set of roles."""

    def enter(login, *roles, **scope):
        opened = people.signed_in(rt, people.enrolled(rt, login, *roles, **scope))
        return people.browser(app, opened), people.token(opened)

    return enter


def test_the_desk_shows_what_waits_and_nothing_to_strangers(entering, app, rt, zone):
    Walk(rt, zone).draft(title="首贷核验申请").submit()
    client, _ = entering("shen", "INTAKE")
    page = client.get("/").text
    assert "首贷核验申请" in page and "GC-2026-000001" in page
    assert people.browser(app).get("/").status_code == 303
    other, _ = entering("lian", "DEPT_LIAISON", department=zone.department.id)
    assert "首贷核验申请" not in other.get("/").text


@pytest.mark.parametrize("query", ["?urgency=<b>", "?page=-1", "?page=99999999999", "?queue=.",
                                   "?q=%00", "?mine=maybe"])
def test_a_senseless_filter_shows_the_desk_all_the_same(entering, query):
    client, _ = entering("shen", "INTAKE")
    assert client.get(f"/{query}").status_code == 200


def test_an_exact_number_opens_its_object_and_words_list_what_holds_them(entering, zone):
    client, _ = entering("shen", "INTAKE")
    found = client.get(f"/search?q={zone.department.number}")
    assert found.status_code == 303 and found.location.endswith(zone.department.number)
    assert zone.department.name in client.get(f"/search?q={zone.department.name[:4]}").text


def test_a_guest_finds_nothing_of_others(entering, rt, zone):
    maker, _ = entering("wang", "INST_MAKER", institution=zone.institution.id)
    page = maker.get(f"/search?q={zone.department.number}")
    assert page.status_code == 200 and zone.department.name not in page.text


def test_a_stop_shows_its_impact_stops_and_proves_itself(entering, zone):
    client, token = entering("feng", "SEC_REVIEW")
    looked = client.get(
        f"/emergency-stop?link=institution&object={zone.institution.number}").text
    assert zone.grant.number in looked
    done = client.post("/emergency-stop", data={
        **token, "link": "institution", "object": zone.institution.number, "kind": "EMERGENCY",
        "reason": "发现异常调用"})
    assert done.status_code == 303 and "/emergency-stop/HOLD-" in done.location
    assert "probe=" in done.location and "probe=&" not in done.location
    proof = client.get(done.location).text
    assert "一次真实调用已被拒绝" in proof


def test_a_stop_without_a_reason_stops_nothing_and_says_what_to_mend(entering, zone, rt):
    client, token = entering("feng", "SEC_REVIEW")
    refused = client.post("/emergency-stop", data={
        **token, "link": "institution", "object": zone.institution.number, "reason": ""})
    assert refused.status_code == 422 and "必填" in refused.text
    assert "目前没有停用" in client.get("/emergency-stop").text


def test_who_may_not_stop_sees_the_impact_only(entering, zone):
    client, token = entering("sun", "AUDITOR")
    page = client.get(f"/emergency-stop?link=institution&object={zone.institution.number}").text
    assert "您的岗位只能查看影响清单" in page and "立即停用" not in page
    assert client.post("/emergency-stop", data={
        **token, "link": "institution", "object": zone.institution.number,
        "reason": "试一试"}).status_code == 403
    guest, _ = entering("wang", "INST_MAKER", institution=zone.institution.id)
    assert guest.get("/emergency-stop").status_code == 403
    assert client.get("/emergency-stop?link=nonsense&object=x").status_code == 404


def application(zone, **changes):
    return {"title": "首次授信用数", "scene": "小微企业首贷", "necessity": "核验",
            "security_measures": "专网", "volume_per_day": "200", "kind": "NEW",
            "product": zone.product.number, "rights.product": zone.product.number,
            "rights.purpose": "PF.CRD.NEW", "rights.business_ref_required": "yes",
            "rights.field": ["ent_name"], "rights.treatment.ent_name": "CLEAR",
            "rights.version_from": "2.1", "rights.version_to": "2.1",
            "rights.population": "OWN_CUSTOMERS", "rights.subject_kinds": "ENTERPRISE",
            "rights.way": "QUERY_ONE|API|PROD", "rights.output_form": "DERIVED",
            "rights.from": "2026-12-01", "rights.to": "2027-06-30",
            "rights.retention_days": "180", "rights.data_life_days": "30", **changes}


def test_an_application_is_written_as_a_form_and_changed_as_one(entering, rt, zone):
    maker, token = entering("wang", "INST_MAKER", institution=zone.institution.id)
    assert zone.product.number in maker.get("/grant-cases/new").text
    assert "rights.purpose" in maker.get(f"/grant-cases/new?product={zone.product.number}").text
    made = maker.post("/grant-cases/new", data={**token, **application(zone)})
    assert made.status_code == 303, made.text[:2000]
    case = made.location.rpartition("/")[2]
    edit = maker.get(f"/grant-cases/{case}/edit").text
    assert "首次授信用数" in edit and 'value="2027-06-30"' in edit
    changed = maker.post(f"/grant-cases/{case}/edit", data={
        **token, **application(zone, title="改名", **{"rights.to": "2027-05-31"}), "_version": "1"})
    assert changed.status_code == 303
    stale = maker.post(f"/grant-cases/{case}/edit", data={
        **token, **application(zone, title="又改"), "_version": "1"})
    assert stale.status_code == 412
    reader = caller("reader", "INTAKE")
    assert [line.title for line in grant_cases(rt, reader, CaseFilters()).items] == ["改名"]


def test_what_is_wrong_in_an_application_is_said_under_its_dimension(entering, rt, zone):
    maker, token = entering("wang", "INST_MAKER", institution=zone.institution.id)
    refused = maker.post("/grant-cases/new", data={
        **token, **application(zone, **{"rights.purpose": [], "rights.to": "2020-01-01"})})
    assert refused.status_code == 422
    assert '<a href="#rights-purpose" data-mend>目的 · 用于（产品允许的目的）</a>' in refused.text
    assert '<a href="#rights-to" data-mend>期限 · 至（含当日）</a>' in refused.text
    assert "purpose.nodes" not in refused.text and "term.to" not in refused.text
    assert re.search(r'id="rights-purpose" aria-invalid="true"', refused.text)
    assert "首次授信用数" in refused.text
    assert grant_cases(rt, caller("reader", "INTAKE"), CaseFilters()).total == 0


def test_a_denial_leads_to_the_form_for_its_product(entering, rt, zone):
    maker, _ = entering("wang", "INST_MAKER", institution=zone.institution.id)
    assert maker.get("/cases/new?kind=NEW").location == "/grant-cases/new"
    assert maker.get("/cases/new?from=dec_unknown").status_code == 404


def test_the_api_page_lists_the_operations_for_signed_in_people_only(entering, app):
    client, _ = entering("shen", "INTAKE")
    page = client.get("/api?q=grant-cases").text
    assert "/api/v1/grant-cases" in page and "/api/v1/departments" not in page
    assert people.browser(app).get("/api").status_code == 303


def test_every_meaning_on_the_api_page_stands_in_both_languages(app):
    """Initials such as USCC and SHA-256 are the same in both."""
    entries = [entry for one in operations(app.api_doc) for entry in (*one.parameters, *one.body)
               if not one.path.startswith(ELSEWHERE)]
    untold = {entry.name for entry in entries
              if not re.search("[\u4e00-\u9fff].* / .*[A-Za-z]", entry.title)}
    assert len(entries) > 500 and untold == set()


def test_the_language_is_kept_and_never_leads_away(entering):
    client, token = entering("shen", "INTAKE")
    done = client.post("/language", data={**token, "language": "en", "next": "//evil.example"})
    assert done.status_code == 303 and done.location == "/"
    assert "Work desk" in client.get("/").text
    client.post("/language", data={**token, "language": "xx", "next": "/"})
    assert "Work desk" in client.get("/").text


@pytest.mark.parametrize(("path", "entry"), [
    ("/product-versions", "/products"), ("/products", "/products"), ("/", "/"), ("/me", None),
    ("/grant-cases/new?product=", "/grant-cases"), ("/catalogue/import", "/catalogue/import")])
def test_the_entry_a_page_stands_under_is_marked_and_no_other(entering, path, entry):
    client, _ = entering("shen", "BIZ_REVIEW", "INTAKE", "OPS")
    marked = re.findall(r'<a href="([^"]+)" aria-current="page"', client.get(path).text)
    assert marked == ([entry] if entry else [])
