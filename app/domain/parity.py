"""Parity: what is to be approved beside what like institutions hold (公平性对照, G-PARITY, INV-16).

Like are grants in force of the same product held by other institutions of the same kind. Three
things are compared, and nothing else counts as a deviation:

- fields: one that less than half of them hold (wider), or one missing that more than half hold
  (narrower);
- term: its length lies more than `TERM_DAYS` from their median;
- price: its class is not a most common one among theirs, each as published on the day the grant
  took effect.

Where there is no like grant nothing is compared, which is said and recorded as such.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.canonical import digest
from app.domain.narrowing import NARROWER, WIDER, Difference
from app.domain.rights import Rights

TERM_DAYS = 31


@dataclass(frozen=True)
class Held:
    """One like grant as it stands now; `price_class` is empty where none was published then."""

    number: str
    scope_digest: str
    price_class: str
    rights: Rights


@dataclass(frozen=True)
class Parity:
    """The comparison as of one decision. `like` are the grants compared with, by number."""

    like: tuple[str, ...]
    basis: str
    deviations: tuple[Difference, ...]

    def as_record(self) -> dict:
        """What the decision's entry says of it; `basis` is the digest of all that was compared."""
        return {"like": len(self.like), "basis": self.basis,
                "deviations": [f"{item.dimension}.{item.member}:{item.direction}"
                               for item in self.deviations]}


def compared(rights: Rights, price_class: str, like: Sequence[Held]) -> Parity:
    """The rights beside those of the like grants."""
    numbers = tuple(sorted(item.number for item in like))
    basis = digest([[item.number, item.scope_digest, item.price_class]
                    for item in sorted(like, key=lambda item: item.number)])
    found = (*_fields(rights, like), *_term(rights, like), *_price(price_class, like))
    return Parity(numbers, basis, found if like else ())


def _fields(rights: Rights, like: Sequence[Held]) -> Iterator[Difference]:
    asked = frozenset(rights.treatments)
    holders = Counter(field for item in like for field in item.rights.treatments)
    rare = sorted(field for field in asked if holders[field] * 2 < len(like))
    missing = sorted(field for field, count in holders.items()
                     if count * 2 > len(like) and field not in asked)
    for names, direction, zh, en in (
            (rare, WIDER, "多于同类机构的数据项", "fields few like institutions hold"),
            (missing, NARROWER, "少于同类机构的数据项", "fields most like institutions hold")):
        if names:
            yield Difference("scope", "fields", direction, f"{zh}：{'、'.join(names)}",
                             f"{en}: {', '.join(names)}")


def _term(rights: Rights, like: Sequence[Held]) -> Iterator[Difference]:
    days = _days(rights)
    terms = sorted(_days(item.rights) for item in like)
    median = terms[(len(terms) - 1) // 2] if terms else days
    if abs(days - median) > TERM_DAYS:
        yield Difference("term", "length", WIDER if days > median else NARROWER,
                         f"期限{days}天，同类机构中位数为{median}天",
                         f"a term of {days} days; the median of like institutions is {median}")


def _days(rights: Rights) -> int:
    return (rights.ends - rights.begins).days


def _price(price_class: str, like: Sequence[Held]) -> Iterator[Difference]:
    counts = Counter(item.price_class for item in like if item.price_class)
    usual = sorted(name for name, count in counts.items() if count == max(counts.values()))
    if usual and price_class not in usual:
        dearer = price_class != "FREE"
        yield Difference("price", "class", NARROWER if dearer else WIDER,
                         f"价格类别为{price_class}，同类机构多为{'、'.join(usual)}",
                         f"price class {price_class}; like institutions mostly have "
                         f"{', '.join(usual)}")
