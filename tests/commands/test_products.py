"""A product version is measured against its datasets, reviewed by three, decided by fresh eyes."""

import pytest
from sqlmodel import select

from app.commands import dataset_course, prices, product_versions, products, registrations
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.store.tables import Clock, PolicyChange, Task, Transition
from app.store.tables_grants import Grant
from app.store.tables_supply import PriceEntry, Product, ProductVersion
from app.store.unit import begin, read
from tests.commands import supply
from tests.conftest import caller


@pytest.fixture
def home(rt):
    return supply.department(rt)


def row(rt, key, model=Product):
    with read(rt) as session:
        return session.get(model, key)


def guards(run, *args) -> list[str]:
    with pytest.raises(GuardFailed) as found:
        run(*args)
    return found.value.facts["guards"]


def owed(rt, key: str) -> set[str]:
    with read(rt) as session:
        return set(session.exec(select(Task.role).where(
            Task.object_id == key, Task.done_at.is_(None))).all())


def reviewed(rt, home, **values) -> tuple[str, str, str]:
    """A product whose version awaits its decision; on the agreement, with its price published."""
    dataset = supply.online(rt, home, **values)
    product, version = supply.product(rt, dataset)
    supply.head_agreement(rt, [dataset], [product])
    supply.priced(rt, product)
    product_versions.submit(rt, supply.BIZ, version, supply.NOW)
    supply.reviewed(rt, version)
    return product, version, dataset


@pytest.mark.parametrize(("said", "place"), [
    ({"purposes": ["CM.DEF.LMT"]}, "purposes.CM.DEF.LMT"),
    ({"purposes": ["X.MKT"]}, "purposes.X.MKT"),
    ({"output_form": "RAW_RECORD"}, "output_form"),
    ({"fields": [{"field": "f", "dataset": "DS-2026-000001", "source": "NO"}]}, "fields.f"),
    ({"fields": [{"field": "f", "dataset": "DS-9", "source": "NSE"}]}, "fields.f"),
    ({"methods": [{"action": "QUERY_ONE", "channel": "FAX"}]}, "methods")])
def test_INV_03_a_version_wider_than_its_datasets_is_not_saved(rt, home, said, place):
    dataset = supply.online(rt, home)
    _, version = supply.product(rt, dataset)
    before = row(rt, version, ProductVersion)
    with pytest.raises(Invalid) as refused:
        product_versions.edit(rt, supply.BIZ, version, supply.offering(dataset, **said))
    assert place in {item["at"] for item in refused.value.facts["errors"]}
    assert row(rt, version, ProductVersion) == before


def test_INV_09_a_form_above_the_ceiling_of_a_grade_is_not_saved(rt, home):
    dataset = supply.online(rt, home, judged={"grade": 4})
    with pytest.raises(Invalid) as refused:
        supply.product(rt, dataset)
    assert "L4" in refused.value.zh
    made, _ = supply.product(rt, dataset, output_form="VERIFY",
                             methods=[{"action": "VERIFY", "channel": "API"}])
    assert made


def test_a_frozen_dataset_bars_submission_and_approval(rt, home):
    product, version, dataset = reviewed(rt, home)
    dataset_course.freeze(rt, supply.SEC, dataset, supply.WHY)
    assert guards(product_versions.approve, rt, supply.BOSS, version, supply.WHY) == [
        "datasets_are_online"]
    other = products.create(rt, supply.BIZ, products.NewProduct(
        name="另一产品", category="RISK", public_use="INDUSTRY")).detail["version"]
    product_versions.edit(rt, supply.BIZ, other, supply.offering(dataset))
    assert guards(product_versions.submit, rt, supply.BIZ, other, supply.NOW) == [
        "datasets_are_online"]


def test_INV_11_persons_need_consent_or_a_basis_on_the_version(rt, home):
    dataset = supply.online(rt, home, judged={"subject_kind": "PERSON"})
    _, version = supply.product(rt, dataset, subject_authorization="NONE")
    assert guards(product_versions.submit, rt, supply.BIZ, version, supply.NOW) == [
        "persons_have_a_basis"]
    product_versions.edit(rt, supply.BIZ, version, supply.offering(
        dataset, subject_authorization="NONE", legal_basis={"tax_paid": "履行法定职责所必需"}))
    assert product_versions.submit(rt, supply.BIZ, version, supply.NOW).state == "REVIEW"


def test_three_opinions_in_any_order_lead_to_approval(rt, home):
    dataset = supply.online(rt, home)
    product, version = supply.product(rt, dataset)
    supply.priced(rt, product)
    product_versions.submit(rt, supply.BIZ, version, supply.NOW)
    assert row(rt, product).state == "REVIEW"
    assert owed(rt, version) == {"SEC_REVIEW", "COMP_REVIEW", "PRICE_REVIEW"}
    for who, kind in ((supply.PRICE, "PRICE"), (supply.SEC, "SECURITY")):
        product_versions.give_opinion(rt, who, version, supply.opinion(kind))
    assert owed(rt, version) == {"COMP_REVIEW"}
    assert row(rt, product).state == "REVIEW"
    product_versions.give_opinion(rt, supply.COMP, version, supply.opinion("COMPLIANCE"))
    assert (row(rt, product).state, owed(rt, version)) == ("APPROVAL", {"APPROVER"})
    with read(rt) as session:
        running = session.exec(select(Clock.kind, Clock.days).where(
            Clock.object_id == version, Clock.stopped_at.is_(None))).all()
    assert running == [("approval", 3)]


def test_each_opinion_is_its_reviewers_and_given_once(rt, home):
    dataset = supply.online(rt, home)
    _, version = supply.product(rt, dataset)
    product_versions.submit(rt, supply.BIZ, version, supply.NOW)
    with pytest.raises(NotAllowed, match="is for Pricing to give"):
        product_versions.give_opinion(rt, supply.SEC, version, supply.opinion("PRICE"))
    product_versions.give_opinion(rt, supply.SEC, version, supply.opinion("SECURITY"))
    with pytest.raises(Invalid):
        product_versions.give_opinion(rt, supply.SEC2, version, supply.opinion("SECURITY"))
    assert guards(product_versions.give_opinion, rt, supply.PRICE, version,
                  supply.opinion("PRICE")) == ["price_is_filed"]
    maker = caller("wu", "COMP_REVIEW")
    assert guards(product_versions.give_opinion, rt, maker, version,
                  supply.opinion("COMPLIANCE")) == ["reviewer_is_apart"]


def test_approval_asks_for_agreement_price_tests_and_no_dissent(rt, home):
    dataset = supply.online(rt, home)
    product, version = supply.product(rt, dataset)
    entry = prices.create(rt, supply.PRICE, prices.NewPrice(product=product, price_class="FREE"))
    product_versions.submit(rt, supply.BIZ, version, supply.NOW)
    product_versions.give_opinion(rt, supply.SEC, version,
                                  supply.opinion("SECURITY", reidentification=False))
    product_versions.give_opinion(rt, supply.COMP, version,
                                  supply.opinion("COMPLIANCE", result="DISAGREE"))
    product_versions.give_opinion(rt, supply.PRICE, version, supply.opinion("PRICE"))
    assert guards(product_versions.approve, rt, supply.BOSS, version, supply.WHY) == [
        "no_review_disagrees", "tests_are_on_file", "head_agreement_covers_it",
        "price_is_published"]
    assert row(rt, entry.id, PriceEntry).published_on is None
    assert product_versions.reject(rt, supply.BOSS, version, supply.WHY).state == "REJECTED"
    assert row(rt, product).state == "REJECTED"


@pytest.mark.parametrize("person", ["wu", "sun", "zhao", "qiu"])
def test_INV_05_who_made_or_reviewed_a_version_does_not_decide_it(rt, home, person):
    _, version, _ = reviewed(rt, home)
    assert guards(product_versions.approve, rt, caller(person, "APPROVER"), version,
                  supply.WHY) == ["decider_is_apart"]


def test_listing_publishes_opens_registration_and_raises_the_epoch(rt, home):
    product, version, _ = reviewed(rt, home)
    assert product_versions.approve(rt, supply.BOSS, version, supply.WHY).state == "LISTED"
    found = row(rt, product)
    assert (found.state, found.current, found.registration) == ("LISTED", "1.0", "DUE")
    assert row(rt, version, ProductVersion).published_at is not None
    with read(rt) as session:
        nouns = session.exec(select(PolicyChange.noun).order_by(PolicyChange.epoch.desc())).all()
        moves = session.exec(select(Transition.action).where(
            Transition.object_id == product).order_by(Transition.seq)).all()
    assert {"product", "product_version"} <= set(nouns)
    assert moves == ["submit", "complete_review", "approve"]


def test_a_sensitive_version_needs_a_second_approver(rt, home):
    product, version, _ = reviewed(rt, home, judged={"grade": 3})
    assert product_versions.approve(rt, supply.BOSS, version, supply.WHY).waiting == ("second",)
    assert row(rt, product).state == "APPROVAL"
    assert product_versions.approve(rt, supply.DSO, version, supply.WHY).state == "LISTED"


def test_INV_06_a_submitted_version_is_not_changed(rt, home):
    _, version, dataset = reviewed(rt, home)
    with pytest.raises(IllegalMove):
        product_versions.edit(rt, supply.BIZ, version, supply.offering(dataset))


def next_version(rt, product: str, dataset: str, **said) -> str:
    made = products.new_version(rt, supply.BIZ, product, products.NewVersion(
        offering=supply.offering(dataset, **said)))
    version = made.detail["version"]
    product_versions.submit(rt, supply.BIZ, version, supply.NOW)
    supply.reviewed(rt, version)
    product_versions.approve(rt, supply.BOSS, version, supply.WHY)
    return version


def test_a_narrower_version_replaces_the_old_one(rt, home):
    product, first, dataset = supply.listed(rt, home)
    second = next_version(rt, product, dataset, output_form="SCORE")
    assert row(rt, product).current == "1.1"
    assert row(rt, first, ProductVersion).state == "SUPERSEDED"
    assert row(rt, second, ProductVersion).changes == [{"where": "output_form", "widens": False}]


def test_a_wider_version_stands_beside_the_old_one_and_names_the_grants(rt, home):
    product, first, dataset = supply.listed(rt, home)
    second = next_version(rt, product, dataset, purposes=["PF.CRD.NEW", "PF.LMT.EST"])
    assert (row(rt, product).current, row(rt, second, ProductVersion).text) == ("2.0", "2.0")
    assert row(rt, first, ProductVersion).state == "LISTED"


def test_one_draft_at_a_time_and_only_of_a_listed_product(rt, home):
    product, _, _ = supply.listed(rt, home)
    products.new_version(rt, supply.BIZ, product, products.NewVersion())
    with pytest.raises(IllegalMove):
        products.new_version(rt, supply.BIZ, product, products.NewVersion())


def test_INV_04_one_person_pauses_two_unpause(rt, home):
    product, _, _ = supply.listed(rt, home)
    assert products.pause(rt, supply.DSO, product, supply.WHY).state == "PAUSED"
    with read(rt) as session:
        assert session.exec(select(PolicyChange.stops).where(
            PolicyChange.object_id == product).order_by(PolicyChange.epoch.desc())).first()
    assert products.unpause(rt, supply.BIZ, product, supply.WHY).waiting == ("check",)
    assert products.unpause(rt, supply.BOSS, product, supply.WHY).state == "LISTED"


def test_delisting_gives_thirty_days_and_waits_for_the_last_grant(rt, home, clock):
    product, _, _ = supply.listed(rt, home)
    with begin(rt, supply.BIZ) as act:
        act.add(Grant(id="g1", version=1, created_at=act.at, updated_at=act.at, number="GR-1",
                      institution_id="i1", product_id=product, state="ACTIVE",
                      valid_from=act.at, valid_to=act.at))
        act.record("grant.issue", "grant/g1")
    products.delist(rt, supply.BIZ, product, supply.WHY)
    done = products.delist(rt, supply.BOSS, product, supply.WHY)
    assert (done.state, done.detail["impact"]["grants"]) == ("DELISTING", ["GR-1"])
    assert guards(products.complete, rt, supply.OPS, product, supply.WHY) == [
        "notice_has_ended", "no_grant_is_left"]
    clock.forward(days=30)
    with begin(rt, supply.BIZ) as act:
        act.find(Grant, "g1").state = "EXPIRED"
        act.record("grant.expire", "grant/g1")
    products.complete(rt, supply.OPS, product, supply.WHY)
    assert products.complete(rt, supply.OPS2, product, supply.WHY).state == "DELISTED"
    with pytest.raises(IllegalMove):
        products.pause(rt, supply.DSO, product, supply.WHY)


def test_the_registration_of_a_product_is_recorded(rt, home):
    product, _, _ = supply.listed(rt, home)
    registrations.record_product_registration(
        rt, supply.OPS, product, registrations.RegistrationStep(state="FILED"))
    assert row(rt, product).registration == "FILED"


def price(rt, product: str, **said) -> prices.NewPrice:
    return prices.NewPrice(**{"product": product, "price_class": "CHARGED", "unit": "次",
                              "list_price": 50, "ceiling": 100,
                              "ceiling_document": supply.file(rt, "c"), **said})


@pytest.mark.parametrize(("public_use", "said", "place"), [
    ("PUBLIC_BENEFIT", {}, "price_class"), ("INDUSTRY", {"list_price": 101}, "list_price"),
    ("INDUSTRY", {"ceiling_document": None}, "ceiling"),
    ("INDUSTRY", {"price_class": "NEGOTIATED"}, "work")])
def test_INV_16_a_price_against_the_rules_is_not_filed(rt, home, public_use, said, place):
    product, _ = supply.product(rt, supply.online(rt, home), public_use)
    with pytest.raises(Invalid) as refused:
        prices.create(rt, supply.PRICE, price(rt, product, **said))
    assert refused.value.code == "G-PRICE"
    assert place in {item["at"] for item in refused.value.facts["errors"]}
    with read(rt) as session:
        assert session.exec(select(PriceEntry)).all() == []


def test_a_published_price_is_published_once(rt, home):
    product, _ = supply.product(rt, supply.online(rt, home))
    made = prices.create(rt, supply.PRICE, price(rt, product))
    prices.publish(rt, supply.PRICE, made.id, supply.NOW)
    with pytest.raises(IllegalMove):
        prices.publish(rt, supply.PRICE, made.id, supply.NOW)
    assert owed(rt, made.id) == set()
