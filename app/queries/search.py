"""One search over every list the caller may read: numbers, names, credit codes, trace ids."""

from dataclasses import asdict, dataclass

from pydantic import Field

from app.domain.callers import Caller
from app.domain.refusals import Refusal
from app.queries.query import Filters, Page, queries, query

EACH = 8
SHORTEST = 2


@dataclass(frozen=True)
class Hit:
    """One object found, by what it is and what it is called."""

    noun: str
    id: str
    number: str
    name: str
    state: str


class Sought(Filters):
    """What to look for; at least two characters."""

    limit: int = Field(50, ge=1, le=200, title="条数", json_schema_extra={"en": "Items"})


@query("hit", "全局检索", "Search everything")
def hits(rt, caller: Caller, filters: Sought) -> Page[Hit]:
    """At most eight objects of each kind that has a sheet; a list that is a view of others, or that
    the caller may not read, is passed over."""
    found: list[Hit] = []
    if len(filters.q) >= SHORTEST:
        for (noun, single), lookup in sorted(queries().items()):
            if not single and (noun, True) in queries() and "q" in lookup.filters.model_fields:
                found.extend(_of_one_noun(rt, caller, noun, lookup, filters.q))
    shown = found[filters.offset:filters.offset + filters.limit]
    return Page(tuple(shown), len(found), filters.limit, filters.offset)


def _of_one_noun(rt, caller: Caller, noun: str, lookup, text: str) -> list[Hit]:
    try:
        items = lookup.run(rt, caller, lookup.filters(q=text, limit=EACH)).items
    except Refusal:
        return []
    return [Hit(noun, item.id, getattr(item, "number", item.id), _name(item),
                getattr(item, "state", "")) for item in items if _says(item, text)]


def _says(item, text: str) -> bool:
    """Whether the line itself holds the words; some lists have no words to be found by."""
    wanted = text.casefold()
    return any(wanted in value.casefold() for value in asdict(item).values()
               if isinstance(value, str))


def _name(item) -> str:
    return str(getattr(item, "name", "") or getattr(item, "title", "") or "")
