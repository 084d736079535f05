"""Which business a table belongs to, and what its rows are about."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.classification.elements import Business, Elements
from app.domain.classification.facts import TableSpec
from app.domain.classification.naming import read_title, tokens_of

ENOUGH = 2.0  # one long word of the title, or two columns that speak for it


@dataclass(frozen=True)
class Setting:
    """What a table says about each of its columns.

    Args:
        rows: person, enterprise, case, body, project or ``""``.
        subject: whom the table is about where a column does not say (联络员信息: contact).
        regime: id of the context its columns are graded in.
        why: the words and columns that spoke for the business.
    """

    rows: str
    regime: str
    business: Business | None = None
    subject: str = ""
    why: tuple[str, ...] = ()


def setting(spec: TableSpec, sure: Mapping[str, float], book: Elements) -> Setting:
    """The setting of a table.

    Args:
        sure: element to how surely columns of the table are that, summed up over the columns.
    """
    shown = _shown(sure, book)
    people = book.sets["person_ids"] | book.sets["person_names"]
    best, points, why = None, 0.0, ()
    for business in book.businesses:
        if business.needs and not _has(sure, people):
            continue
        found, words = _points(business, spec, sure)
        if found > points:
            best, points, why = business, found, words
    if best is None or points < ENOUGH:
        alone = "persons" if shown == "person" else "public" if _says(spec, book.published) \
            else "neutral"
        return Setting(shown, alone, subject=_subject(spec, book))
    rows = best.rows
    regime = best.regime
    if regime in ("public", "internal") and shown == "person" and best.rows == "enterprise":
        rows, regime = ("person", "persons") if regime == "internal" else (rows, regime)
    if best.doubt and shown != "enterprise" and not _says(spec, book.enterprise):
        return Setting(best.doubt, "persons", best, _subject(spec, book), why)
    if regime == "internal" and rows != "person" and _says(spec, book.published):
        regime = "public"
    if regime == "persons" and not _has(sure, people | book.sets["owners"]):
        regime = best.alone
    return Setting(rows, regime, best, _subject(spec, book), why)


def _says(spec: TableSpec, words: tuple[str, ...]) -> bool:
    return any(word in spec.title for word in words)


def _shown(sure: Mapping[str, float], book: Elements) -> str:
    """What the columns alone show the rows to be about."""
    person = _has(sure, book.sets["person_ids"])
    named = _has(sure, book.sets["person_names"])
    if person and named and not _has(sure, book.sets["enterprise_ids"]):
        return "person"
    if _has(sure, book.sets["enterprise_ids"] | book.sets["enterprise_names"]):
        return "enterprise"
    return "person" if person else ""


def _has(sure: Mapping[str, float], elements: frozenset[str]) -> bool:
    return sum(sure.get(element, 0.0) for element in elements) >= 0.5


def _points(business: Business, spec: TableSpec,
            sure: Mapping[str, float]) -> tuple[float, tuple[str, ...]]:
    said = [word for word in business.zh if word in spec.title]
    points = sum(len(word) ** 1.3 for word in said)
    tokens = tokens_of(spec.name)
    letters = [word for word in business.initials for part in tokens
               if part == word or (len(word) >= 3 and word in part)]
    points += sum(min(len(word), 5) * 0.7 for word in letters)
    english = [word for word in business.en if set(word.split()) <= set(tokens)]
    points += 2.0 * len(english)
    columns = {element: min(2.5, sure[element]) for element in business.elements if element in sure}
    points += sum(columns.values())
    return points, (*said, *letters, *english, *columns)


def _subject(spec: TableSpec, book: Elements) -> str:
    for reading in read_title(spec.title.replace("信息", ""), book.lexicon)[:1]:
        if reading.subject in ("legal_rep", "contact", "shareholder", "executive", "party"):
            return reading.subject
    return ""
