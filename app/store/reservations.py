"""What permits set aside is made final or given back, under the head lock and never without it."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update

from app.store.tables_use import Reservation, UseCounter

MADE, GIVEN_BACK, OVERDUE = "COMMITTED", "RELEASED", "OVERDUE"


def settle(connection: Connection, reservation: Reservation, state: str) -> None:
    """Move a reservation to a state, and its counters with it.

    The caller holds the head's lock. One that is overdue was given back already: served after all,
    it counts as made.
    """
    gives, makes = reservation.state == "RESERVED", state == MADE
    for key, period, window in reservation.counters:
        connection.execute(update(UseCounter).where(
            UseCounter.key == key, UseCounter.period == period,
            UseCounter.window == window).values(
            reserved=UseCounter.reserved - (reservation.amount if gives else 0),
            used=UseCounter.used + (reservation.amount if makes else 0)))
    connection.execute(update(Reservation).where(
        Reservation.decision == reservation.decision).values(state=state))


def due(connection: Connection, at: str, most: int) -> Sequence[str]:
    """Decisions whose receipts did not come in time, the longest waiting first."""
    return connection.execute(select(Reservation.decision).where(
        Reservation.state == "RESERVED", Reservation.due < at)
        .order_by(Reservation.due).limit(most)).scalars().all()


def overdue(connection: Connection) -> dict[str, int]:
    """How many receipts are late, by the prefix of the credential."""
    return {prefix: count for prefix, count in connection.execute(
        select(Reservation.credential, func.count()).where(
            Reservation.state == OVERDUE).group_by(Reservation.credential))}
