"""Long work is one process's at a time: taken up under a lease, alive while its process says so,
laid down when that stops, ended where nothing is to be hoped of another try.

What is done in a run is not told here: scans and what-ifs bring it along.
"""

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from sqlalchemy import exc

from app.domain.refusals import NotRecorded, Stale

# The registry cannot be reached, or met another act: what helps is to try again later. Any other
# error of a statement comes back however often it is tried.
PASSING = (NotRecorded, Stale, exc.OperationalError, exc.InterfaceError, exc.InternalError,
           exc.TimeoutError)
log = structlog.get_logger("hufu.jobs.runs")
Stopping = Callable[[], bool]


class Left(Exception):
    """The run is to be left: it is somebody else's now, was cancelled, or this process stops."""


@dataclass(frozen=True)
class Runs:
    """Runs of one kind. `rows` holds their leases, `acts` ends them, `work(rt, held, alive)` takes
    one as far as it goes; `stuck` says in both languages that it never came further."""

    zh: str
    en: str
    rows: ModuleType
    acts: ModuleType
    work: Callable[[Any, Any, "Alive"], None]
    lease: timedelta
    most_tries: int
    stuck: tuple[str, str]


class Alive:
    """Says that a run lives, and learns whether it is to be left."""

    def __init__(self, rt, rows: ModuleType, held, stopping: Stopping) -> None:
        self._rt, self._rows, self._held, self._stopping = rt, rows, held, stopping
        self._lost = False

    def __call__(self) -> None:
        """Go on, as far as this process knows.

        Raises:
            Left: it does not.
        """
        if self._lost or self._stopping():
            raise Left

    def now(self) -> None:
        """Go on, as the registry has it at this moment.

        Raises:
            Left: it does not.
        """
        self()
        self.beat()
        if self._lost:
            raise Left

    def beat(self) -> None:
        with self._rt.db.writing() as connection:
            if not self._rows.beat(connection, self._held.run, self._held.holder,
                                   self._rt.clock()):
                self._lost = True


def turn(rt, runs: Runs, holder: str, stopping: Stopping) -> bool:
    """Take up the oldest run of the kind that nobody holds; whether there was one."""
    at = rt.clock()
    with rt.db.reading() as connection:
        run = runs.rows.waiting(connection, at)
    if run is None:
        return False
    with rt.db.writing() as connection:
        tries = runs.rows.claim(connection, run, holder, at)
    if not tries:
        return False
    held = runs.acts.Held(run, holder)
    try:
        with _living(rt, runs, held, stopping) as alive:
            _taken_up(rt, runs, held, tries, alive)
    except PASSING as error:
        log.warning("a run waits for the registry", of=runs.en, run=run,
                    kind=type(error).__name__)
    return True


def _taken_up(rt, runs: Runs, held, tries: int, alive: Alive) -> None:
    """The run as far as it goes; it ends where nothing is to be hoped of another try.

    Raises:
        what passes: the run stays open, to be taken up once the lease is over.
    """
    try:
        if tries > runs.most_tries:
            zh, en = runs.stuck
            runs.acts.fail(rt, held, f"连续 {runs.most_tries} 次中断且{zh}，已停止",
                           f"cut off {runs.most_tries} times with {en} between")
        else:
            runs.work(rt, held, alive)
    except Left:
        log.info("a run was left", of=runs.en, run=held.run)
    except PASSING:
        raise
    except Exception as error:  # a bug ends this run, told without any value it may have met
        kind, last = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
        log.error("a run broke off", of=runs.en, run=held.run, kind=kind,
                  place=f"{Path(last.filename).name}:{last.lineno}")
        runs.acts.fail(rt, held, f"{runs.zh}程序出错（{kind}）",
                       f"the {runs.en} broke off ({kind})")


@contextmanager
def _living(rt, runs: Runs, held, stopping: Stopping) -> Iterator[Alive]:
    """Say that the run lives until the block ends, then let go of it; after an error the lease runs
    out by itself, so that nothing is tried again at once."""
    alive, ended = Alive(rt, runs.rows, held, stopping), threading.Event()

    def beating() -> None:
        while not ended.wait(runs.lease.total_seconds() / 4):
            try:
                alive.beat()
            except (exc.DBAPIError, exc.TimeoutError) as error:
                log.warning("a run could not say that it lives", of=runs.en,
                            kind=type(error).__name__)

    thread = threading.Thread(target=beating, daemon=True)
    thread.start()
    try:
        yield alive
    finally:
        ended.set()
        thread.join()
    with rt.db.writing() as connection:
        runs.rows.give_back(connection, held.run, held.holder, rt.clock())
