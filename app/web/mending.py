"""What is to mend in a refused form: at each field, and above the form as lines that lead there.

Places come as dotted names of the body; a reader sees the titles of fields instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext
from pydantic import ValidationError

from app.domain.refusals import Refusal
from app.web.forms import EN, ZH
from app.web.look import say
from app.web.problems import invalid, sentence, status_of
from app.web.words import spoken

Refused = ValidationError | Refusal


@dataclass(frozen=True)
class Line:
    """One thing to mend; `href` leads to its field, where there is one to be seen."""

    title: str
    href: str
    text: str


@dataclass(frozen=True)
class Told:
    """What stands above a refused form."""

    title: str
    lines: tuple[Line, ...] = ()


def by_field(error: Refused | None) -> dict[str, str]:
    """What to mend by dotted name, in the reader's language."""
    english, found = spoken() == "en", {}
    for at, text in _named(error, english):
        found[at] = f"{found[at]}{'; ' if english else '；'}{text}" if at in found else text
    return found


def _named(error: Refused | None, english: bool) -> Iterator[tuple[str, str]]:
    if isinstance(error, ValidationError):
        for item in error.errors(include_input=False, include_url=False, include_context=False):
            yield (".".join(str(part) for part in item["loc"]),
                   (EN if english else ZH).get(item["type"], item["msg"]))
    elif error is not None:
        for item in error.facts.get("errors", ()):
            yield str(item.get("at", "")), item.get("en" if english else "zh", "")


def told(error: Refused | None, fields: Sequence[Mapping], elsewhere: Sequence[Line] = (), *,
         linked: bool = True) -> Told | None:
    """The refusal with a line for each fault: those at `fields`, those the page shows `elsewhere`,
    and those no field shows. Its own sentence is left out where the lines say all of it. A page
    that draws its fields itself is not `linked`."""
    if error is None:
        return None
    lines = [*_lines(fields), *elsewhere]
    lines += [Line(_nearest(at, fields), "", text) for at, text in by_field(error).items()
              if not any(text in line.text for line in lines)]
    title = "" if isinstance(error, ValidationError) else sentence(error)
    if lines and all(line.text in title or not title for line in lines):
        title = gettext("请修改以下各项")
    return Told(title, tuple(line if linked else replace(line, href="") for line in lines))


def in_a_line(error: Refused) -> str:
    """The refusal as one sentence, for a page that draws no form of the act."""
    return sentence(invalid(error) if isinstance(error, ValidationError) else error)


def status(error: Refused | None) -> int:
    """The status of a form that came back, or of one that is shown at first."""
    return 200 if error is None else 422 if isinstance(error, ValidationError) else status_of(error)


def _lines(fields: Sequence[Mapping], above: str = "") -> Iterator[Line]:
    """The faults fields show, in the order of the page."""
    for field in fields:
        title = _under(above, say(field.get("label")))
        href = "" if field["type"] == "hidden" else f"#{field['id']}"
        if field.get("error"):
            yield Line(title, href, field["error"])
        yield from _lines(field.get("fields", ()), title)
        for number, row in enumerate(field.get("rows", ()), start=1):
            name = _under(title, _row_name(row["held"], number))
            if row["error"]:
                yield Line(name, href, row["error"])
            yield from _lines(row["fields"], name)


def _under(*titles: str) -> str:
    return " · ".join(filter(None, titles))


def _row_name(held: Mapping, number: int) -> str:
    """What a given row is about, or which of the free rows it is."""
    return (say(held.get("title")) or (say(held) if "zh" in held else held.get("name"))
            or gettext("第 %(number)s 行", number=number))


def _nearest(at: str, fields: Sequence[Mapping]) -> str:
    """The title of the field a place lies in, and the rest of the place; nothing where none is."""
    for field in fields:
        if at == field["name"] or at.startswith(f"{field['name']}."):
            return _under(say(field.get("label")), at.removeprefix(field["name"]).strip("."))
    return ""
