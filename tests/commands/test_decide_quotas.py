"""Dimension 11 on both engines: exact under concurrency, nothing taken by what is not permitted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.commands import bounds_on_use
from app.commands.bounds_on_use import Bounds
from app.commands.decide import Gate
from app.domain.callers import SYSTEM
from app.domain.refusals import GuardFailed, NotAllowed
from app.store.tables_grants import GrantVersion
from app.store.tables_use import UseCounter
from app.store.unit import begin, read
from tests import zone
from tests.conftest import caller
from tests.consents import codes, question
from tests.decision_zone import LAW


@pytest.fixture
def gate(rt):
    gate = Gate(rt, LAW)
    yield gate
    gate.close()


@pytest.fixture
def chain(rt, gate):
    return zone.tiny(rt)


def bounded(rt, chain, **quotas) -> None:
    """Bounds on these holders: `grant={"per_day": 5}`, `app=…`, `institution=…`, `product=…`."""
    with begin(rt, SYSTEM) as act:
        for holder, quota in quotas.items():
            row = chain.grant_version if holder == "grant" else getattr(chain, holder)
            found = act.find(type(row), row.id)
            found.quota = quota
            act.record(f"{row.noun}.place", f"{row.noun}/{row.id}")
            act.affects(row.noun, row.id)


def taken(rt) -> dict[tuple[str, str], int]:
    with read(rt) as session:
        return {(each.key, each.period): each.reserved + each.used
                for each in session.exec(select(UseCounter)) if each.reserved + each.used}


HOLDERS = ("grant", "app", "institution", "product")


@pytest.mark.parametrize("holder", HOLDERS)
def test_each_holder_bounds_use_for_itself(rt, gate, chain, holder):
    bounded(rt, chain, **{holder: {"per_day": 2}})
    answers = [gate.answer(question(chain)) for _ in range(3)]
    assert [each["decision"] for each in answers] == [True, True, False]
    [reason] = answers[2]["context"]["reasons"]
    assert reason["code"] == "QUOTA.EXHAUSTED"
    assert reason["ref"] == getattr(chain, holder).number


def test_every_bound_that_is_spent_is_told(rt, gate, chain):
    bounded(rt, chain, grant={"per_day": 1, "per_minute": 1}, app={"total": 1},
            product={"per_month": 9})
    assert gate.answer(question(chain))["decision"]
    refused = gate.answer(question(chain))
    assert sorted((each["code"], each["ref"]) for each in refused["context"]["reasons"]) == sorted([
        ("QUOTA.EXHAUSTED", chain.grant.number), ("QUOTA.RATE", chain.grant.number),
        ("QUOTA.EXHAUSTED", chain.app.number)])


def test_the_smallest_remaining_is_told_and_when_it_starts_anew(rt, gate, chain):
    bounded(rt, chain, grant={"per_day": 9}, institution={"per_month": 4}, app={"per_second": 2})
    told = gate.answer(question(chain))["context"]["quota"]
    assert told == {"period": "MONTH", "remaining": 3, "resets_at": "2026-11-30T16:00:00.000000Z"}


WINDOWS = [("per_second", 1, "QUOTA.RATE"), ("per_minute", 60, "QUOTA.RATE"),
           ("per_day", 14 * 3600, "QUOTA.EXHAUSTED"),
           ("per_month", 7 * 86400 + 14 * 3600, "QUOTA.EXHAUSTED")]


@pytest.mark.parametrize(("word", "seconds", "code"), WINDOWS)
def test_a_window_ends_at_its_instant_and_not_before(rt, gate, chain, clock, word, seconds, code):
    """The clock stands at 10:00 in Shanghai on Monday 23 November: days and months are its own."""
    bounded(rt, chain, grant={word: 1})
    assert gate.answer(question(chain))["decision"]
    clock.forward(seconds=seconds, microseconds=-1)
    gate.follower.refresh()
    assert codes(gate.answer(question(chain))) == [code]
    clock.forward(microseconds=1)
    assert gate.answer(question(chain))["decision"]


def test_nothing_is_taken_by_a_refusal(rt, gate, chain):
    bounded(rt, chain, grant={"per_day": 5})
    assert not gate.answer(question(chain, purpose="X.MKT"))["decision"]
    assert taken(rt) == {}


def test_nothing_is_taken_where_the_record_fails(rt, gate, chain):
    bounded(rt, chain, grant={"per_day": 1})
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE decision RENAME TO gone"))
    assert codes(gate.answer(question(chain))) == ["SYS.UNAVAILABLE"]
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO decision"))
    assert taken(rt) == {}
    assert gate.answer(question(chain))["decision"]


def test_a_call_about_many_subjects_counts_each(rt, gate, chain):
    with begin(rt, SYSTEM) as act:
        version = act.find(GrantVersion, chain.grant_version.id)
        dimensions = {**version.dimensions}
        [way] = dimensions["method"]["ways"]
        version.dimensions = {**dimensions, "method": {**dimensions["method"],
                                                       "ways": [{**way, "max_batch": 10}]}}
        act.record("grant_version.place", f"grant_version/{version.id}")
        act.affects("grant_version", version.id)
    bounded(rt, chain, grant={"per_day": 10})
    sizes = [gate.answer(question(chain, batch_size=size)) for size in (6, 5, 4, 1)]
    assert [each["decision"] for each in sizes] == [True, False, True, False]
    assert sum(taken(rt).values()) == 10


@pytest.mark.parametrize("word", ["per_day", "total"])
def test_Z06_a_bound_is_exact_under_thirty_two_callers_in_two_processes(rt, gate, chain, word):
    bounded(rt, chain, grant={word: 20}, app={word: 25})
    other = Gate(rt, LAW)
    try:
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda at: (gate, other)[at % 2].answer(question(chain)),
                                    range(96)))
    finally:
        other.close()
    assert sum(each["decision"] for each in answers) == 20
    assert set(taken(rt).values()) == {20}


def test_one_person_tightens_and_the_next_decision_knows(rt, gate, chain):
    sec = caller("li", "SEC_REVIEW")
    assert gate.answer(question(chain))["decision"]
    done = bounds_on_use.tighten_app(rt, sec, chain.app.number, Bounds(per_day=1, reason="超量"))
    assert done.detail == {"quota": {"per_day": 1}}
    assert [gate.answer(question(chain))["decision"] for _ in range(2)] == [True, False]
    for wider in ({"per_day": 2}, {}, {"per_minute": 1}):
        with pytest.raises(GuardFailed):
            bounds_on_use.tighten_app(rt, sec, chain.app.number, Bounds(**wider, reason="放宽"))
    with pytest.raises(NotAllowed):
        bounds_on_use.tighten_product(rt, caller("wang", "INST_MAKER",
                                                 institution=chain.institution.id),
                                      chain.product.number, Bounds(per_day=1, reason="超量"))


@pytest.mark.parametrize(("widen", "tighten", "holder"), [
    (bounds_on_use.widen_app, bounds_on_use.tighten_app, "app"),
    (bounds_on_use.widen_institution, bounds_on_use.tighten_institution, "institution"),
    (bounds_on_use.widen_product, bounds_on_use.tighten_product, "product")])
def test_INV_04_two_persons_widen(rt, gate, chain, widen, tighten, holder):
    number = getattr(chain, holder).number
    tighten(rt, caller("li", "OPS"), number, Bounds(per_day=1, reason="超量"))
    assert [gate.answer(question(chain))["decision"] for _ in range(2)] == [True, False]
    step = widen(rt, caller("li", "OPS"), number, Bounds(per_day=2, reason="业务增长"))
    assert step.waiting == ("check",)
    assert not gate.answer(question(chain))["decision"]
    assert widen(rt, caller("zhao", "APPROVER"), number, Bounds(reason="同意")).detail == {
        "quota": {"per_day": 2}}
    assert [gate.answer(question(chain))["decision"] for _ in range(2)] == [True, False]
