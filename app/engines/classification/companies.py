"""What a sample tells of a table as a whole: people, how singled out, minors, sole traders."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.domain.classification.business import Setting
from app.domain.classification.elements import Elements
from app.domain.classification.escalation import FieldSet
from app.domain.classification.facts import TableSample
from app.domain.classification.verdicts import Verdict
from app.engines.classification.escalations import escalations, item

PEOPLE = ("resident_id", "ss_number", "person_cert_no", "mobile", "person_name")
SOLE_TRADER = "92"  # GB 32100-2015: registering authority 9, kind of body 2


def field_set(sample: TableSample, verdicts: Mapping[str, Verdict], about: Setting,
              book: Elements) -> FieldSet:
    """The graded fields of a table, and what its sample tells of the whole."""
    items = tuple(item(book.elements.get(verdict.element or ""), verdict.level, verdict.personal)
                  for verdict in verdicts.values())
    named = {verdict.element: name for name, verdict in verdicts.items() if verdict.element}
    return FieldSet(items, persons=_persons(sample, named), k=_fewest_alike(sample, named),
                    minors=about.regime == "minors", sole_traders=_sole_traders(sample, named))


def _persons(sample: TableSample, named: Mapping[str, str]) -> int:
    """Distinct natural persons, carried over from the sample to all rows; 0 without people."""
    column = next((named[element] for element in PEOPLE if element in named), "")
    seen = [value for value in sample.values.get(column, ()) if value]
    if not seen:
        return 0
    total = sample.rows_total or len(seen)
    return round(len(set(seen)) / len(seen) * total)


def _fewest_alike(sample: TableSample, named: Mapping[str, str]) -> int | None:
    """Fewest rows of the sample that share the same quasi-identifiers; ``None`` without three."""
    traits = escalations().traits
    quasi = [name for element, name in named.items()
             if "quasi" in traits.get(element, frozenset()) and sample.values.get(name)]
    if len(quasi) < 3:
        return None
    rows: Sequence[tuple] = list(zip(*(sample.values[name] for name in quasi), strict=True))
    return min(Counter(rows).values(), default=None)


def _sole_traders(sample: TableSample, named: Mapping[str, str]) -> bool:
    codes = sample.values.get(named.get("uscc", ""), ())
    return any(code and code.startswith(SOLE_TRADER) for code in codes)
