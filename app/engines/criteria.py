"""The criteria of admission as published in `policies/cases/criteria.yaml`, read once a process."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from app.domain.criteria import Criterion, Kind, Sheet
from app.engines.rulefiles import CASES, BadRule, choice, entries, unpack, words


@cache
def published() -> Mapping[Kind, Sheet]:
    """The sheet of every kind of institution."""
    return load(CASES / "criteria.yaml")


def load(path: Path) -> Mapping[Kind, Sheet]:
    """The sheets of a file, by kind.

    Raises:
        BadRule: an entry is wrong, or a kind has no sheet or two.
    """
    found: dict[Kind, Sheet] = {}
    for at, entry in entries(path, "sheets"):
        sheet = _sheet(entry, at)
        for kind in sheet.kinds:
            if kind in found:
                raise BadRule(f"{at}: `{kind}` has another sheet already")
            found[kind] = sheet
    missing = [kind for kind in Kind if kind not in found]
    if missing:
        raise BadRule(f"{path.name}: no sheet for `{missing[0]}`")
    return found


def _sheet(entry: dict, at: str) -> Sheet:
    items = entry.get("items")
    if not isinstance(items, dict) or not items:
        raise BadRule(f"{at}: `items` is a list of criteria by id")
    if not isinstance(entry.get("version"), str):
        raise BadRule(f"{at}: `version` is a text")
    return unpack(
        Sheet,
        entry,
        at,
        title=words(entry.get("title"), at),
        kinds=tuple(choice(Kind, kind, at) for kind in entry.get("kinds") or ()),
        items=tuple(
            Criterion(str(key), words(text, f"{at} item `{key}`")) for key, text in items.items()
        ),
    )
