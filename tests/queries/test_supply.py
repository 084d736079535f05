"""What people see of the supplying side: their own, what is offered, and why a button is grey."""

import pytest

from app.domain.refusals import NotAllowed, NotFound
from app.queries.datasets import DatasetFilters, dataset, datasets
from app.queries.departments import department
from app.queries.fields import FieldFilters, dataset_field, dataset_fields
from app.queries.head_agreements import head_agreement, head_agreements
from app.queries.onboarding import CaseFilters, onboarding_case, onboarding_cases
from app.queries.prices import PriceFilters, price, prices
from app.queries.product_versions import VersionFilters, product_version, product_versions
from app.queries.products import ProductFilters, product, products
from app.queries.query import Filters
from tests.commands import supply
from tests.conftest import caller

AUDITOR, BANK = caller("au", "AUDITOR"), caller("bank", "INST_MAKER", institution="i1")


@pytest.fixture
def home(rt):
    return supply.department(rt)


def can(sheet) -> dict[str, bool]:
    return {choice.action: choice.allowed for choice in sheet.choices}


def test_a_case_shows_its_fields_its_clock_and_who_is_next(rt, home):
    case = supply.accepted(rt, home)
    sheet = onboarding_case(rt, supply.SEC, case)
    assert [field.code for field in sheet.fields] == ["TYSHXYDM", "NSE"]
    assert (sheet.ungraded, [clock.kind for clock in sheet.clocks]) == (2, ["grading"])
    assert [(task.role, task.action) for task in sheet.tasks] == [
        ("SEC_REVIEW", "submit_grading")]
    assert can(sheet) == {"submit_grading": False, "withdraw": False}
    why = next(choice for choice in sheet.choices if choice.action == "submit_grading")
    assert "未确认分类分级" in why.why_zh and "no confirmed" in why.why_en
    supply.grade(rt, case)
    assert can(onboarding_case(rt, supply.SEC, case))["submit_grading"]
    assert not can(onboarding_case(rt, supply.INTAKE, case))["submit_grading"]


def test_a_liaison_sees_what_they_may_still_change(rt, home):
    case = supply.drafted(rt, home)
    he = supply.liaison(home)
    assert {action for action, allowed in can(onboarding_case(rt, he, case)).items()
            if allowed} == {"edit", "list_fields", "attach", "submit", "withdraw"}
    supply.onboarding.submit(rt, he, case, supply.NOW)
    sheet = onboarding_case(rt, he, case)
    assert not can(sheet)["edit"] and can(sheet)["withdraw"]
    assert [step.action for step in sheet.timeline] == ["submit"]


def test_a_department_sees_its_own_and_nothing_of_another(rt, home):
    case = supply.submitted(rt, home)
    key = supply.dataset_id(rt, case)
    stranger = caller("x", "DEPT_LIAISON", department="other")
    for run, ref in ((onboarding_case, case), (dataset, key), (department, home)):
        with pytest.raises(NotFound):
            run(rt, stranger, ref)
    assert onboarding_cases(rt, stranger, CaseFilters()).total == 0
    assert datasets(rt, stranger, DatasetFilters()).total == 0
    assert dataset_fields(rt, stranger, FieldFilters(dataset=key)).total == 0
    listed = onboarding_cases(rt, supply.liaison(home), CaseFilters())
    assert (listed.total, listed.items[0].fields) == (1, 2)


def test_lists_are_found_by_word_state_and_owner(rt, home):
    case = supply.submitted(rt, home)
    number = onboarding_case(rt, AUDITOR, case).number
    for filters, found in (({"q": "纳税"}, 1), ({"q": number}, 1), ({"q": "100%_"}, 0),
                           ({"state": "DRAFT"}, 0), ({"department": home}, 1),
                           ({"open": True}, 1), ({"dataset": "no"}, 0)):
        assert onboarding_cases(rt, AUDITOR, CaseFilters(**filters)).total == found, filters
    key = supply.dataset_id(rt, case)
    for filters, found in (({"q": "TAX"}, 1), ({"grade": 2}, 0), ({"state": "PENDING"}, 1),
                           ({"registration": "FILED"}, 0)):
        assert datasets(rt, AUDITOR, DatasetFilters(**filters)).total == found, filters
    assert dataset_fields(rt, AUDITOR, FieldFilters(dataset=key, unconfirmed=True)).total == 2
    assert dataset_fields(rt, AUDITOR, FieldFilters(dataset=key, q="NSE")).total == 1


def test_fields_are_opened_one_by_one(rt, home):
    case = supply.accepted(rt, home)
    line = onboarding_case(rt, AUDITOR, case).fields[1]
    assert dataset_field(rt, AUDITOR, line.id) == line


def test_an_institution_sees_products_once_they_are_offered(rt, home):
    key = supply.online(rt, home)
    made, version = supply.product(rt, key)
    for run, ref in ((product, made), (product_version, version)):
        with pytest.raises(NotFound):
            run(rt, BANK, ref)
    assert products(rt, BANK, ProductFilters()).total == 0
    assert product_versions(rt, BANK, VersionFilters(product=made)).total == 0
    assert product(rt, supply.BIZ, made).versions[0].state == "DRAFT"
    assert can(product_version(rt, supply.BIZ, version)) == {"edit": True, "submit": True}


def test_what_is_offered_shows_no_names_of_the_zone(rt, home):
    made, version, key = supply.listed(rt, home)
    sheet = product(rt, BANK, made)
    assert (sheet.choices, sheet.timeline, sheet.tasks) == ((), (), ())
    assert product_version(rt, BANK, version).reviews == ()
    assert sheet.fields[0]["dataset"].startswith("DS-") and sheet.prices[0].list_price == 50
    with pytest.raises(NotAllowed):
        dataset(rt, BANK, key)
    with pytest.raises(NotAllowed):
        head_agreements(rt, BANK, Filters())


def test_unpublished_prices_stay_inside(rt, home):
    made, _, _ = supply.listed(rt, home)
    draft = supply.prices.create(rt, supply.PRICE, supply.prices.NewPrice(
        product=made, price_class="FREE"))
    assert prices(rt, BANK, PriceFilters(product=made)).total == 1
    assert prices(rt, AUDITOR, PriceFilters(product=made)).total == 2
    with pytest.raises(NotFound):
        price(rt, BANK, draft.id)
    assert price(rt, AUDITOR, draft.id).state == "FILED"


def test_the_sheets_of_a_listed_product_hang_together(rt, home):
    made, _, key = supply.listed(rt, home)
    sheet = product(rt, supply.SEC, made)
    assert can(sheet)["pause"] and not can(sheet)["delist"]
    assert [used.number for used in dataset(rt, supply.SEC, key).products] == [sheet.number]
    listed = head_agreements(rt, supply.SEC, Filters()).items[0]
    agreement = head_agreement(rt, supply.SEC, listed.number)
    assert (agreement.first_day, agreement.last_day) == ("2026-01-01", "2030-12-31")
    assert agreement.products == (sheet.number,)
    assert all(clause.ticked for clause in agreement.checklist)
    assert products(rt, supply.SEC, ProductFilters(category="PORTRAIT")).items[0].price_class == (
        "CHARGED")


def test_auditors_read_everything_and_may_do_nothing(rt, home):
    made, version, key = supply.listed(rt, home)
    agreement = head_agreements(rt, AUDITOR, Filters()).items[0].id
    for run, ref in ((product, made), (product_version, version), (dataset, key),
                     (head_agreement, agreement), (department, home)):
        assert not any(can(run(rt, AUDITOR, ref)).values())


def test_what_the_next_form_brings_does_not_bar_the_way_to_it(rt, home):
    case, he = supply.submitted(rt, home), supply.liaison(home)
    supply.onboarding_intake.request_supplement(
        rt, supply.INTAKE, case, supply.onboarding_intake.SupplementNotice(
            defects=[{"field": "质量报告", "zh": "材料不清晰"}]))
    assert can(onboarding_case(rt, he, case))["resubmit"]
    assessing = supply.graded(rt, home, code="TAX2")
    assert can(onboarding_case(rt, supply.COMP, assessing))["submit_assessment"]


def test_grades_are_set_only_while_the_case_is_being_graded(rt, home):
    waiting = supply.dataset_id(rt, supply.submitted(rt, home))
    open_one = supply.dataset_id(rt, supply.accepted(rt, home, code="TAX2"))
    assert not can(dataset(rt, supply.SEC, waiting))["set_gradings"]
    sheet = dataset(rt, supply.SEC, open_one)
    assert can(sheet)["set_gradings"] and can(sheet)["confirm_proposals"]
    assert [row["field"] for row in sheet.judgements] == ["TYSHXYDM", "NSE"]


def test_what_is_owed_by_nobody_is_offered_to_nobody(rt, home):
    key = supply.online(rt, home)
    sheet = dataset(rt, caller("all", "SEC_REVIEW", "COMP_REVIEW"), key)
    assert not any(can(sheet)[action] for action in (
        "settle_contradictions", "record_rescreen", "confirm_proposals"))
    graded = supply.dataset_id(rt, supply.accepted(rt, home, code="TAX2"))
    offered = can(dataset(rt, supply.SEC, graded))
    assert offered["confirm_proposals"] and not offered["settle_contradictions"]
    supply.gradings.confirm_proposals(rt, supply.SEC, graded,
                                      supply.gradings.Confirmation(reason="逐项核对"))
    assert not can(dataset(rt, supply.SEC, graded))["confirm_proposals"]
