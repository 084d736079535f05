"""Words of cases and letters: YAML read into frozen values, refused whole for one wrong entry."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from app.domain.grounds import (
    Article,
    Checklist,
    ChecklistItem,
    Dimension,
    Ground,
    Remedy,
    Source,
    Words,
)
from app.domain.instruments import NEEDS_REASONS, Kind
from app.domain.letters import TEMPLATES, LetterText, Office
from app.engines.strict_yaml import BadRule, document

CASES = Path(__file__).resolve().parents[2] / "policies" / "cases"
TEXTS = Path(__file__).resolve().parent / "instruments" / "texts.yaml"
DEMO_MARK = Words("演示 不具效力", "DEMONSTRATION")
T = TypeVar("T")


@dataclass(frozen=True)
class CaseWords:
    """Everything of `policies/cases`, by id."""

    articles: Mapping[str, Article]
    grounds: Mapping[str, Ground]
    checklists: Mapping[str, Checklist]

    def grounds_for(self, letter: str) -> tuple[Ground, ...]:
        """The sentences an officer may choose from for an instrument of this kind."""
        return tuple(ground for ground in self.grounds.values() if letter in ground.letters)


@cache
def office(lookup: str, demo: bool) -> Office:
    """Who writes the letters; in a demonstration they are marked as having no effect."""
    entry = document(CASES / "office.yaml", "office")
    at = "office.yaml"
    return unpack(Office, entry, at, lookup=lookup, mark=DEMO_MARK if demo else None,
                  name=words(entry.get("name"), at), contact=words(entry.get("contact"), at))


@cache
def letter_texts(path: Path = TEXTS) -> Mapping[Kind, LetterText]:
    """What each kind of instrument says.

    Raises:
        BadRule: an entry is wrong, or a kind has none.
    """
    found: dict[Kind, LetterText] = {}
    for at, entry in entries(path, "texts"):
        closing = entry.get("closing")
        text = unpack(LetterText, entry, at, kind=choice(Kind, entry.get("kind"), at),
                      opening=words(entry.get("opening"), at),
                      closing=None if closing is None else words(closing, at))
        if text.kind in found or text.letter in {other.letter for other in found.values()}:
            raise BadRule(f"{at}: kind and `letter` each stand once")
        if text.template not in TEMPLATES:
            raise BadRule(f"{at}: there is no template `{text.template}`")
        found[text.kind] = text
    missing = [kind for kind in Kind if kind not in found]
    if missing:
        raise BadRule(f"{path.name}: no text for `{missing[0]}`")
    return found


def load_cases(folder: Path = CASES) -> CaseWords:
    """The words of cases as published.

    Raises:
        BadRule: naming the first wrong entry; nothing is loaded.
    """
    articles = {article.id: article for article in _articles(folder / "sources.yaml")}
    grounds: dict[str, Ground] = {}
    for path in sorted((folder / "refusals").glob("*.yaml")):
        for at, entry in entries(path, "refusals"):
            ground = _ground(entry, articles, at)
            if ground.code in grounds:
                raise BadRule(f"{at}: `{ground.code}` stands twice")
            grounds[ground.code] = ground
    checklists = {}
    for at, entry in entries(folder / "clauses.yaml", "checklists"):
        checklist = _checklist(entry, articles, at)
        checklists[checklist.id] = checklist
    return CaseWords(articles, grounds, checklists)


def entries(path: Path, name: str) -> Iterator[tuple[str, dict]]:
    """Each entry of the one list ``name`` in the file, with its place for messages."""
    listed = document(path, name)
    if not isinstance(listed, list):
        raise BadRule(f"{path.name}: `{name}` is a list")
    for number, entry in enumerate(listed, start=1):
        if not isinstance(entry, dict):
            raise BadRule(f"{path.name} entry {number}: expected members")
        label = entry.get("code") or entry.get("id") or entry.get("kind") or number
        yield f"{path.name} entry `{label}`", entry


def unpack(kind: type[T], entry: Mapping, at: str, /, **built: object) -> T:
    """``entry`` as a frozen value of ``kind``; ``built`` replaces members already made.

    Raises:
        BadRule: a member is unknown or missing.
    """
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if not isinstance(entry, Mapping):
        raise BadRule(f"{at}: expected members, found {type(entry).__name__}")
    given = set(entry) | set(built)
    for wrong, word in ((given - names, "unknown"), (names - given, "missing")):
        if wrong:
            raise BadRule(f"{at}: member `{min(map(str, wrong))}` is {word}")
    return kind(**{**entry, **built})


def words(entry: object, at: str) -> Words:
    """A text in both languages, neither empty."""
    text = unpack(Words, entry, at)  # type: ignore[arg-type]
    if not all(isinstance(side, str) and side.strip() for side in (text.zh, text.en)):
        raise BadRule(f"{at}: `zh` and `en` are texts")
    try:
        text.blanks()
    except ValueError as error:
        raise BadRule(f"{at}: {error}") from None
    return text


def choice(kind: type[T], code: object, at: str) -> T:
    """The member of a closed vocabulary."""
    try:
        return kind(code)  # type: ignore[call-arg]
    except ValueError:
        raise BadRule(f"{at}: `{code}` is no {kind.__name__.lower()}") from None


def _articles(path: Path) -> Iterator[Article]:
    for at, entry in entries(path, "sources"):
        parts = dict(entry)
        articles = parts.pop("articles", {})
        source = unpack(Source, parts, at, title=words(parts.get("title"), at))
        if not isinstance(source.in_force, date):
            raise BadRule(f"{at}: `in_force` is a date")
        for number, says in articles.items():
            if not isinstance(number, int) or not 0 <= number <= 99:
                raise BadRule(f"{at}: article `{number}` is not a number from 0 to 99")
            yield Article(f"{source.id}/{number}", source, number, words(says, at))


def _ground(entry: dict, articles: Mapping[str, Article], at: str) -> Ground:
    ground = unpack(
        Ground, entry, at,
        letters=tuple(choice(Kind, letter, at) for letter in entry.get("letters") or ()),
        dimension=choice(Dimension, entry.get("dimension"), at),
        remedy=choice(Remedy, entry.get("remedy"), at),
        article=_article(entry.get("article"), articles, at),
        **{name: words(entry.get(name), at) for name in ("title", "fact", "advice")})
    if not ground.letters or not set(ground.letters) <= NEEDS_REASONS:
        raise BadRule(f"{at}: `letters` names {', '.join(sorted(NEEDS_REASONS))}")
    if not isinstance(ground.days, int) or not 0 <= ground.days <= 250:
        raise BadRule(f"{at}: `days` is a number of working days from 0 to 250")
    if ground.days and ground.remedy is Remedy.NONE:
        raise BadRule(f"{at}: a period needs a remedy")
    return ground


def _article(id: object, articles: Mapping[str, Article], at: str) -> Article:
    if id not in articles:
        raise BadRule(f"{at}: no source has article `{id}`")
    return articles[str(id)]


def _checklist(entry: dict, articles: Mapping[str, Article], at: str) -> Checklist:
    required = entry.get("required_by")
    items = entry.get("items")
    if not isinstance(items, dict) or not items:
        raise BadRule(f"{at}: `items` names at least one item")
    return unpack(
        Checklist, entry, at,
        title=words(entry.get("title"), at),
        required_by=None if required is None else _article(required, articles, at),
        items=tuple(ChecklistItem(id, words(title, f"{at} item `{id}`"))
                    for id, title in items.items()))
