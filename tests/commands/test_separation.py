"""Z05: whatever roles and delegations people hold, one person is never two of maker, reviewer and
approver of a case."""

import hashlib
import itertools

import pytest
from sqlmodel import select

from app.commands import grant_cases, grant_decisions, grant_intake, opinions
from app.commands.command import Empty
from app.domain.callers import SYSTEM
from app.domain.refusals import Refusal
from app.store.tables import Transition
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.zone_people import WHY, Walk, said
from tests.conftest import caller

PEOPLE = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
STAFF = ("INTAKE", "BIZ_REVIEW", "COMP_REVIEW", "SEC_REVIEW", "APPROVER", "DSO")
GROUPS = {"make": "maker", "check": "maker", "intake": "intake", "review": "reviewer",
          "decide": "approver", "approve": "approver", "second": "approver"}


class Dice:
    """A repeatable run of choices."""

    def __init__(self, seed: int):
        self.seed, self.count = seed, itertools.count()

    def below(self, bound: int) -> int:
        text = f"{self.seed}/{next(self.count)}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") % bound

    def some(self, items, count: int) -> list:
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]


def somebody(dice: Dice, institution: str | None = None):
    """A person with random roles, sometimes standing in for another."""
    person, other = dice.some(PEOPLE, 2)
    roles = (("INST_MAKER", "INST_SIGNER") if institution
             else dice.some(STAFF, 1 + dice.below(len(STAFF))))
    stands_in = {"on_behalf_of": other, "capacity": "DELEGATE"} if dice.below(10) < 4 else {}
    return caller(person, *roles, institution=institution, **stands_in)


def attempts(rt, walk: Walk, dice: Dice):
    """One random act by a random person; most are refused."""
    bank = walk.zone.institution.id
    opened = walk.open_opinions()
    yield lambda: grant_cases.submit(rt, somebody(dice, bank), walk.id, Empty())
    yield lambda: grant_intake.accept(rt, somebody(dice), walk.id, WHY)
    for opinion in opened:
        yield lambda opinion=opinion: opinions.give(rt, somebody(dice), opinion.id,
                                                    said(opinion.kind))
    yield lambda: grant_decisions.approve(rt, somebody(dice), walk.id,
                                          grant_decisions.Approval(reason="同意"))


@pytest.mark.parametrize("seed", range(6))
def test_Z05_nobody_is_two_of_maker_reviewer_and_approver(rt, seed):
    dice = Dice(seed)
    z = rows.tiny(rt)
    with begin(rt, SYSTEM) as act:
        for key in PEOPLE:
            rows.person(act, key)
    walk = Walk(rt, z).draft()
    done = 0
    for _ in range(40):
        for attempt in attempts(rt, walk, dice):
            try:
                attempt()
                done += 1
            except Refusal:
                continue
        if walk.row().state == "APPROVED":
            break
    with read(rt) as session:
        moves = session.exec(select(Transition).where(Transition.object_id == walk.id)).all()
    groups: dict[str, set[str]] = {}
    for move in moves:
        for person in {move.person, move.on_behalf_of} - {None}:
            if move.duty in GROUPS and move.capacity != "SYSTEM":
                groups.setdefault(person, set()).add(GROUPS[move.duty])
    assert walk.row().state == "APPROVED" and done
    assert all(len(duties & {"maker", "reviewer", "approver"}) <= 1
               for duties in groups.values()), groups
