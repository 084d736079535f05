"""What rule files say for readers beside what a scan needs: families, words, names of checks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.engines.classification.words import RULES
from app.engines.strict_yaml import document


@dataclass(frozen=True)
class Spoken:
    """The family an element stands in, and the words names use for it."""

    family: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()


@cache
def spoken(folder: Path = RULES) -> Mapping[str, Spoken]:
    """The family and words of every element."""
    return dict(_spoken(folder))


def _spoken(folder: Path) -> Iterator[tuple[str, Spoken]]:
    for path in sorted((folder / "elements").glob("*.yaml")):
        for entry in document(path, "elements"):
            words = (tuple(map(str, entry.get(key, ()))) for key in ("zh", "en", "py"))
            yield entry["id"], Spoken(path.stem, *words)


@cache
def checks(folder: Path = RULES) -> Mapping[str, tuple[str, ...]]:
    """The names of the checks of every identifier."""
    return {path.stem: tuple(document(path).get("checks", ()))
            for path in sorted((folder / "identifiers").glob("*.yaml"))}
