"""Schemes of grading with their dates, and what a unified level is in each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from app.domain.classification.elements import Element
from app.domain.grounds import Words
from app.engines.classification.words import RULES
from app.engines.rulefiles import unpack
from app.engines.rulefiles import words as text
from app.engines.strict_yaml import BadRule, document


@dataclass(frozen=True)
class Scheme:
    """A standard that gives levels, or a list of sensitive personal information.

    Args:
        gives: level or sensitive.
        levels: its levels from the lowest; empty where they were not established.
        above: classes above its levels.
        minimum: it states the lowest level, never the final one.
        replaces: id of the list it takes the place of, from its first day in force.
    """

    id: str
    title: Words
    number: str
    issued: date
    in_force: date
    gives: str
    known: str
    levels: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    minimum: bool = False
    replaces: str = ""


@dataclass(frozen=True)
class Unified:
    """A unified level, what it is elsewhere, and how it may leave the zone."""

    level: int
    gbt43697: str
    jrt0171: str
    release: Words


@dataclass(frozen=True)
class Schemes:
    """All schemes, the day they were assessed, and the unified levels."""

    assessed: date
    all: Mapping[str, Scheme]
    unified: Mapping[int, Unified]

    def sensitive_on(self, day: date) -> str:
        """The list of sensitive personal information that counts on a day, ``""`` before any."""
        lists = [scheme for scheme in self.all.values()
                 if scheme.gives == "sensitive" and scheme.in_force <= day]
        return max(lists, key=lambda scheme: scheme.in_force).id if lists else ""


@cache
def schemes(folder: Path = RULES) -> Schemes:
    """The schemes of the rule files.

    Raises:
        BadRule: a member is unknown or missing, or a date is none.
    """
    told = document(folder / "grading" / "schemes.yaml")
    found = {}
    for entry in told["schemes"]:
        at = f"schemes.yaml: {entry.get('id')}"
        built = {"title": text(entry.pop("title", None), at),
                 "levels": tuple(entry.pop("levels", ())), "above": tuple(entry.pop("above", ()))}
        scheme = unpack(Scheme, {"minimum": False, "replaces": "", **entry}, at, **built)
        if not isinstance(scheme.issued, date) or not isinstance(scheme.in_force, date):
            raise BadRule(f"{at}: `issued` and `in_force` are dates")
        found[scheme.id] = scheme
    unified = {entry["level"]: unpack(Unified, entry, "schemes.yaml: mapping", release=text(
        entry.pop("release"), "schemes.yaml: mapping")) for entry in told["mapping"]}
    return Schemes(told["assessed"], found, unified)


def is_listed(element: Element) -> bool:
    """Whether the list of sensitive information in force on the day of assessment names it."""
    told = schemes()
    return told.sensitive_on(told.assessed) in element.sensitive


def is_sensitive(element: Element, level: int) -> bool:
    """Whether an element so graded is sensitive.

    Below its own level it is not: the context that lowers it says why (school rolls of adults).
    """
    return level >= element.level and is_listed(element)
