"""What a person refused is not proposed again within its reach, until it is withdrawn or over."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import gradings, negative_examples, rule_proposals
from app.commands.command import Reasoned
from app.domain.negative_examples import GOOD_FOR, Reach
from app.domain.refusals import NotAllowed
from app.store.tables_supply import NegativeExample
from app.store.unit import read
from tests.commands import supply
from tests.commands.test_rule_proposals import fields

FIELDS = (("fzrxm", "负责人姓名", "VARCHAR"), ("zyfzrxm", "主要负责人姓名", "VARCHAR"),
          ("qymc", "企业名称", "VARCHAR"))
OTHER = (("fzrxm", "负责人姓名", "VARCHAR"), ("qylx", "企业类型", "VARCHAR"))


@pytest.fixture
def home(rt):
    return supply.department(rt)


@pytest.fixture
def dataset(rt, home):
    return supply.dataset_id(rt, supply.accepted(rt, home, fields=FIELDS))


@pytest.fixture
def other(rt, home):
    return supply.dataset_id(rt, supply.accepted(rt, home, code="dw_other", fields=OTHER))


def override(rt, dataset: str, code: str, reach: Reach = Reach.FIELD, **said) -> None:
    given = {"category": "ent_name", "grade": 3, **said}
    gradings.set_gradings(rt, supply.SEC, dataset, gradings.Gradings(items=[
        gradings.GradingOf(field=code, reason="本表此项填写企业简称", reach=reach, **given)]))


def refusals(rt) -> list[NegativeExample]:
    with read(rt) as session:
        return session.exec(select(NegativeExample).order_by(NegativeExample.number)).all()


def proposed(rt, dataset: str) -> dict[str, str]:
    """The elements the rules propose now for a dataset, whatever stands beside its fields."""
    found = rule_proposals.suggestions(rt, rule_proposals.Dataset, dataset).found
    return {code: suggestion.element for code, suggestion in found.items()}


def test_another_category_refuses_the_element_and_says_who_why_and_until_when(rt, dataset):
    was = fields(rt, dataset)["fzrxm"].proposed_element
    override(rt, dataset, "fzrxm")
    [row] = refusals(rt)
    assert (row.element, row.reach, row.column, row.reason, row.refused_by) == (
        was, "FIELD", "fzrxm", "本表此项填写企业简称", supply.SEC.name)
    assert row.expires_at - row.created_at == GOOD_FOR
    assert proposed(rt, dataset)["fzrxm"] != was


def test_a_judgement_that_keeps_the_category_refuses_nothing(rt, dataset):
    held = fields(rt, dataset)["fzrxm"]
    override(rt, dataset, "fzrxm", category=held.proposed_category, grade=held.proposed_grade + 1)
    assert refusals(rt) == []


@pytest.mark.parametrize(("reach", "here", "there"), [
    (Reach.FIELD, False, False), (Reach.DATASET, True, False), (Reach.NAME, False, True)])
def test_a_refusal_reaches_as_far_as_was_said(rt, dataset, other, reach, here, there):
    before, elsewhere = proposed(rt, dataset), proposed(rt, other)
    override(rt, dataset, "fzrxm", reach)
    assert before["fzrxm"] == before["zyfzrxm"] == elsewhere["fzrxm"]
    assert (proposed(rt, dataset)["zyfzrxm"] != before["zyfzrxm"]) is here
    assert (proposed(rt, other)["fzrxm"] != elsewhere["fzrxm"]) is there
    assert proposed(rt, dataset)["qymc"] == before["qymc"]


def test_a_refusal_of_the_whole_dataset_is_heeded_for_its_open_fields_at_once(rt, dataset):
    was = fields(rt, dataset)["zyfzrxm"].proposed_element
    override(rt, dataset, "fzrxm", Reach.DATASET)
    left = fields(rt, dataset)["zyfzrxm"]
    assert left.proposed_element != was
    assert ["refused", {"element": was}] in left.proposed_why


def test_a_refusal_said_twice_stands_once_and_counts_from_the_second(rt, clock, dataset):
    override(rt, dataset, "fzrxm")
    [first] = refusals(rt)
    clock.forward(days=2)
    override(rt, dataset, "fzrxm")
    [row] = refusals(rt)
    assert row.expires_at == first.expires_at + timedelta(days=2)


def test_what_was_withdrawn_is_proposed_again(rt, dataset):
    before = proposed(rt, dataset)
    override(rt, dataset, "fzrxm")
    [row] = refusals(rt)
    with pytest.raises(NotAllowed):
        negative_examples.withdraw(rt, supply.COMP, row.number, Reasoned(reason="误判"))
    negative_examples.withdraw(rt, supply.SEC2, row.number, Reasoned(reason="核对后确为姓名"))
    assert proposed(rt, dataset) == before
    assert refusals(rt)[0].state == "WITHDRAWN"


def test_a_refusal_ends_with_its_year_before_the_clock_is_heard_and_after(rt, clock, dataset):
    before = proposed(rt, dataset)
    override(rt, dataset, "fzrxm")
    clock.forward(days=364)
    assert negative_examples.expire_due(rt) == 0 and proposed(rt, dataset) != before
    clock.forward(days=1)
    assert proposed(rt, dataset) == before
    assert negative_examples.expire_due(rt) == 1
    assert refusals(rt)[0].state == "EXPIRED"
