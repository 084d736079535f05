"""Which rows may leave: the expression tree of a row filter, groups too small, negatives too old.

Everything here looks at rows as they are stored, before any field is treated. A row that does not
show what a bound asks for stays behind; a bound that cannot be looked at fails as a whole.
"""

from datetime import date, datetime, timedelta, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

Row = Mapping[str, Any]
# A column by its name, or a function of the row.
Column = Union[str, Callable[[Row], Any]]
SHANGHAI = timezone(timedelta(hours=8))


class CannotCarryOut(Exception):
    """An obligation that this enforcement point cannot carry out; nothing may be returned."""


def kept(rows: List[Row], expr: Any, columns: Mapping[str, Column]) -> List[Row]:
    """The rows of which the expression holds.

    Raises:
        CannotCarryOut: it says something unknown, or needs a column that is not configured.
    """
    test = _compiled(expr, columns)
    return [row for row in rows if test(row)]


def _compiled(expr: Any, columns: Mapping[str, Column]) -> Callable[[Row], bool]:
    if not isinstance(expr, dict) or len(expr) != 1:
        raise CannotCarryOut("an expression has one member")
    (name, said), = expr.items()
    if name in ("all", "any"):
        if not isinstance(said, list) or not said:
            raise CannotCarryOut(f"`{name}` holds expressions")
        parts = [_compiled(part, columns) for part in said]
        how = all if name == "all" else any
        return lambda row: how(part(row) for part in parts)
    if name == "since":
        return _since(said, _column(columns, "day"))
    if name == "population":
        return _population(said, columns)
    if name in LISTED and isinstance(said, list) and said:
        place, fits = LISTED[name]
        value = _column(columns, place)
        return lambda row: any(fits(value(row), code) for code in said)
    raise CannotCarryOut("an unknown part of an expression")


def _column(columns: Mapping[str, Column], place: str) -> Callable[[Row], Any]:
    column = columns.get(place)
    if column is None:
        raise CannotCarryOut(f"no column is configured for `{place}`")
    return column if callable(column) else lambda row: row.get(column)


def _since(said: Any, value: Callable[[Row], Any]) -> Callable[[Row], bool]:
    first = day_of(said)
    if first is None:
        raise CannotCarryOut("`since` is a day")

    def test(row: Row) -> bool:
        day = day_of(value(row))
        return day is not None and day >= first
    return test


def _population(said: Any, columns: Mapping[str, Column]) -> Callable[[Row], bool]:
    """`OWN_CUSTOMERS` and `LISTED` ask the function or column of that name."""
    if said not in ("OWN_CUSTOMERS", "LISTED"):
        raise CannotCarryOut("an unknown population")
    value = _column(columns, said)
    return lambda row: value(row) is True


def _within(asked: Any, granted: str) -> bool:
    """Whether an administrative code lies in another: `110105` in `110000` (GB/T 2260)."""
    if not isinstance(asked, str) or not asked:
        return False
    if not (len(asked) == len(granted) == 6 and asked.isdecimal() and granted.isdecimal()):
        return asked == granted
    while granted.endswith("00"):
        granted = granted[:-2]
    return bool(granted) and asked.startswith(granted)


def _same(asked: Any, granted: str) -> bool:
    return isinstance(asked, str) and asked == granted


LISTED: Dict[str, Any] = {
    "region_in": ("region", _within), "industry_in": ("industry", _same),
    "subject_kind_in": ("subject_kind", _same)}


def grouped(rows: List[Row], smallest: Any, columns: Mapping[str, Column]) -> List[Row]:
    """The aggregates made of at least so many; one that does not tell its size stays behind."""
    if type(smallest) is not int or smallest < 1:
        raise CannotCarryOut("`k` is a whole number")
    size = _column(columns, "group_size")

    def test(row: Row) -> bool:
        found = size(row)
        return type(found) is int and found >= smallest
    return [row for row in rows if test(row)]


def aged(rows: List[Row], ends: Any, years: Any, today: date) -> List[Row]:
    """Rows without the negative values whose event ended so many years ago or earlier.

    An event that has no end is not over; an end that cannot be read hides the value.
    """
    if not isinstance(ends, dict) or not ends or type(years) is not int or years < 0:
        raise CannotCarryOut("`fields` and `years` are needed")
    return [{name: value for name, value in row.items()
             if name not in ends or not _is_aged(row, ends[name], years, today)} for row in rows]


def _is_aged(row: Row, end: Any, years: int, today: date) -> bool:
    if not isinstance(end, str) or end not in row:
        raise CannotCarryOut("the field that ends an event is not in the row")
    if row[end] is None:
        return False
    day = day_of(row[end])
    return day is None or (day.year + years, day.month, day.day) <= (
        today.year, today.month, today.day)


def day_of(value: Any) -> Optional[date]:
    """The Shanghai day of a date, an instant, or text that begins with a day; else None."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        return day_of(datetime.fromisoformat(value.replace("Z", "+00:00")))
    except ValueError:
        return None
