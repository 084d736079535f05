"""Lifecycles as literal tables: which action leads from where to where, under which conditions.

The lifecycle says *when*, `policies/staff/rules.csv` says *who* may take each seat of a move.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from app.domain.refusals import GuardFailed, IllegalMove
from app.domain.titled import Titled


class Eyes(Enum):
    """The seats that different natural persons must fill before a move executes.

    Source: domain rule F1 (one person), F2 (maker and checker), F3 (maker, reviewers, approver).
    CASE is the decision on a case whose makers and reviewers already acted: the approver's press
    completes F3, and `decider_is_apart` keeps the persons apart.
    """

    ONE = ("do",)
    TWO = ("make", "check")
    THREE = ("make", "review", "approve")
    CASE = ("approve",)


SECOND = "second"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a guard may look at. Nouns extend it with their own plain values.

    `took` maps a duty (`make`, `intake`, `review`, `decide`) to the persons who took it in this
    case; delegates and the persons they act for both count. `interests` are the parties the
    caller is employed by or has declared an interest in.
    """

    person: str
    at: datetime
    day: date
    on_behalf_of: str | None = None
    reason: str = ""
    took: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parties: frozenset[str] = frozenset()
    interests: frozenset[str] = frozenset()

    @property
    def principals(self) -> frozenset[str]:
        """The natural persons behind this act: who acts, and whom they stand in for."""
        return frozenset({self.person, self.on_behalf_of or self.person})

    def has_taken(self, *duties: str) -> bool:
        """Whether one of them took one of these duties in this case already."""
        return any(self.principals & self.took.get(duty, frozenset()) for duty in duties)


@dataclass(frozen=True)
class Guard:
    """A named condition on an arrow; its sentence is the reason given when it fails."""

    name: str
    holds: Callable[[Situation], bool]
    zh: str
    en: str
    code: str

    def __call__(self, situation) -> bool:
        return self.holds(situation)


def guard(zh: str, en: str, code: str = "GUARD.FAILED") -> Callable[[Callable], Guard]:
    """Make a guard of a predicate: `@guard("理由必填", "a reason is given")`."""
    return lambda holds: Guard(holds.__name__, holds, zh, en, code)


@guard("须填写理由", "a reason must be given", "REASON.REQUIRED")
def reason_is_given(situation: Situation) -> bool:
    return bool(situation.reason.strip())


@guard("与案件当事方有利害关系，应当回避",
       "an interest in a party of the case requires recusal", "G-COI")
def has_no_interest(situation: Situation) -> bool:
    return not (situation.parties & situation.interests)


@dataclass(frozen=True)
class Move:
    """One arrow. `duty` is what the caller does to the case by taking it; `stops` marks moves
    that only ever take rights away (INV-04); `plus` adds the second approver's seat (F3+)."""

    action: str
    sources: tuple[Titled, ...]
    target: Titled
    zh: str
    en: str
    guards: tuple[Guard, ...] = ()
    eyes: Eyes = Eyes.ONE
    duty: str = "handle"
    stops: bool = False
    plus: Callable[[Situation], bool] | None = None

    def seats(self, situation: Situation | None = None) -> tuple[str, ...]:
        """The seats to be filled, in order."""
        if self.plus and (situation is None or self.plus(situation)):
            return (*self.eyes.value, SECOND)
        return self.eyes.value

    def failing(self, situation: Situation) -> tuple[Guard, ...]:
        """The guards that do not hold, all of them."""
        return tuple(rule for rule in self.guards if not rule(situation))


@dataclass(frozen=True)
class Lifecycle:
    """All arrows of one noun. `ends` are the states nothing leaves."""

    noun: str
    zh: str
    en: str
    states: type[Titled]
    starts: Titled
    moves: tuple[Move, ...]
    ends: tuple[Titled, ...] = ()

    def moves_from(self, state: str) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if state in move.sources)

    def find(self, state: str, action: str) -> Move:
        """The arrow for `action` from `state`.

        Raises:
            IllegalMove: there is none; facts name the state and what is possible.
        """
        for move in self.moves:
            if move.action == action and state in move.sources:
                return move
        possible = sorted({move.action for move in self.moves_from(state)})
        title = self.states(state)
        raise IllegalMove(f"{self.zh}处于「{title.zh}」，不能办理 `{action}`",
                          f"{self.en.lower()} is {title.en.lower()}; `{action}` is not possible",
                          noun=self.noun, state=str(state), action=action, possible=possible)


def require(move: Move, situation: Situation) -> None:
    """Every guard of the move holds.

    Raises:
        GuardFailed: naming all guards that do not, so that they are mended in one go.
    """
    failing = move.failing(situation)
    if failing:
        raise GuardFailed("；".join(rule.zh for rule in failing),
                          "; ".join(rule.en for rule in failing), code=failing[0].code,
                          guards=[rule.name for rule in failing],
                          codes=[rule.code for rule in failing])
