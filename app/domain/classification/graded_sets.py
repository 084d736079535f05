"""Graded fields that are held together, what is known of the whole, and a rule on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.domain.grounds import Words


@dataclass(frozen=True)
class Item:
    """One graded field of a set.

    Args:
        element: id of its data element, ``""`` where none was found.
        level: unified level before its company is looked at.
        schemes: scheme id to the level it gives, where they differ.
        traits: what the rule files say of the element, such as direct, quasi, account, aid, label.
        inputs: levels of what a label or score was made from.
        found: highest level of an identifier found in its text, 0 for none.
        published: made public by law as it stands, so that its company tells nothing new.
        raised: ids of the rules that raised it, in their order.
    """

    element: str
    level: int
    personal: bool = False
    sensitive: bool = False
    schemes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    traits: frozenset[str] = frozenset()
    inputs: tuple[int, ...] = ()
    found: int = 0
    published: bool = False
    raised: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldSet:
    """Fields that are held, offered or reached together, and what is known of the whole.

    Args:
        persons: distinct natural persons in it, not rows.
        uncounted: people are in it, and nobody knows how many.
        handled: distinct natural persons of everything the operator handles.
        k: fewest rows that share the same quasi-identifiers; ``None`` where unknown, which is
            taken for few.
        sharing: open, conditional or forbidden.
        state: raw, deidentified or anonymised; ``tested`` by a recorded re-identification test.
        cells: fewest subjects of any cell of an aggregate; ``None`` for data that is none.
        dominance: largest share one subject has of a cell.
        unpublished: an aggregate that shows the state of an industry or the economy before it is
            published.
        sources: highest level of each set it was fused from.
        leaving: is to leave the country.
        coverage: it covers nearly all enterprises of a city or an industry.
        minors, sole_traders: such subjects are in it.
        sole_traders_only: it is said to hold no other enterprises.
        published: it was published by its owner, or the date set for its secrecy has passed.
    """

    items: tuple[Item, ...]
    persons: int = 0
    uncounted: bool = False
    handled: int = 0
    k: int | None = None
    sharing: str = ""
    state: str = "raw"
    tested: bool = False
    cells: int | None = None
    dominance: float = 1.0
    unpublished: bool = False
    sources: tuple[int, ...] = ()
    leaving: bool = False
    coverage: bool = False
    minors: bool = False
    sole_traders: bool = False
    sole_traders_only: bool = False
    published: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule of escalation.

    Args:
        condition: name of the condition it rests on.
        floor: lowest level of the fields (or of the set) it applies to.
        personal: these fields become personal information.
        duties: what follows beside the level.
        fall: how far two persons may then lower the set: open (to what other rules leave), two
            (levels), or anonymous (rules on people do not bind).
        basis, status: where the rule is from, and how surely that is known.
    """

    id: str
    title: Words
    condition: str
    basis: Words
    status: str
    floor: int = 1
    personal: bool = False
    duties: tuple[str, ...] = ()
    fall: str = ""
