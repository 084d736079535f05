"""Loaded by a process under test as it starts: its clock can be moved, and it can be made to die
at a stated point of sealing a batch. Both are told by files of the folder `FAULTS` names.

`clock` holds seconds the process is ahead. `die` holds a point; the process that comes to it takes
the file away and kills itself, so that the one that follows it lives.
"""

import contextlib
import os
import signal
import threading
from datetime import datetime, timedelta
from pathlib import Path

from app import runtime
from app.store.batch import Batch
from app.store.db import Writer

FOLDER = Path(os.environ["FAULTS"])


def said(name: str) -> str:
    with contextlib.suppress(FileNotFoundError):
        return (FOLDER / name).read_text("utf-8")
    return ""


class Moved(datetime):
    """The clock of this machine, moved."""

    @classmethod
    def now(cls, tz=None):
        here = datetime.now(tz)  # noqa: TID251 - the clock that is moved
        return here + timedelta(seconds=float(said("clock") or 0))


def at(point: str) -> None:
    """Die here when this is the point, and the ledger has come to it."""
    if threading.current_thread().name == "hufu-ledger" and said("die") == point:
        (FOLDER / "die").unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def dying(method, point: str):
    def after(*given):
        found = method(*given)
        at(point)
        return found

    return after


@contextlib.contextmanager
def writing(self, plain=Writer.writing):
    at("before lock")
    with plain(self) as connection:
        yield connection
    at("after commit")


def commit(self, *given, plain=Batch.commit):
    at("before commit")
    plain(self, *given)


runtime.datetime = Moved
Writer.writing = writing
Batch.head = dying(Batch.head, "after lock")
Batch.insert_entries = dying(Batch.insert_entries, "half written")
Batch.commit = commit
