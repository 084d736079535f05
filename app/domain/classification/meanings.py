"""What a name means in the table it stands in: from readings to candidate elements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from app.domain.classification.business import Setting
from app.domain.classification.elements import Elements
from app.domain.classification.facts import ColumnSpec
from app.domain.classification.lexicon import Lexicon
from app.domain.classification.naming import HEADLESS, Reading, read_code, read_title
from app.domain.classification.verdicts import Candidate

GENERAL = frozenset({"name", "code", "type", "status", "number", "text", "date", "certificate",
                     "trait"})
OF_PEOPLE = frozenset({"person_name", "name", "resident_id", "phone", "mobile", "number",
                       "occupation", "address"})
NAMED_KINDS = ("name", "id", "person_name", "contact", "number", "key")
BESIDE_TITLE, BESIDE_RIDDLE = 0.35, 0.8  # how much a code name says beside a title, read or not
FAMILY, GIVEN = 0.3, 0.1  # of what is missing to certain, for an element the business knows


def candidates(column: ColumnSpec, about: Setting, book: Elements) -> list[Candidate]:
    """The elements a column's names may mean, best first, each once."""
    best: dict[str, Candidate] = {}
    for reading in _readings(column.name, column.title, book.lexicon):
        element = element_of(reading, about, book)
        if not element:
            continue
        weight = _weight(reading, element, about)
        if element not in best or best[element].weight < weight:
            best[element] = Candidate(element, weight, reading)
    return sorted(best.values(), key=lambda candidate: -candidate.weight)


def expected_in(one: Candidate, book: Elements) -> tuple[str, ...]:
    """The identifiers a column read so would hold, the likeliest first."""
    element = book.elements[one.element]
    kind = one.reading.kind if one.reading and one.reading.kind else element.kind
    named = element.identifiers if kind == element.kind or kind in NAMED_KINDS else ()
    if one.element in book.sets["own_values_only"]:
        return named
    return tuple(dict.fromkeys((*named, *book.expected.get(kind, ()))))


def summed(columns: Iterable[Sequence[Candidate]]) -> Mapping[str, float]:
    """Element to how surely columns are that, summed up over the columns."""
    sums: dict[str, float] = defaultdict(float)
    for found in columns:
        total = sum(candidate.weight for candidate in found[:2])
        for candidate in found[:2]:
            sums[candidate.element] += candidate.weight ** 2 / total if total else 0.0
    return sums


@lru_cache(maxsize=8_192)  # a column is judged in every setting its table may be in
def _readings(name: str, title: str, lexicon: Lexicon) -> tuple[Reading, ...]:
    """The ways to read a column's names: its title where it has one, beside its code name."""
    said = read_title(title, lexicon) if title.strip() else ()
    coded = read_code(name, lexicon)
    if not said:
        return coded
    trust = BESIDE_TITLE if said[0].weight > 0.4 else BESIDE_RIDDLE
    return (*said, *(replace(reading, weight=reading.weight * trust) for reading in coded))


def _weight(reading: Reading, element: str, about: Setting) -> float:
    weight, business = reading.weight, about.business
    if reading.head == "code" and reading.act and not reading.subject:
        weight *= 0.9  # bm after an act is 部门 rather than 编码
    if business and element in business.elements:
        weight += FAMILY * (1.0 - weight)
    elif business and element in business.gives.values():
        weight += GIVEN * (1.0 - weight)
    return weight - 0.2 if reading.head == HEADLESS and not reading.subject else weight


def element_of(reading: Reading, about: Setting, book: Elements) -> str:
    """The element a reading means in this table, ``""`` for none."""
    business = about.business
    if reading.head == "amount" and business and business.amounts:
        return business.amounts
    found = _beside(reading, about, book) if reading.before else ""
    found = found or _rule(reading, about, book)
    if business and business.rows == about.rows:
        return business.gives.get(found, found)
    return found


def _beside(reading: Reading, about: Setting, book: Elements) -> str:
    """What a general word means after an element: 民族代码 is 民族, 登记单位编号 its number."""
    head, before = reading.head, book.elements[reading.before]
    if head == "flag":
        return before.id if before.kind == "code" and before.level >= 3 else "code_value"
    if head in ("ent_web", "address") and before.kind == "file":
        return before.id  # 照片URL: where the photo lies, and the photo
    if head in ("tech_key", "number", "code") and before.id in book.numbered:
        return book.numbered[before.id]
    if head in ("number", "code") and before.kind == "id":
        return before.id  # the number of a certificate is the certificate's number
    if head in ("tech_key", "number") and before.personal:
        return "person_code"
    if head not in GENERAL:
        return ""
    if head == "trait" and before.kind == "id":
        return "code_value"
    if head in ("type", "status"):
        kept = before.kind in ("code", "text", "tech") and before.level < 4
        return before.id if kept else "code_value"
    if head == "date":  # of the guarantee, where the table is about one
        known = about.business and before.id in about.business.elements
        return before.id if known else "event_date"
    return before.id


def _rule(reading: Reading, about: Setting, book: Elements) -> str:
    subject, head = reading.subject, reading.head
    if not subject and about.subject and head in OF_PEOPLE and about.regime != "persons":
        subject = about.subject
    business = about.business.id if about.business else ""
    for rule in book.readings:
        if (head in rule.heads and (not rule.subjects or subject in rule.subjects)
                and (not rule.rows or rule.rows == about.rows)
                and (not rule.businesses or business in rule.businesses)):
            return rule.element
    return head if head in book.elements else ""
