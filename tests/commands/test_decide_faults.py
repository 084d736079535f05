"""The fault table: whatever breaks below a decision, it denies in time; the trail stays whole."""

import contextlib
import os
import socket
import threading
import time

import pytest
from sqlalchemy import event, select, text

from app import runtime
from app.commands.decide import Gate
from app.settings import load
from app.store.tables import TrailEntry, TrailHead
from tests import zone
from tests.commands.test_decide import codes, question, sealed
from tests.decision_zone import LAW

BOUND_S = 2.0


def timed(gate, asked) -> list[str]:
    began = time.monotonic()
    answer = gate.answer(asked)
    assert time.monotonic() - began < BOUND_S
    assert answer["decision"] is False
    return codes(answer)


def require_whole(rt) -> None:
    """Every place of the tree up to its size holds an entry."""
    with rt.db.reading() as connection:
        size = connection.execute(select(TrailHead.size)).scalar()
        seqs = connection.execute(select(TrailEntry.seq).order_by(TrailEntry.seq)).scalars().all()
    assert seqs == list(range(size))


class Wire:
    """A forwarder on loopback that can be cut: what runs over it ends, and nothing gets through."""

    def __init__(self, target: int) -> None:
        self.target, self.ends, self.is_cut = target, [], False
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near = self.door.accept()[0]
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                sink.sendall(block)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.is_cut = True
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut, self.ends = False, []


@pytest.fixture
def wired(postgres_cluster, tmp_path):
    """A zone on a real PostgreSQL, reached over a wire that can be cut."""
    url = postgres_cluster.database(f"wired{os.getpid()}", template="hufu_template")
    wire = Wire(postgres_cluster.port)
    url = url.replace(f":{postgres_cluster.port}/", f":{wire.port}/")
    rt = runtime.build(load({}, data_dir=tmp_path, database_url=url, stale_after_s=1.0))
    runtime.found(rt)
    z = zone.tiny(rt)
    gate = Gate(rt, LAW).start()
    yield rt, gate, z, wire
    gate.close()
    rt.close()
    wire.door.close()


def is_permitted_soon(gate, asked) -> None:
    """A process permits as soon as it has read the store, on a machine that does much else."""
    ends = time.monotonic() + 10
    while not gate.answer(asked)["decision"]:
        assert time.monotonic() < ends
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.postgres
def test_a_database_that_is_gone_denies_and_comes_back_by_itself(wired):
    rt, gate, z, wire = wired
    asked = question(z, lookback_from=rt.clock().date().isoformat())
    is_permitted_soon(gate, asked)
    wire.cut()
    assert timed(gate, asked)[0] in ("SYS.UNAVAILABLE", "SYS.TIMEOUT")
    time.sleep(1.2)
    assert timed(gate, asked) == ["SYS.STALE"]
    wire.mend()
    is_permitted_soon(gate, asked)
    require_whole(rt)
    assert [each["facts"]["permits"] for each in sealed(rt)] == [True, True]


def full(rt):
    """The store takes no more: SQLite at its last page, PostgreSQL read-only."""
    if rt.db.is_sqlite:
        pages = []

        def limit(raw, _record):
            pages[:] = pages or [raw.execute("PRAGMA page_count").fetchone()[0]]
            raw.execute(f"PRAGMA max_page_count = {pages[0]}")

        event.listen(rt.db.engine, "connect", limit)
        rt.db.engine.dispose()
        return lambda: (event.remove(rt.db.engine, "connect", limit), rt.db.engine.dispose())
    name = rt.db.engine.url.database
    change = 'ALTER DATABASE "{}" SET default_transaction_read_only = {}'

    def say(word: str):
        with rt.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
            connection.execute(text(change.format(name, word)))
        rt.db.engine.dispose()

    say("on")
    return lambda: say("off")


def test_a_full_or_read_only_store_denies_and_nothing_is_half_written(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    asked = question(z, fields=["ent_name", "tax_grade"] + [f"f{n}" * 60 for n in range(80)])
    lift = full(rt)
    refused = [timed(gate, asked) for _ in range(3)]
    lift()
    assert refused[-1] == ["SYS.UNAVAILABLE"]
    assert gate.answer(question(z))["decision"]
    gate.close()
    require_whole(rt)
