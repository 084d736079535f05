"""What each column of a table holds: names and values are weighed, the table decides."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.domain.classification import values
from app.domain.classification.business import Setting, setting
from app.domain.classification.elements import Elements
from app.domain.classification.facts import ColumnSpec, Profile, TableSpec
from app.domain.classification.identifiers import Identifiers
from app.domain.classification.naming import HEADLESS, Reading, read_code, read_title
from app.domain.classification.values import Finding
from app.domain.classification.verdicts import Candidate, Verdict, verdict

GENERAL = frozenset({"name", "code", "type", "status", "number", "text", "date", "certificate",
                     "count", "amount", "trait"})
PEOPLE_HEADS = frozenset({"person_name", "name", "resident_id", "phone", "mobile", "number",
                          "occupation", "address"})
READ = 0.5  # a name read with less weight does not bind its values
EXPECTED_BY_KIND = {
    "person_name": ("person_name_zh",), "name": ("company_name", "person_name_zh"),
    "contact": ("mobile_cn", "landline_cn"), "place": ("address_zh", "region_code"),
    "date": ("date_cn",), "time": ("date_cn",), "amount": ("rmb_amount",),
}
FREE = ("name", "id", "person_name", "contact", "number", "key")
NUMBERED = {"org_name": "org_id", "official_name": "official_id", "person_name": "person_code",
            "ent_contact": "person_code", "ent_name": "tech_key"}
NO_VALUES_OF_THEIR_OWN = frozenset({"org_name", "org_id", "ent_region"})
FAMILY = 0.3  # what it adds that an element belongs to the business of the table


def readings(column: ColumnSpec, book: Elements) -> tuple[Reading, ...]:
    """The ways to read a column's names: its title where it has one, beside its code name."""
    said = read_title(column.title, book.lexicon) if column.title.strip() else ()
    coded = read_code(column.name, book.lexicon)
    if not said:
        return coded
    trust = 0.35 if said[0].weight > 0.4 else 0.8
    return (*said, *(replace(reading, weight=reading.weight * trust) for reading in coded))


def element_of(reading: Reading, about: Setting, book: Elements) -> str:
    """The element a reading means in this table, ``""`` for none."""
    subject, head = reading.subject, reading.head
    if not subject and about.subject and head in PEOPLE_HEADS and about.regime != "persons":
        subject = about.subject
    business = about.business
    if head == "flag" and reading.before:
        marked = book.elements[reading.before]
        found = marked.id if marked.kind == "code" and marked.level >= 3 else "code_value"
    elif head in ("ent_web", "address") and reading.before and book.elements[
            reading.before].kind == "file":
        found = reading.before  # 照片URL: where the photo lies, and the photo
    elif head in ("tech_key", "number", "code") and reading.before in NUMBERED:
        found = NUMBERED[reading.before]
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
    if reading.head == "trait" and before.kind == "id":
        return "code_value"
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
    return _summed([candidates(column, nothing, book) for column in spec.columns])


def _summed(columns: Iterable[Sequence[Candidate]]) -> Mapping[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for found in columns:
        total = sum(candidate.weight for candidate in found[:2])
        for candidate in found[:2]:
            sums[candidate.element] += candidate.weight ** 2 / total if total else 0.0
    return sums


def infer(spec: TableSpec, profiles: Mapping[str, Profile], book: Elements,
          identifiers: Identifiers) -> tuple[Setting, dict[str, Verdict]]:
    """What the table is about, and the verdict on every column.

    Args:
        profiles: by code name of the column; empty when no values were read.
    """
    nothing = Setting("", "neutral")
    first = [_weighed(column, profiles.get(column.name), nothing, book, identifiers)[0]
             for column in spec.columns]
    about = setting(spec, _summed(first), book)
    verdicts: dict[str, Verdict] = {}
    before = ""
    for column in spec.columns:
        profile = profiles.get(column.name)
        found, finding = _weighed(column, profile, about, book, identifiers)
        if found and found[0].element == "ent_phone" and before == "ent_contact":
            found[0] = replace(found[0], element="mobile")  # the phone beside a contact is his
        before = found[0].element if found else ""
        verdicts[column.name] = verdict(found, finding, profile, about, book)
    return about, verdicts


def _weighed(column: ColumnSpec, profile: Profile | None, about: Setting, book: Elements,
             identifiers: Identifiers) -> tuple[list[Candidate], Finding]:
    """The candidates of a column after its values were heard, and what they said."""
    named = candidates(column, about, book)
    sure = bool(named) and named[0].weight >= READ
    if profile is None or not profile.distinct:
        return named, Finding(_assumed(column, named[0], book) if named else "")
    expected = _expected(named[0], book) if named else ()
    finding = values.found(profile, expected, sure, identifiers)
    heard = [replace(one, weight=one.weight + _heard(one, finding, profile, book))
             for one in named]
    if not sure:
        heard += _spoken(finding, profile, about, book, {one.element for one in named})
    return sorted(heard, key=lambda one: -one.weight), finding


def _heard(one: Candidate, finding: Finding, profile: Profile,
           book: Elements) -> float:
    """What values add to a candidate or take from it."""
    expected = _expected(one, book)
    if finding.identifier:
        if finding.identifier in expected:
            return 0.1 * finding.share
        clash = expected and finding.share > 0.6
        return -0.15 if clash else 0.0
    kind = book.elements[one.element].kind
    if kind in ("date", "time") and profile.distinct > 3 and not profile.dates \
            and profile.numeric < 0.5:
        return -0.2
    return -0.1 if kind == "amount" and profile.numeric < 0.3 and profile.distinct > 3 else 0.0


def _spoken(finding: Finding, profile: Profile, about: Setting, book: Elements,
            named: set[str]) -> list[Candidate]:
    """What the values say a column is where its name was not read."""
    head = book.by_identifier.get(finding.identifier, "")
    weight = 0.55 + 0.25 * finding.share
    if not head:
        head, weight = book.by_shape[values.shape(profile)], 0.4
    kind = book.elements[head].kind if head in book.elements else ""
    reading = Reading("", head, kind, False, weight, (finding.identifier or head,), "values")
    element = element_of(reading, about, book)
    return [Candidate(element, weight, reading)] if element and element not in named else []


def _expected(one: Candidate, book: Elements) -> tuple[str, ...]:
    """The identifiers a column read so would hold, the likeliest first."""
    element = book.elements[one.element]
    kind = one.reading.kind if one.reading and one.reading.kind else element.kind
    named = element.identifiers if kind == element.kind or kind in FREE else ()
    if one.element in NO_VALUES_OF_THEIR_OWN:
        return named
    return tuple(dict.fromkeys((*named, *EXPECTED_BY_KIND.get(kind, ()))))


def _assumed(column: ColumnSpec, one: Candidate, book: Elements) -> str:
    """The identifier a column read so is taken to hold where no value was seen."""
    kind = one.reading.kind if one.reading else ""
    if (kind or book.elements[one.element].kind) in ("date", "time") and _coarse(column):
        return ""
    if one.element == "ent_region" and not _coded(one):
        return ""
    return next(iter(_expected(one, book)), "")


def _coarse(column: ColumnSpec) -> bool:
    """A year, a month or a span is no date."""
    return column.title.endswith(("年", "年度", "年月", "年份", "月", "期限", "年限", "所属期"))


def _coded(one: Candidate) -> bool:
    words = one.reading.words if one.reading else ()
    return bool(words) and words[-1].endswith(("代码", "编码", "码", "code", "dm", "bm", "number"))
