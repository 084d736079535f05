"""A zone of real processes that can be broken, and the ways its database can be: held up, gone,
full, read-only or locked.
"""

import contextlib
import itertools
import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlmodel import select

from app import runtime
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.unit import read
from tests.commands.test_decide_faults import Wire
from tests.journeys.load import question
from tests.journeys.processes import Zone

BOUND_S = 2.0
BACK_S = 60.0  # started anew, on a machine that does much else
_numbers = itertools.count(100)


@dataclass
class Broken:
    """A running zone that can be broken, and what it answered."""

    web: Zone
    chain: object
    token: str
    faults: Path
    server: object = None
    wire: "Slow | None" = None
    permits: list[str] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.web.settings.is_sqlite

    @property
    def direct(self) -> str:
        """The database itself, around the wire: a file, or what psycopg connects to."""
        name = self.web.database_url.rsplit("/", 1)[1]
        return str(self.web.folder / "hufu.db") if self.is_sqlite else self.server.dsn(name)

    def asked(self, count: int = 1, **context) -> list[tuple[bool, list[str]]]:
        """Decisions and reason codes of ``count`` questions asked at once."""
        told = json.loads(question(self.chain))
        told["context"] |= context
        path = "/access/v1/evaluation"
        if count > 1:
            path, told = "/access/v1/evaluations", {**told, "evaluations": [{}] * count}
        answers = self._sent(path, told, self.chain.secret)
        found = []
        for each in answers["evaluations"] if count > 1 else [answers]:
            if each["decision"]:
                self.permits.append(each["context"]["decision_id"])
            found.append((each["decision"],
                          [reason["code"] for reason in each["context"]["reasons"]]))
        return found

    def timed(self) -> tuple[bool, list[str]]:
        """One decision, in time."""
        began = time.monotonic()
        [(permits, codes)] = self.asked()
        took = time.monotonic() - began
        assert took < BOUND_S, f"{codes} after {took:.2f} s"
        return permits, codes

    def denied(self) -> str:
        """The code a question is denied with, in time."""
        permits, codes = self.timed()
        assert not permits and len(codes) == 1, codes
        return codes[0]

    def act(self) -> int:
        """The status of an act; a refusal says when to come again."""
        name = {"name": f"部门{next(_numbers)}"}
        try:
            self._sent("/api/v1/departments", name, self.token)
        except urllib.error.HTTPError as refusal:
            assert refusal.code != 503 or int(refusal.headers["Retry-After"]) > 0
            return refusal.code
        return 201

    def is_back(self) -> None:
        """Permitted again, by itself, in time."""
        ends = time.monotonic() + BACK_S
        while True:
            with contextlib.suppress(OSError):
                if self.asked()[0][0]:
                    return
            assert time.monotonic() < ends, (self.web.folder / "web.log").read_text()[-2000:]
            time.sleep(0.1)

    def _sent(self, path: str, told: dict, bearer: str) -> dict:
        request = urllib.request.Request(self.web.url + path, json.dumps(told).encode(), {
            "Content-Type": "application/json", "Authorization": f"Bearer {bearer}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def recorded(self) -> dict[str, bool]:
        """Every decision on record, once entries, rows and tree are known to agree."""
        url = self.web.database_url
        if self.wire:
            url = url.replace(f":{self.wire.port}/", f":{self.server.port}/")
        rt = runtime.build(Zone(self.web.folder, "", url, self.web.port).settings)
        try:
            with read(rt) as session:
                entries = session.exec(select(TrailEntry.kind, TrailEntry.ref)).all()
                rows = {row.id: row.permits for row in session.exec(select(DecisionIndex))}
            trail = recompute(rt)
        finally:
            rt.close()
        assert not trail.findings and trail.size == len(entries), trail.findings
        sealed = {ref.split("/")[1] for kind, ref in entries if kind.startswith("decision.")}
        assert sealed == set(rows), "a decision's row and its entry stand or fall together"
        assert all(rows.get(key) for key in self.permits), "a permit that is not on record"
        return rows


class Slow(Wire):
    """A wire that can also be held up: what is sent arrives when it is let go."""

    def __init__(self, target: int) -> None:
        self.is_flowing = threading.Event()
        self.is_flowing.set()
        super().__init__(target)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65_536):
                self.is_flowing.wait()
                sink.sendall(block)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def full(broken):
    """A store that takes no more: no file may grow, or the file system of its tables is full."""
    if not broken.is_sqlite:
        with full_tablespace(broken):
            yield
        return
    pids = group_of(broken.web.processes["web"].pid)
    hard = resource.prlimit(pids[0], resource.RLIMIT_FSIZE)[1]
    most = (broken.web.folder / "web.log").stat().st_size + 20_000
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def group_of(leader: int) -> list[int]:
    """Every process of a group."""
    found = []
    for each in Path("/proc").iterdir():
        with contextlib.suppress(ValueError, ProcessLookupError):
            if os.getpgid(int(each.name)) == leader:
                found.append(int(each.name))
    return found


@contextlib.contextmanager
def full_tablespace(broken):
    """Every table that grows with decisions and acts moves to a file system of four megabytes, and
    a file takes what is left of it."""
    place = Path(tempfile.mkdtemp(prefix="hufu-small-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(
            mount, stderr=subprocess.DEVNULL).returncode:
        place.rmdir()
        pytest.skip("nobody may mount a small file system here")
    home = place / "tables"
    home.mkdir(mode=0o700)
    shutil.chown(home, "nobody")
    place.chmod(0o755)
    try:
        with psycopg.connect(broken.direct, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{home}'")
            moved = connection.execute(GROWING).fetchall()
            for (table,) in moved:
                connection.execute(f"ALTER TABLE {table} SET TABLESPACE small")
            with contextlib.suppress(OSError), (place / "filler").open("wb", 0) as filler:
                while True:
                    filler.write(bytes(4_096))
            try:
                yield
            finally:
                (place / "filler").unlink()
                for (table,) in moved:
                    connection.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
                connection.execute("CHECKPOINT")
                connection.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


GROWING = r"""SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'
AND relname ~ '^(department$|decision_|trail_entry_)'"""


@contextlib.contextmanager
def read_only(broken):
    """The store takes no writes: PostgreSQL as a standby takes none, SQLite where its folder, its
    file and its journal may not change, whoever has them open."""
    if broken.is_sqlite:
        with unchangeable(broken.web.folder, *broken.web.folder.glob("hufu.db"),
                          *broken.web.folder.glob("hufu.db-wal")):
            yield
        return
    name = broken.direct.split("dbname=")[1].split()[0]
    with psycopg.connect(broken.server.dsn("postgres"), autocommit=True) as connection:
        def say(word: str) -> None:
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {word}")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE datname = %s AND pid <> pg_backend_pid()", (name,))

        say("on")
        try:
            yield
        finally:
            say("off")


@contextlib.contextmanager
def unchangeable(*paths: Path):
    """Nobody changes these, not even root."""
    def say(mark: str) -> bool:
        return not subprocess.run(["chattr", mark, *paths], stderr=subprocess.DEVNULL).returncode

    try:
        if not shutil.which("chattr") or not say("+i"):
            pytest.skip("nobody may make a file unchangeable here")
        yield
    finally:
        if shutil.which("chattr"):
            say("-i")


@contextlib.contextmanager
def locked(broken):
    """Somebody holds what every sealing must hold."""
    if broken.is_sqlite:
        with contextlib.closing(sqlite3.connect(broken.direct, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(broken.direct) as connection:
        connection.execute("SELECT size FROM trail_head WHERE id = 1 FOR UPDATE")
        yield
