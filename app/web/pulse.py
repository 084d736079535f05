"""Saying, at every new epoch and every two seconds, which epoch this process decides by.

Nothing waits for it: a process that cannot write its beat decides on, and is seen to be silent.
"""

import logging
import os
import socket
import threading
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from app.store import beats

EVERY_S = 2.0
APART_S = 0.1  # many epochs in a row are not as many beats
log = logging.getLogger("hufu.pulse")


class Pulse:
    """The beat of this process until it is closed."""

    def __init__(self, rt, gate) -> None:
        self._rt, self._gate = rt, gate
        now = rt.clock()
        self.beat = beats.Beat(rt.new_id(), socket.gethostname(), os.getpid(),
                               gate.picture.epoch, now, now)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hufu-pulse", daemon=True)

    def start(self) -> "Pulse":
        """Beat in the background, in the place of processes that ended on this machine."""
        self._write(lambda connection: beats.bury(connection, self.beat.host, is_alive))
        self._thread.start()
        return self

    def close(self) -> None:
        """End in order: the process is no longer expected to beat."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._gate.follower.moved.set()
        self._thread.join(EVERY_S)
        self._write(lambda connection: beats.remove(connection, self.beat.process))

    def say(self) -> None:
        """One beat. The instant moves only while the epoch is confirmed."""
        confirmed = (self._rt.clock() if self._gate.follower.is_followed(EVERY_S)
                     else self.beat.confirmed_at)
        self.beat = replace(self.beat, epoch=self._gate.picture.epoch, confirmed_at=confirmed)
        self._write(lambda connection: beats.put(connection, self.beat))

    def _run(self) -> None:
        moved = self._gate.follower.moved
        while not self._closed.is_set():
            moved.clear()
            self.say()
            self._closed.wait(APART_S)
            moved.wait(EVERY_S - APART_S)

    def _write(self, write) -> None:
        try:
            with self._rt.db.writing() as connection:
                write(connection)
        except SQLAlchemyError as error:
            log.warning("beat not written: %s", type(error).__name__)


def is_alive(pid: int) -> bool:
    """Whether this machine runs a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, and alive
        pass
    return True
