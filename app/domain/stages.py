"""What runs while a case stands in a state: one clock in working days, and who owes what."""

from dataclasses import dataclass

SUBMITTER = "SUBMITTER"


@dataclass(frozen=True)
class Stage:
    """One state's clock and debts, each a role and an action.

    The role SUBMITTER is whoever submitted: the department's liaison, or the zone for it.
    """

    clock: str
    days: int
    owes: tuple[tuple[str, str], ...]
