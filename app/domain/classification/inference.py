"""What each column of a table holds: names and values are weighed, the table decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.domain.classification import values
from app.domain.classification.business import Setting
from app.domain.classification.declared import ruled_out
from app.domain.classification.elements import Elements
from app.domain.classification.facts import ColumnSpec, Profile, TableSpec
from app.domain.classification.grounds import READ, Counts, graded
from app.domain.classification.identifiers import Identifiers
from app.domain.classification.meanings import candidates, element_of, expected_in
from app.domain.classification.naming import Reading
from app.domain.classification.strictest import Possible
from app.domain.classification.values import Finding
from app.domain.classification.verdicts import DOUBT, Candidate, Reason, Verdict, verdict


def infer(spec: TableSpec, profiles: Mapping[str, Profile], counts: Mapping[str, Counts],
          may_be: Possible, book: Elements, identifiers: Identifiers) -> dict[str, Verdict]:
    """The verdict on every column of a table.

    Args:
        profiles: by code name of the column; empty when no values were read.
        counts: what was counted in each column.
    """
    about, verdicts = may_be.likely, {}
    for column in spec.columns:
        profile = profiles.get(column.name)
        found, finding = _weighed(column, profile, about, book, identifiers)
        beside = column.name in may_be.beside_contacts
        if found and found[0].element == "ent_phone" and beside:
            found[0] = replace(found[0], element="mobile")  # the phone beside a contact is his
        named = _named(column, about, book)
        element = named.element if named else ""
        rest = graded("mobile" if beside and element == "ent_phone" else element,
                      named.reading if named else None, counts[column.name], about, book)
        judged = verdict(found, finding, profile, rest, about, book)
        verdicts[column.name] = replace(judged, why=(
            *judged.why, *_heeded(column, about, found, book)))
    return verdicts


def _named(column: ColumnSpec, about: Setting, book: Elements) -> Candidate | None:
    """What the names of a column say it is."""
    return next((one for one in candidates(column, about, book)
                 if one.element not in column.refused), None)


def _heeded(column: ColumnSpec, about: Setting, found: Sequence[Candidate],
            book: Elements) -> Iterator[Reason]:
    """What became of refusals of elements that the names lead to."""
    if not column.refused:
        return
    left = {one.element for one in found}
    for one in candidates(column, about, book):
        if one.element in column.refused:
            code = "refused-borne" if one.element in left else "refused"
            yield Reason(code, (("element", one.element),))


def _weighed(column: ColumnSpec, profile: Profile | None, about: Setting, book: Elements,
             identifiers: Identifiers) -> tuple[list[Candidate], Finding]:
    """The candidates of a column after its values were heard, and what they said.

    An element a person refused is a candidate only where values of a strong identifier bear it out.
    """
    read = _doubted(column, candidates(column, about, book))
    named = [one for one in read if one.element not in column.refused]
    sure = bool(named) and named[0].weight >= READ
    if profile is None or not profile.distinct:
        return named, Finding(_assumed(column, named[0], book) if named else "")
    expected = expected_in(named[0], book) if named else ()
    reading = named[0].reading if sure else None
    finding = values.found(profile, expected, sure, identifiers, book,
                           ruled_out(column, reading, identifiers))
    borne = finding.share >= values.ALONE and identifiers[finding.identifier].strength == "strong"
    heard = [replace(one, weight=one.weight + _heard(one, finding, profile, book))
             for one in read if one.element not in column.refused
             or borne and finding.identifier in expected_in(one, book)]
    if not sure or borne and finding.agrees < 0:
        heard += [one for one in _spoken(finding, profile, about, book, heard)
                  if borne or one.element not in column.refused]
    heard.sort(key=lambda one: -one.weight)
    return heard, finding


def _doubted(column: ColumnSpec, read: list[Candidate]) -> list[Candidate]:
    """The candidates, those less weighty that are left only because a better one was refused."""
    if not read or read[0].element not in column.refused:
        return read
    return [one if one.element in column.refused else replace(one, weight=one.weight - DOUBT)
            for one in read]


def _heard(one: Candidate, finding: Finding, profile: Profile,
           book: Elements) -> float:
    """What values add to a candidate or take from it."""
    expected = expected_in(one, book)
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
            named: Sequence[Candidate]) -> list[Candidate]:
    """What the values say a column is where its name was not read."""
    head = book.by_identifier.get(finding.identifier, "")
    weight = 0.55 + 0.25 * finding.share
    if not head:
        head, weight = book.by_shape[values.shape(profile)], 0.4
    kind = book.elements[head].kind if head in book.elements else ""
    reading = Reading("", head, kind, False, weight, (finding.identifier or head,), "values")
    element = element_of(reading, about, book)
    known = {one.element for one in named}
    return [Candidate(element, weight, reading)] if element and element not in known else []


def _assumed(column: ColumnSpec, one: Candidate, book: Elements) -> str:
    """The identifier a column read so is taken to hold where no value was seen."""
    kind = one.reading.kind if one.reading else ""
    if (kind or book.elements[one.element].kind) in ("date", "time") and _coarse(column):
        return ""
    if one.element == "ent_region" and not _coded(one):
        return ""
    return next(iter(expected_in(one, book)), "")


def _coarse(column: ColumnSpec) -> bool:
    """A year, a month or a span is no date."""
    return column.title.endswith(("年", "年度", "年月", "年份", "月", "期限", "年限", "所属期"))


def _coded(one: Candidate) -> bool:
    words = one.reading.words if one.reading else ()
    return bool(words) and words[-1].endswith(("代码", "编码", "码", "code", "dm", "bm", "number"))
