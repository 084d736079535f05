"""What guards of routes look at, and what a route says as plain members."""

from sqlmodel import Session

from app.domain.callers import Caller
from app.domain.routes import MEMBERS, RouteSituation
from app.store.situations import basics
from app.store.tables_gateways import Route

PLAIN = ("name", "host", "method", "pattern", "action", "channel", "environment")


def route_situation(rt, session: Session, caller: Caller, row: Route,
                    reason: str = "") -> RouteSituation:
    return RouteSituation(**basics(rt, session, caller, row, reason), proposed_by=row.proposed_by)


def text_of(row: Route) -> dict[str, str]:
    """The route as its members, sources among them, empty where nothing is said."""
    return {**{name: getattr(row, name) for name in PLAIN},
            **{name: row.sources.get(name, "") for name in MEMBERS}}
