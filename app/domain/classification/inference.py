"""What each column of a table holds: names and values are weighed, the table decides."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.classification.business import Setting, setting
from app.domain.classification.elements import Elements
from app.domain.classification.facts import ColumnSpec, Profile, TableSpec
from app.domain.classification.naming import HEADLESS, Reading, read_code, read_title

GENERAL = frozenset({"name", "code", "type", "status", "number", "text", "date", "certificate",
                     "count", "amount", "trait"})
PEOPLE_HEADS = frozenset({"person_name", "name", "resident_id", "phone", "mobile", "number",
                          "occupation", "address"})
FAMILY = 0.3  # what it adds that an element belongs to the business of the table


@dataclass(frozen=True)
class Candidate:
    """One element a column may be, how much speaks for it, and by which reading."""

    element: str
    weight: float
    reading: Reading | None
    why: str = ""


def readings(column: ColumnSpec, book: Elements) -> tuple[Reading, ...]:
    """The ways to read a column's names: its title where it has one, beside its code name."""
    said = read_title(column.title, book.lexicon) if column.title.strip() else ()
    coded = read_code(column.name, book.lexicon)
    if not said:
        return coded
    trust = 0.35 if said[0].weight > 0.4 else 0.8
    return (*said, *(Reading(r.subject, r.head, r.kind, r.act, r.weight * trust, r.words, r.before)
                     for r in coded))


def element_of(reading: Reading, about: Setting, book: Elements) -> str:
    """The element a reading means in this table, ``""`` for none."""
    subject, head = reading.subject, reading.head
    if not subject and about.subject and head in PEOPLE_HEADS and about.regime != "persons":
        subject = about.subject
    business = about.business
    if head == "flag" and reading.before:
        marked = book.elements[reading.before]
        found = marked.id if marked.kind == "code" and marked.level >= 3 else "code_value"
    elif head in ("tech_key", "number") and reading.before and book.elements[
            reading.before].personal:
        found = "person_code"
    elif head in GENERAL and reading.before and head not in ("count", "amount"):
        found = _before(reading, about, book)
    else:
        found = _rule(subject, head, about, book)
    if head == "amount" and business and business.amounts:
        return business.amounts
    if business and business.rows == about.rows:
        return business.gives.get(found, found)
    return found


def _before(reading: Reading, about: Setting, book: Elements) -> str:
    """民族代码 is 民族; 担保日期 is a date, and of the guarantee where the table is about one."""
    before = book.elements[reading.before]
    if reading.head in ("type", "status"):
        kept = before.kind in ("code", "text", "tech") and before.level < 4
        return before.id if kept else "code_value"
    if reading.head != "date":
        return reading.before
    business = about.business
    return reading.before if business and reading.before in business.elements else "event_date"


def _rule(subject: str, head: str, about: Setting, book: Elements) -> str:
    business = about.business.id if about.business else ""
    for rule in book.readings:
        if (head in rule.heads and (not rule.subjects or subject in rule.subjects)
                and (not rule.rows or rule.rows == about.rows)
                and (not rule.businesses or business in rule.businesses)):
            return rule.element
    return head if head in book.elements else ""


def candidates(column: ColumnSpec, about: Setting, book: Elements) -> list[Candidate]:
    """The elements a column's names may mean, best first, each once."""
    best: dict[str, Candidate] = {}
    business = about.business
    family = set(business.elements) if business else set()
    given = set(business.gives.values()) if business else set()
    for reading in readings(column, book):
        element = element_of(reading, about, book)
        if not element:
            continue
        weight = reading.weight
        if reading.head == "code" and reading.act and not reading.subject:
            weight *= 0.9  # bm after an act is 部门 rather than 编码
        if element in family or element in given:
            weight += (FAMILY if element in family else FAMILY / 3) * (1.0 - weight)
        if reading.head == HEADLESS and not reading.subject:
            weight -= 0.2
        if element not in best or best[element].weight < weight:
            best[element] = Candidate(element, weight, reading)
    return sorted(best.values(), key=lambda candidate: -candidate.weight)


def surely(spec: TableSpec, book: Elements) -> Mapping[str, float]:
    """How surely columns are each element, summed up, before the table is known."""
    nothing = Setting("", "neutral")
    sums: dict[str, float] = defaultdict(float)
    for column in spec.columns:
        found = candidates(column, nothing, book)[:2]
        total = sum(candidate.weight for candidate in found)
        for candidate in found:
            sums[candidate.element] += candidate.weight ** 2 / total if total else 0.0
    return sums


@dataclass(frozen=True)
class Verdict:
    """What a column is found to hold, and how it is graded."""

    element: str | None
    identifier: str | None
    level: int
    personal: bool
    confidence: float
    why: tuple[str, ...] = ()


def infer(spec: TableSpec, profiles: Mapping[str, Profile] | None, book: Elements,
          ) -> dict[str, Verdict]:
    """The verdict on every column of a table."""
    about = setting(spec, surely(spec, book), book)
    verdicts: dict[str, Verdict] = {}
    before = ""
    for column in spec.columns:
        found = candidates(column, about, book)
        element = found[0].element if found else ""
        if element == "ent_phone" and before == "ent_contact":
            element = "mobile"
        before = element
        level, personal = grade(element, found[0].reading if found else None, about, book)
        identifier = book.elements[element].identifiers[0] \
            if element and book.elements[element].identifiers else None
        verdicts[column.name] = Verdict(element or None, identifier, level, personal,
                                        found[0].weight if found else 0.0)
    return verdicts


def grade(element: str, reading: Reading | None, about: Setting,
          book: Elements) -> tuple[int, bool]:
    """Level and whether personal, of an element in the company of this table."""
    regime = book.regimes[about.regime]
    if not element:
        return max(1, regime.floor), regime.personal
    declared = book.elements[element]
    level = regime.levels.get(element, declared.level)
    personal = declared.personal or element in regime.personal_elements
    if element not in book.stays:
        level, personal = max(level, regime.floor), personal or regime.personal
    if reading and reading.kind == "amount":
        level = max(level, regime.amounts.get(element, 1))
    level = max(level, regime.lift.get(element, 1))
    return (regime.heads.get(reading.head, level) if reading else level), personal


def graded(spec: TableSpec, names: Sequence[str]) -> int:
    """How many columns of the table are among these."""
    return sum(column.name in names for column in spec.columns)
