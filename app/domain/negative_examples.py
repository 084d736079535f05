"""否定样例: a reading of the rules that a person refused, and how far that refusal reaches.

Within its reach the element is not proposed again from names; values that bear it out still speak
for it, so that a refusal never hides what a column holds. A refusal is good for a year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.classification.facts import ColumnSpec
from app.domain.lifecycle import Lifecycle, Move, reason_is_given
from app.domain.titled import Titled

GOOD_FOR = timedelta(days=365)


class Reach(Titled):
    """Where a refused element is not proposed again, from the narrowest on."""

    FIELD = "FIELD", "仅此数据项", "This field only"
    DATASET = "DATASET", "本数据资源的全部数据项", "Every field of this dataset"
    NAME = "NAME", "本部门同代码的数据项", "Fields of this code in the department"


class State(Titled):
    """Whether a refusal counts."""

    ACTIVE = "ACTIVE", "有效", "Active"
    WITHDRAWN = "WITHDRAWN", "已撤销", "Withdrawn"
    EXPIRED = "EXPIRED", "已到期", "Expired"


NEGATIVE_EXAMPLE = Lifecycle(
    noun="negative_example", zh="否定样例", en="Negative example", states=State,
    starts=State.ACTIVE,
    moves=(
        Move("withdraw", (State.ACTIVE,), State.WITHDRAWN, "撤销", "Withdraw", (reason_is_given,)),
        Move("expire", (State.ACTIVE,), State.EXPIRED, "到期", "Expire"),
    ),
    ends=(State.WITHDRAWN, State.EXPIRED),
)


@dataclass(frozen=True)
class Refused:
    """One refusal that counts.

    Args:
        dataset: id of the dataset it was said in.
        column: code of the field it was said of.
    """

    number: str
    element: str
    reach: Reach
    dataset: str
    column: str

    def covers(self, dataset: str, column: str) -> bool:
        """Whether a column of a dataset of the same department lies within its reach."""
        alike = column.casefold() == self.column.casefold()
        if self.reach is Reach.NAME:
            return alike
        return dataset == self.dataset and (alike or self.reach is Reach.DATASET)


def counts(state: str, expires: datetime, at: datetime) -> bool:
    """Whether a refusal is good at an instant."""
    return state == State.ACTIVE and at < expires


def heeding(columns: Sequence[ColumnSpec], dataset: str,
            refusals: Iterable[Refused]) -> tuple[ColumnSpec, ...]:
    """The columns, each with the elements refused for it."""
    refusals = tuple(refusals)
    return tuple(replace(column, refused=tuple(sorted({
        one.element for one in refusals if one.covers(dataset, column.name)})))
        for column in columns)
