"""What the values of one column are like: counts and shapes, in one pass over distinct values.

The values themselves are let go when the profile is made.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median_low

from app.domain.classification.facts import Profile
from app.domain.classification.folding import SEARCHED, fold, lost_precision, zero_tailed
from app.domain.classification.identifiers import Identifiers
from app.domain.classification.scanning import Tally, by_shape, plan_for
from app.domain.classification.series import is_dense, is_rising
from app.domain.classification.shapes import DIGIT, HAN, LETTER, shown

SHAPES = 12
PEOPLE = 8  # names of people fewer than which are no list of any
STANDING_OUT = 0.1  # share of the values so far that is more than firms have by chance


@dataclass
class _Sums:
    """Running sums over the distinct values of a column."""

    distinct: int = 0
    han: float = 0.0
    digits: float = 0.0
    latin: float = 0.0
    numeric: int = 0
    decimal: int = 0
    lengths: list[int] = field(default_factory=list)
    shapes: Counter = field(default_factory=Counter)
    lost: int = 0


def profile(values: Sequence[str | None], identifiers: Identifiers) -> Profile:
    """The profile of a column's values, in the order of their rows.

    Repeated values are one witness. Cells are read up to ``SEARCHED`` characters.
    """
    folded, nulls = _folded(Counter(filter(None, values)), identifiers.null_words)
    filled = {raw: text for raw, text in folded.items() if text is not None}
    if not filled:
        return Profile(rows=len(values), null_words=nulls)
    rows = [text for text in map(filled.get, values) if text is not None]
    counts = Counter(rows)
    tally, sums = Tally(identifiers), _Sums(distinct=len(counts))
    for shape, group in by_shape(counts).items():
        plan = plan_for(shape, identifiers)
        tally.take(plan, group)
        _add(sums, shape, group, plan)
    days = [day for day in tally.days if not day.endless]
    total = sums.distinct
    return Profile(
        rows=len(values), filled=len(rows), distinct=total, hits=tally.hits(),
        shapes=tuple(sums.shapes.most_common(SHAPES)),
        han=sums.han / total, digits=sums.digits / total, latin=sums.latin / total,
        lengths=(min(sums.lengths), median_low(sums.lengths), max(sums.lengths)),
        top_share=max(counts.values()) / len(rows), rising=is_counter(rows, [*counts], tally),
        numeric=sums.numeric / total, decimal=sums.decimal / total,
        dates=len(tally.days) / total, timed=sum(day.timed for day in days) / total,
        years=(min(day.year for day in days), max(day.year for day in days)) if days else None,
        peopled=is_peopled(counts, tally.people), lost_precision=_lost(sums, counts),
        null_words=nulls,
        cut=sum(1 for raw in filled if len(raw) > SEARCHED))


def _folded(raw: Mapping[str, int],
            null_words: frozenset[str]) -> tuple[dict[str, str | None], dict[str, int]]:
    """Each distinct value folded, ``None`` where it stands for nothing, and the words that did."""
    folded: dict[str, str | None] = {}
    nulls: Counter[str] = Counter()
    for value, count in raw.items():
        text = fold(value)
        if text in null_words or not text:
            nulls[text] += count
            folded[value] = None
        else:
            folded[value] = text
    return folded, dict(nulls)


def _add(sums: _Sums, shape: str, group: list[str], plan) -> None:
    size, many = len(shape), len(group)
    sums.han += many * shape.count(HAN) / size
    sums.digits += many * shape.count(DIGIT) / size
    sums.latin += many * shape.count(LETTER) / size
    sums.lengths.extend([size] * many)
    sums.shapes[shown(shape)] += many
    sums.numeric += many * plan.numeric
    sums.decimal += many * plan.decimal
    if plan.numeric or "+" in shape or "." in shape:
        sums.lost += sum(map(lost_precision, group))


def is_peopled(distinct: Iterable[str], people: Collection[str]) -> bool:
    """Whether names of people stood out at some row, read in order; rows behind it change nothing.

    No check digit tells a person's name from a firm's short one, so a share has to: of many firms
    some are always written like people.
    """
    met = 0
    for place, value in enumerate(distinct if len(people) >= PEOPLE else (), start=1):
        met += value in people
        if met >= max(PEOPLE, STANDING_OUT * place):
            return True
    return False


def is_counter(rows: Sequence[str], distinct: Sequence[str], tally: Tally) -> bool:
    """Whether the column rises or fills a narrow range; days that lie close together do not."""
    dated = len(tally.days) > 0.5 * len(distinct)
    return is_rising(rows) or (not dated and is_dense(distinct))


def _lost(sums: _Sums, counts: Mapping[str, int]) -> int:
    """How many distinct values lost digits to a spreadsheet.

    A tail of zeros after the fifteenth digit tells only where a good part of the values has it.
    """
    tailed = sum(map(zero_tailed, counts))
    return sums.lost + (tailed if tailed >= max(3, 0.2 * len(counts)) else 0)
