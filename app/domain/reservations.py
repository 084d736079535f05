"""预占: what a permit uses up, and what must be read and set aside in the act that seals it.

A decision that needs nothing of this kind is made from the snapshot alone. One that does is made
inside the transaction that seals it, under the head lock, so that no two processes ever count the
same use (Z06).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from app.domain.canonical import instant

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
# The words a bound on use is stated in, with the code of the reason when it is spent.
PERIODS = {"per_second": "SECOND", "per_minute": "MINUTE", "per_day": "DAY", "per_month": "MONTH",
           "total": "TOTAL"}
RATES = frozenset({"SECOND", "MINUTE"})


class Counter(NamedTuple):
    """One bound on use: whose it is (`grant/GR-…`), in which window, and how much it allows.

    `window` is the instant the window begins, empty for a bound without one.
    """

    key: str
    period: str
    window: str
    limit: int
    resets_at: str = ""


class ConsentKey(NamedTuple):
    """How a subject authorization is found: by the token that was sent, else by whom it is about
    and who may use it, the key of the institution's row."""

    token: str
    subject: str
    institution: str


class ConsentPicture(NamedTuple):
    """One subject authorization as read in the sealing transaction.

    Args:
        institution, purposes, products: whom (the key of its row), for what, and about which
            products; leaf codes and numbers.
        fields: names of fields, empty for every field of the products.
        max_uses: None where uses are not bounded.
        earliest: the earliest record date that may be looked back to, empty for none.
        separate: separate consents given (单独同意), fields by name or purposes by code.
        noted: the subject was told who provides and who receives.
        mode: VIEW, STORE or MONITOR.
    """

    id: str
    version: int
    state: str
    subject: str
    institution: str
    purposes: frozenset[str]
    products: frozenset[str]
    begins: str
    ends: str
    fields: frozenset[str] = frozenset()
    max_uses: int | None = None
    earliest: str = ""
    separate: frozenset[str] = frozenset()
    evidence_holds: bool = True
    noted: bool = True
    mode: str = "VIEW"


class Need(NamedTuple):
    """What one decision looks up. `amount` is how many subjects the call asks about at once."""

    counters: tuple[Counter, ...] = ()
    consent: ConsentKey | None = None
    amount: int = 1


class OnRecord(NamedTuple):
    """What was read for a need: use so far by counter, reservations counted, the subject
    authorizations found, and how often each of those with a bound was used."""

    taken: Mapping[Counter, int] = MappingProxyType({})
    consents: tuple[ConsentPicture, ...] = ()
    uses: Mapping[str, int] = MappingProxyType({})


def counters(bounds: Mapping[str, Mapping[str, int]], at: str) -> tuple[Counter, ...]:
    """The counters of these bounds at the instant ``at``; bounds are `{whose: {word: limit}}`."""
    return tuple(_counter(key, PERIODS[word], limit, at)
                 for key, words in bounds.items() for word, limit in words.items())


def _counter(key: str, period: str, limit: int, at: str) -> Counter:
    begins, ends = window(period, at[:19])
    return Counter(key, period, begins, limit, ends)


@lru_cache(maxsize=1024)
def window(period: str, second: str) -> tuple[str, str]:
    """Begin and end of the window this second lies in; days and months are Shanghai's."""
    if period == "TOTAL":
        return "", ""
    at = datetime.fromisoformat(second + "+00:00")
    if period in RATES:
        begins = at if period == "SECOND" else at.replace(second=0)
        return instant(begins), instant(begins + timedelta(seconds=1 if period == "SECOND" else 60))
    day = at.astimezone(SHANGHAI).date()
    first = day if period == "DAY" else day.replace(day=1)
    after = first + timedelta(days=1) if period == "DAY" else (first + timedelta(days=31)).replace(
        day=1)
    return _midnight(first), _midnight(after)


def _midnight(day: date) -> str:
    return instant(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))
