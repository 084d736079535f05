"""How many requests a minute a source, an account, an institution and a credential may make.

A budget is one for all processes, and yet a page is no write. Each process takes its part of a
budget from the store in blocks of a twentieth; the first block of a minute passes before it is
taken, so that who asks little writes nothing, nor does a flood once it is refused. Of `most`
requests in a minute n processes let through at most `most` and n-1 blocks, and refuse none before
`most` less n-1 blocks. Minutes are the clock's: around the turn of two, sixty seconds may hold
twice as much. While the store takes nothing each process counts by itself, `most` for each.

Decisions are not counted here. They have a budget of their own: places in the ledger's queue, and
the bounds of grants, applications, institutions and products; who finds them spent is denied, as
AuthZEN knows no 429. Source: requirement W07; ASVS 5.0 2.4.1, 15.2.2.
"""

import ipaddress
import threading
from collections.abc import Callable
from datetime import datetime
from weakref import WeakKeyDictionary

import structlog
from flask import Flask, g, request

from app.store.rates import spend
from app.web.hosts import source_of
from app.web.limits import too_many, window
from app.web.problems import UNREACHABLE
from app.web.routes import action_of

WINDOW_S, BLOCKS = 60, 20
WHOSE = {
    "source": ("本网络地址的请求过于频繁", "this network address asks too often"),
    "account": ("本账号的请求过于频繁", "this account asks too often"),
    "institution": ("本机构的请求过于频繁", "this institution asks too often"),
    "credential": ("本凭证的调用过于频繁", "this credential calls too often"),
}
UNCOUNTED = ("static", "health.healthz", "health.readyz", "health.metrics")
STOPS = "hold."  # what a stop takes; nobody is kept from it by what else was asked
log = structlog.get_logger("hufu.web")


class Tally:
    """What one process lets through of one budget in one minute."""

    def __init__(self, most: int) -> None:
        self.most, self.block = most, max(1, most // BLOCKS)
        self.passed, self.may_pass = 0, self.block
        self.is_taken = self.is_spent = False
        self._lock = threading.Lock()

    def passes(self, take: Callable[[int], int | None]) -> bool:
        """Whether one more request passes; counted when it does.

        `take` counts so many in the store and says how many it holds with them, None where it
        takes nothing.
        """
        with self._lock:
            if self.passed == self.may_pass and not self.is_spent:
                self._extend(take)
            if self.passed >= self.may_pass:
                return False
            self.passed += 1
            return True

    def _extend(self, take: Callable[[int], int | None]) -> None:
        """One more block, and with the first of them what passed before it."""
        before = self.may_pass if self.is_taken else 0
        wanted = self.block + self.passed - before
        held = take(wanted)
        left = self.most - (before if held is None else held - wanted)
        self.is_taken = True
        self.is_spent = left <= wanted
        self.may_pass = before + max(0, min(wanted, left))


class Tallies:
    """The tallies of the running minute; the next one begins anew."""

    def __init__(self) -> None:
        self._begins, self._named = 0, {}
        self._lock = threading.Lock()

    def of(self, name: str, most: int, clock: Callable[[], datetime]) -> tuple[Tally, int, float]:
        """The tally of a name, when its minute begins and how many seconds are left of it."""
        with self._lock:
            now = clock().timestamp()
            begins = int(now) // WINDOW_S * WINDOW_S
            if begins != self._begins:
                self._begins, self._named = begins, {}
            return self._named.setdefault(name, Tally(most)), begins, begins + WINDOW_S - now


_tallies: WeakKeyDictionary = WeakKeyDictionary()  # of each database this process works with
_first = threading.Lock()


def charge(rt, whose: str, key: str, most: int) -> None:
    """Count one request against a budget.

    Raises:
        TooMany: the budget of this minute is spent.
    """
    with _first:
        tallies = _tallies.setdefault(rt.db, Tallies())
    name = f"{whose}/{key}"
    tally, begins, left = tallies.of(name, most, rt.clock)

    def take(count: int) -> int | None:
        try:
            with rt.db.writing() as connection:
                return spend(connection, f"budget/{name}", window(begins), count)
        except UNREACHABLE as error:
            log.warning("budget not counted", whose=whose, kind=type(error).__name__)
            return None

    if not tally.passes(take):
        raise too_many(*WHOSE[whose], left, limited=whose)


def charge_sources(app: Flask, rt) -> None:
    """Every request counts for the address it comes from, before anything is looked up for it."""
    @app.before_request
    def count_source() -> None:
        if request.endpoint not in UNCOUNTED:
            source = network_of(source_of(request, rt.settings.proxy_hops))
            charge(rt, "source", source + _apart(app), rt.settings.source_rate)


def charge_people(app: Flask, rt) -> None:
    """Every request of somebody signed in counts for the account and for its institution."""
    @app.before_request
    def count_person() -> None:
        if g.caller is None or request.endpoint in UNCOUNTED:
            return
        charge(rt, "account", g.caller.account + _apart(app), rt.settings.account_rate)
        if g.caller.institution:
            charge(rt, "institution", g.caller.institution, rt.settings.institution_rate)


def charge_credential(gate, prefix: str) -> None:
    """A call that is no decision counts for its credential and for the institution it speaks for.

    A gateway that speaks for several institutions is bounded by itself alone.

    Raises:
        TooMany
    """
    rt, picture, held = gate.rt, gate.picture, gate.credential(prefix)
    charge(rt, "credential", prefix, rt.settings.credential_rate)
    numbers = {picture.apps[app].institution for app in (held.apps if held else ())
               if app in picture.apps}
    owners = [picture.institutions[number].key for number in numbers
              if number in picture.institutions]
    if len(owners) == 1:
        charge(rt, "institution", owners[0], rt.settings.institution_rate)


def network_of(source: str) -> str:
    """The address as it is counted: of IPv6 the half that a network is given."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if address.version == 4:
        return source
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def _apart(app: Flask) -> str:
    """What stops is counted apart from everything else."""
    action = action_of(app, request.endpoint) if request.endpoint else None
    return "/stops" if (action or "").startswith(STOPS) else ""
