"""One person freezes a dataset, two thaw it; it retires after notice; grades rise at once."""

import pytest
from sqlmodel import select

from app.commands import dataset_course, datasets, departments, registrations, regrades
from app.domain.datasets import State
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.store.tables import Clock, PolicyChange, Task, Transition
from app.store.tables_supply import Dataset, DatasetField, Product
from app.store.unit import begin, read
from tests.commands import supply


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def key(rt, home):
    return supply.online(rt, home)


def row(rt, key, model=Dataset):
    with read(rt) as session:
        return session.get(model, key)


def changes(rt, object_id: str) -> list[bool]:
    with read(rt) as session:
        return list(session.exec(select(PolicyChange.stops).where(
            PolicyChange.object_id == object_id).order_by(PolicyChange.epoch)).all())


def test_INV_04_one_person_freezes_two_thaw(rt, key):
    assert dataset_course.freeze(rt, supply.SEC, key, supply.WHY).state == "FROZEN"
    assert changes(rt, key)[-1] is True
    assert dataset_course.thaw(rt, supply.SEC, key, supply.WHY).waiting == ("check",)
    with pytest.raises(NotAllowed):
        dataset_course.thaw(rt, supply.SEC, key, supply.WHY)
    assert dataset_course.thaw(rt, supply.BOSS, key, supply.WHY).state == "ONLINE"
    assert changes(rt, key)[-1] is False


def test_a_stop_needs_a_cause(rt, key):
    with pytest.raises(GuardFailed):
        dataset_course.freeze(rt, supply.SEC, key, supply.WHY.model_copy(update={"reason": " "}))


def test_who_may_not_freeze_does_not(rt, key):
    with pytest.raises(NotAllowed):
        dataset_course.freeze(rt, supply.BIZ, key, supply.WHY)


def test_suspending_a_department_freezes_what_it_supplies_and_each_is_thawed_alone(rt, home, key):
    departments.suspend(rt, supply.SEC, home, supply.WHY)
    assert row(rt, key).state == "FROZEN"
    with read(rt) as session:
        move = session.exec(select(Transition).where(
            Transition.object_id == key, Transition.action == "freeze")).one()
    assert (move.capacity, move.relied_on) == ("SYSTEM", {"because": f"department/{home}"})
    with pytest.raises(GuardFailed) as refused:
        dataset_course.thaw(rt, supply.SEC, key, supply.WHY)
    assert refused.value.facts["guards"] == ["department_supplies"]
    departments.resume(rt, supply.SEC, home, supply.WHY)
    departments.resume(rt, supply.BOSS, home, supply.WHY)
    assert row(rt, key).state == "FROZEN"


def test_retirement_gives_thirty_days_then_needs_proof(rt, key, clock):
    body = dataset_course.Retirement(reason="职能调整")
    dataset_course.retire(rt, supply.BIZ, key, body)
    assert dataset_course.retire(rt, supply.BOSS, key, body).state == "RETIRING"
    assert (row(rt, key).retires_on - clock()).days == 30
    with pytest.raises(GuardFailed) as refused:
        dataset_course.complete_retire(rt, supply.OPS, key, supply.WHY)
    assert refused.value.facts["guards"] == ["notice_has_ended", "storage_is_cleared"]
    dataset_course.file_storage_proof(rt, supply.OPS, key, dataset_course.StorageProof(
        file=supply.file(rt, "wiped")))
    clock.forward(days=30)
    dataset_course.complete_retire(rt, supply.OPS, key, supply.WHY)
    assert dataset_course.complete_retire(rt, supply.OPS2, key, supply.WHY).state == "RETIRED"
    with pytest.raises(IllegalMove):
        dataset_course.freeze(rt, supply.SEC, key, supply.WHY)


def test_an_order_waives_the_notice_and_both_sign_the_same_order(rt, key):
    dataset_course.retire(rt, supply.BIZ, key, dataset_course.Retirement(
        order="令2026-1", reason="执行指令"))
    dataset_course.retire(rt, supply.BOSS, key, dataset_course.Retirement(reason="执行指令"))
    assert row(rt, key).retired_by_order
    dataset_course.file_storage_proof(rt, supply.OPS, key, dataset_course.StorageProof(
        file=supply.file(rt, "wiped")))
    dataset_course.complete_retire(rt, supply.OPS, key, supply.WHY)
    assert dataset_course.complete_retire(rt, supply.OPS2, key, supply.WHY).state == "RETIRED"


def test_a_dataset_a_product_depends_on_does_not_retire(rt, home):
    _, _, key = supply.listed(rt, home)
    body = dataset_course.Retirement(order="令2026-1", reason="执行指令")
    dataset_course.retire(rt, supply.BIZ, key, body)
    dataset_course.retire(rt, supply.BOSS, key, body)
    dataset_course.file_storage_proof(rt, supply.OPS, key, dataset_course.StorageProof(
        file=supply.file(rt, "wiped")))
    with pytest.raises(GuardFailed) as refused:
        dataset_course.complete_retire(rt, supply.OPS, key, supply.WHY)
    assert refused.value.facts["guards"] == ["no_product_depends"]


def test_a_department_with_datasets_in_service_does_not_withdraw(rt, home, key):
    with pytest.raises(GuardFailed) as refused:
        departments.withdraw(rt, supply.BIZ, home, supply.WHY)
    assert refused.value.facts["guards"] == ["datasets_are_retired"]


def regrade(*items, reason="复核"):
    return regrades.Regrades(reason=reason, items=[
        {"field": field, "grade": grade, **({"grade_class": more[0]} if more else {})}
        for field, grade, *more in items])


def test_a_grade_rises_at_once_by_one_person(rt, key):
    before = row(rt, key).version
    done = regrades.regrade_up(rt, supply.SEC, key, regrade(("NSE", 4)))
    assert (done.state, row(rt, key).grade, done.version > before) == ("ONLINE", 4, True)
    assert changes(rt, key)[-1] is True


@pytest.mark.parametrize(("field", "grade", "text"), [
    ("NSE", 1, "调整方向"), ("NSE", 2, "没有变化"), ("NO", 3, "没有该数据项")])
def test_raising_only_raises(rt, key, field, grade, text):
    with pytest.raises(Invalid) as refused:
        regrades.regrade_up(rt, supply.SEC, key, regrade((field, grade)))
    assert text in refused.value.zh
    assert row(rt, key).grade == 2


def test_INV_10_a_field_found_to_be_core_freezes_the_dataset(rt, key):
    assert regrades.regrade_up(rt, supply.SEC, key, regrade(("NSE", 5, "CORE"))).state == "FROZEN"
    assert row(rt, key).grade_class == "CORE"


def test_a_grade_falls_by_four_hands_under_one_list(rt, key):
    regrades.regrade_up(rt, supply.SEC, key, regrade(("NSE", 4)))
    lower = regrade(("NSE", 3))
    assert regrades.regrade_down(rt, supply.SEC, key, lower).waiting == (
        "review", "approve", "second")
    for who in (supply.COMP, supply.BOSS):
        assert regrades.regrade_down(rt, who, key, regrade()).waiting
        assert row(rt, key).grade == 4
    assert regrades.regrade_down(rt, supply.DSO, key, regrade()).waiting == ()
    assert row(rt, key).grade == 3


def test_signing_nothing_that_nobody_proposed_is_refused(rt, key):
    with pytest.raises(Invalid):
        regrades.regrade_down(rt, supply.SEC, key, regrade())


def test_a_higher_grade_has_the_grants_on_it_screened_again(rt, home):
    product, _, key = supply.listed(rt, home)
    _grant(rt, product)
    done = regrades.regrade_up(rt, supply.SEC, key, regrade(("NSE", 4)))
    assert done.detail["impact"]["grants"] == ["GR-1"]
    with read(rt) as session:
        clock = session.exec(select(Clock).where(Clock.kind == "rescreen")).one()
        task = session.exec(select(Task).where(Task.action == "record_rescreen")).one()
    assert (clock.days, task.role, task.due_at) == (5, "COMP_REVIEW", clock.due_at)
    regrades.record_rescreen(rt, supply.COMP, key, supply.WHY)
    with read(rt) as session:
        assert session.get(Clock, clock.id).stopped_at and session.get(Task, task.id).done_at
    with pytest.raises(IllegalMove):
        regrades.record_rescreen(rt, supply.COMP, key, supply.WHY)


def _grant(rt, product: str) -> None:
    from app.store.tables_grants import Grant

    with begin(rt, supply.BIZ) as act:
        act.add(Grant(id="g1", version=1, created_at=act.at, updated_at=act.at, number="GR-1",
                      institution_id="i1", product_id=product, state="ACTIVE",
                      valid_from=act.at, valid_to=act.at))
        act.record("grant.issue", "grant/g1")


def step(state: str, **said) -> registrations.RegistrationStep:
    return registrations.RegistrationStep(state=state, **said)


def test_a_registration_moves_step_by_step_to_its_code(rt, key):
    for state in ("FILED", "ACCEPTED", "REVIEWED", "PUBLICITY"):
        registrations.record_dataset_registration(rt, supply.OPS, key, step(state))
    registrations.record_dataset_registration(rt, supply.OPS, key, step(
        "REGISTERED", code="GG-1", issued_on="2026-11-20", valid_to="2029-11-20"))
    found = row(rt, key)
    assert (found.registration, found.registration_code) == ("REGISTERED", "GG-1")
    assert found.registration_valid_to.isoformat() == "2029-11-20T16:00:00+00:00"
    with read(rt) as session:
        assert session.exec(select(Task).where(Task.object_id == key,
                                               Task.done_at.is_(None))).all() == []


@pytest.mark.parametrize("said", [
    {"code": "", "issued_on": "2026-11-20", "valid_to": "2027-11-20"},
    {"code": "G", "valid_to": "2027-11-20"},
    {"code": "G", "issued_on": "2026-11-24", "valid_to": "2027-11-20"},
    {"code": "G", "issued_on": "2026-11-20", "valid_to": "2029-11-21"},
    {"code": "G", "issued_on": "2026-11-20", "valid_to": "2026-11-19"}])
def test_a_code_has_a_day_of_issue_and_three_years_at_most(rt, key, said):
    for state in ("FILED", "ACCEPTED", "REVIEWED", "PUBLICITY"):
        registrations.record_dataset_registration(rt, supply.OPS, key, step(state))
    with pytest.raises(Invalid):
        registrations.record_dataset_registration(rt, supply.OPS, key, step("REGISTERED", **said))


def test_a_registration_does_not_leap(rt, key):
    with pytest.raises(IllegalMove) as refused:
        registrations.record_dataset_registration(rt, supply.OPS, key, step("REGISTERED"))
    assert refused.value.facts["possible"] == ["FILED", "NOT_REQUIRED"]


def test_listing_fields_again_changes_only_what_differs(rt, home):
    case = supply.drafted(rt, home)
    key = supply.dataset_id(rt, case)
    with begin(rt, supply.BIZ) as act:
        done = datasets.fields(act, act.get(Dataset, key), [
            datasets.Listed("nse", "纳税总额", "DECIMAL"), datasets.Listed("NEW", "新", "INT")])
        act.record("test", "dataset/x")
    assert (done.added, done.changed, done.kept) == (1, 1, 1)
    with read(rt) as session:
        names = dict(session.exec(select(DatasetField.code, DatasetField.name).where(
            DatasetField.dataset_id == key)).all())
    assert names == {"TYSHXYDM": "统一社会信用代码", "NSE": "纳税总额", "NEW": "新"}


def test_the_states_are_those_of_the_rules():
    assert [str(state) for state in State] == ["PENDING", "ONLINE", "FROZEN", "RETIRING",
                                               "RETIRED"]
    assert Product.scope == "open" and Dataset.scope == "department"
