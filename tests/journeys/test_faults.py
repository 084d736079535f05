"""The fault table with real processes: whatever breaks below a decision, it is denied with its code
inside two seconds, nothing is answered that is not recorded, and all goes on by itself.

A database that is gone, read-only or full, a lock held, a clock that jumps, a process killed
at each point of sealing a batch; acts are refused with a time. After each the trail verifies.
"""

import contextlib
import http.client
import itertools
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlmodel import select

from app import runtime
from app.domain.callers import SYSTEM
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.tables_institutions import Credential
from app.store.unit import begin, read
from tests import people
from tests.commands.test_decide_faults import Wire
from tests.journeys.load import question
from tests.journeys.processes import ROOT, Zone, zone
from tests.journeys.test_stop_in_time import _now, _reachable, _token

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
BOUND_S = 3.0  # the stated two seconds and what a busy machine adds
BACK_S = 20.0
_numbers = itertools.count(100)
ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@dataclass
class Broken:
    """A running zone that can be broken, and what it answered."""

    web: Zone
    chain: object
    token: str
    faults: Path
    server: object = None
    wire: Wire | None = None
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


@pytest.fixture(scope="module", params=ENGINES)
def broken(request, tmp_path_factory):
    """One zone an engine, whose database is reached over a wire where there is one."""
    folder, told, wire, url, server = tmp_path_factory.mktemp("faults"), {}, None, "", None
    faults = folder / "told"
    faults.mkdir()
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_cluster")
        wire = Wire(server.port)
        url = server.database("faults").replace(f":{server.port}/", f":{wire.port}/")

    def fill(rt):
        told["chain"] = _reachable(rt)
        told["officer"] = people.enrolled(rt, "business", "BIZ_REVIEW")
        with begin(rt, SYSTEM) as act:
            act.next("DEPT")  # the chain's department took the first number by hand
            key = act.find(Credential, told["chain"].credential.id)
            key.issued_at -= timedelta(days=1)  # in force whichever way the clock jumps
            act.record("credential.place", f"credential/{key.id}", institution=key.institution_id)
            act.affects("credential", key.id)

    path = os.pathsep.join((str(Path(__file__).parent / "faulty"), str(ROOT)))
    with zone(folder / "one", url, fill=fill,
              told={"PYTHONPATH": path, "FAULTS": str(faults)}) as web:
        token = _token(web, told["officer"])
        yield Broken(web, told["chain"], token, faults, server, wire)
    if wire:
        wire.door.close()


def test_Z07_while_the_database_is_gone_every_question_is_denied_and_then_all_goes_on(broken):
    if broken.is_sqlite:
        pytest.skip("the database is a file of the same machine: it is full, locked or there")
    broken.is_back()
    before = broken.recorded()
    broken.wire.cut()
    codes = [broken.denied() for _ in range(3)]
    assert set(codes) <= {"SYS.UNAVAILABLE", "SYS.TIMEOUT", "SYS.STALE"}
    assert broken.act() == 503
    time.sleep(broken.web.settings.stale_after_s)
    assert broken.denied() == "SYS.STALE"  # its picture is too old to say anything
    broken.wire.mend()
    broken.is_back()
    assert broken.act() == 201
    after = broken.recorded()
    assert [after[key] for key in after if key not in before] == [True]


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
    """Every table that grows with decisions and acts moves to a file system of two megabytes, and
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
    """PostgreSQL takes no writes, as a standby takes none."""
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


@pytest.mark.parametrize("breaks", [full, read_only], ids=["full", "read-only"])
def test_Z07_a_store_that_takes_nothing_permits_nothing_and_nothing_is_half_written(broken, breaks):
    if broken.is_sqlite and breaks is read_only:
        pytest.skip("one process writes the file, and holds it open: it is full or it takes all")
    broken.is_back()
    with breaks(broken):
        refused: list[str] = []
        for _ in range(400):  # what still fits into pages that are there is taken, and recorded
            permits, codes = broken.timed()
            refused = [] if permits else [*refused, *codes]
            if len(refused) > 3:
                break
        assert set(refused) == {"SYS.UNAVAILABLE"}
        assert any(broken.act() == 503 for _ in range(40))
    broken.is_back()
    assert broken.act() == 201
    broken.recorded()


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


def test_Z01_behind_a_lock_that_is_held_a_question_is_denied_in_time_and_never_written(broken):
    broken.is_back()
    before = broken.recorded()
    with locked(broken):
        assert broken.denied() == "SYS.TIMEOUT"
        assert broken.act() == 503
    time.sleep(0.5)  # whoever still waited would be let in now
    assert broken.recorded() == before
    broken.is_back()
    assert broken.act() == 201


def test_a_clock_that_jumps_is_told_to_callers_and_never_turns_the_trail_back(broken):
    broken.is_back()
    right = {"time": _now().isoformat()}
    assert broken.asked(**right) == [(True, [])]
    for hours in (1, -1, 0):
        (broken.faults / "clock").write_text(str(hours * 3600))
        off = [] if hours == 0 else ["REQ.CLOCK_SKEW"]
        assert broken.asked(**right) == [(not off, off)]
        assert broken.asked() == [(True, [])]  # all terms hold for a day: it decides by its clock
        assert broken.act() in (201, 401), "a session may end by that clock, nothing else"
        behind = _now() + timedelta(hours=hours)
        there = {"time": behind.isoformat()}
        assert broken.asked(**there) == [(True, [])]
    broken.recorded()
    with read(runtime.build(broken.web.settings, durable=False)) as session:
        times = session.exec(select(TrailEntry.at).order_by(TrailEntry.seq)).all()
    assert times == sorted(times)


POINTS = ("before lock", "after lock", "half written", "before commit", "after commit")
AT_ONCE = 7


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_each_point_has_written_all_of_a_batch_or_none_of_it(broken, point):
    broken.is_back()
    before = broken.recorded()
    (broken.faults / "die").write_text(point)
    with pytest.raises((OSError, http.client.HTTPException)):
        broken.asked(AT_ONCE)
    assert not (broken.faults / "die").exists()
    written = broken.recorded().keys() - before.keys()
    assert len(written) == (AT_ONCE if point == "after commit" else 0)
    if point != POINTS[0]:  # a server that loses its workers at once gives up: its watch starts it
        broken.web.kill("web")
        broken.web.start("web")
    broken.is_back()  # another process has taken its place
    broken.recorded()
