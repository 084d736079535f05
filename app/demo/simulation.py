"""Time in the demonstration: acts happen in order, from two years ago until this morning."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from app.domain.callers import SYSTEM
from app.store.tables import Registered
from app.store.unit import Act, begin


@dataclass
class Simulation:
    """A Runtime whose clock is set by the story. `today` is the last midnight in Shanghai."""

    rt: object
    now: datetime
    today: datetime
    rows: dict = field(default_factory=dict)

    def day(self, offset: int, hour: int = 10, minute: int = 0) -> datetime:
        """The instant on a wall clock in Shanghai, `offset` days from today."""
        return self.today + timedelta(days=offset, hours=hour, minutes=minute)

    def on(self, years: int, month: int, day: int) -> date:
        """A day of the calendar, `years` from this year."""
        return date(self.today.astimezone(self.rt.settings.zone).year + years, month, day)

    def at(self, instant: datetime) -> None:
        """The story goes on at this instant; it never goes back."""
        self.now = max(self.now, instant)

    def later(self, **delta) -> None:
        self.now += timedelta(**delta)

    @contextmanager
    def act(self) -> Iterator[Act]:
        """An act of the system, as an import of what was in force before the product came."""
        with begin(self.rt, SYSTEM) as act:
            yield act


@contextmanager
def simulation(rt) -> Iterator[Simulation]:
    """Run a story on this Runtime; its real clock is given back afterwards."""
    clock = rt.clock
    now = clock()
    midnight = datetime.combine(now.astimezone(rt.settings.zone).date(), time(), rt.settings.zone)
    story = Simulation(rt, midnight.astimezone(UTC) - timedelta(days=735),
                       midnight.astimezone(UTC))
    rt.clock = lambda: story.now
    try:
        yield story
    finally:
        rt.clock = clock


def placed(act: Act, model: type[Registered], **values) -> Registered:
    """A row with the entry that says it was imported, raising the epoch as a command would."""
    row = act.create(model, **values)
    if "institution_id" in values and model.noun == "institution":
        row.institution_id = row.id
    act.record(f"{model.noun}.import", f"{model.noun}/{row.id}",
               institution=row.id if model.noun == "institution" else values.get("institution_id"),
               number=str(values.get("number", "")))
    act.affects(model.noun, row.id)
    return row
