"""How each noun is shown: one YAML file a noun in `pages/nouns/`, read once at start.

A file says the columns of the list, the facts of the sheet and its tables; titles in both
languages. What may be done comes from the lifecycle and the staff rules, never from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "pages" / "nouns"


@dataclass(frozen=True)
class Column:
    """One column or fact: which member, how it is shown (kinds of macros/list.html). `ref` names
    the member that holds the number a link leads to, where it is not the shown one."""

    key: str
    zh: str
    en: str
    kind: str = ""
    fold: bool = False
    sort: bool = False
    wrap: bool = False
    meta: tuple[str, ...] = ()
    noun: str = ""
    ref: str = ""
    vocabulary: str = ""

    @property
    def title(self) -> dict:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class Table:
    """A list inside a sheet: the member that holds it, its title and columns."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    @property
    def title(self) -> dict:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class Filter:
    """A filter of the list: a member of the noun's Filters and the vocabulary of its choices."""

    name: str
    zh: str
    en: str
    options: str


@dataclass(frozen=True)
class Fill:
    """A member of a command's body that starts as a member of the sheet: `.` is the whole sheet.

    `unless` names the member of a given row that leaves it unticked at first.
    """

    command: str
    member: str
    of: str
    unless: str = ""


@dataclass(frozen=True)
class NounPage:
    """How a noun is shown. `group` is where it stands in the navigation, empty for nowhere; then
    `under` names the noun whose entry is marked as the present one. `hidden` commands have no
    button, `written` ones a page of their own in place of a dialog; `only` names the states in
    which a command that is no move of a lifecycle has a button."""

    noun: str
    zh: str
    en: str
    icon: str
    group: str = ""
    under: str = ""
    order: int = 50
    name: str = "name"
    search_zh: str = ""
    search_en: str = ""
    intro_zh: str = ""
    intro_en: str = ""
    empty_zh: str = ""
    empty_en: str = ""
    new_zh: str = ""
    new_en: str = ""
    columns: tuple[Column, ...] = ()
    facts: tuple[Column, ...] = ()
    tables: tuple[Table, ...] = ()
    filters: tuple[Filter, ...] = ()
    fills: tuple[Fill, ...] = ()
    hidden: tuple[str, ...] = field(default_factory=tuple)
    written: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def title(self) -> dict:
        return {"zh": self.zh, "en": self.en}


def _read(path: Path) -> NounPage:
    values = yaml.safe_load(path.read_text("utf-8"))
    values["columns"] = tuple(_column(item) for item in values.get("columns", ()))
    values["facts"] = tuple(_column(item) for item in values.get("facts", ()))
    values["tables"] = tuple(
        Table(item["key"], item["zh"], item["en"],
              tuple(_column(column) for column in item["columns"]))
        for item in values.get("tables", ()))
    values["filters"] = tuple(Filter(**item) for item in values.get("filters", ()))
    values["fills"] = tuple(Fill(**item) for item in values.get("fills", ()))
    for name in ("hidden", "written"):
        values[name] = tuple(values.get(name, ()))
    values["only"] = {action: tuple(states)
                      for action, states in values.get("only", {}).items()}
    return NounPage(noun=path.stem, **values)


def _column(item: dict) -> Column:
    return Column(**{**item, "meta": tuple(item.get("meta", ()))})


@cache
def noun_pages() -> dict[str, NounPage]:
    """Every noun that has a page, by noun. An unknown key in a file fails at start."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yaml"))}
