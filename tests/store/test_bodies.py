"""Bodies of entries are packed in their column, and come back as they were sealed."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from app.domain.callers import SYSTEM
from app.queries.trail_check import recompute
from app.store.bodies import DICTIONARIES, LONGEST, packed, unpacked
from app.store.tables import TrailEntry
from app.store.unit import begin
from tests.unguarded import unguard

PLAIN = b'{"kind":"decision.permit","v":1}'
FOREIGN = zstandard.train_dictionary(2048, [b"%d a dictionary of others %d" % (n, n * n)
                                            for n in range(5000)])
# A dictionary that zones sealed with never changes: their entries are read with it for ever.
SEALED_WITH = {
    "entries-1.zdict": "07d52998366f4f7b09c98af6bf4ebd0a0e4f017649f6996ee123835237c897f5"}


def kept_in(rt, seq: int) -> bytes:
    with rt.db.reading() as connection:
        return bytes(connection.execute(text("SELECT body FROM trail_entry WHERE seq = :seq"),
                                        {"seq": seq}).scalar_one())


def recorded(rt, count: int = 1) -> None:
    for _ in range(count):
        with begin(rt, SYSTEM) as act:
            act.record("grant.issue", "grant/next", institution="bank")


def test_dictionaries_that_zones_sealed_with_never_change():
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
             for path in DICTIONARIES.glob("*.zdict")}
    assert found == SEALED_WITH


@settings(max_examples=200)
@given(st.lists(st.binary(min_size=1, max_size=4096), max_size=5))
def test_what_is_packed_comes_back(bodies):
    assert [unpacked(frame) for frame in packed(bodies)] == bodies


def test_many_threads_pack_and_unpack_at_once():
    def turn(number: int) -> bool:
        bodies = [json.dumps({"n": number, "m": each}).encode() * 20 for each in range(50)]
        return all([unpacked(frame) for frame in packed(bodies)] == bodies for _ in range(40))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(turn, range(32)))


def damaged(frame: bytes):
    yield from (frame[:end] for end in range(len(frame)))
    yield from (frame[:at] + bytes([frame[at] ^ 0x55]) + frame[at + 1:]
                for at in range(len(frame)))


def test_a_damaged_frame_gives_no_body_and_no_failure():
    (frame,) = packed([PLAIN])
    for each in damaged(frame):
        assert isinstance(unpacked(each), bytes)


@pytest.mark.parametrize("frame", [
    zstandard.ZstdCompressor().compress(b"x" * (LONGEST + 1)),
    zstandard.ZstdCompressor(write_content_size=False).compress(PLAIN),
    zstandard.ZstdCompressor(dict_data=FOREIGN).compress(PLAIN),
    b""], ids=["too long", "of no told length", "of an unknown dictionary", "empty"])
def test_what_is_no_frame_of_ours_stays_as_it_is(frame):
    assert unpacked(frame) == frame


def test_an_entry_is_packed_in_its_column_and_read_as_it_was_sealed(rt):
    recorded(rt)
    with rt.db.reading() as connection:
        seq, body = connection.execute(select(TrailEntry.seq, TrailEntry.body).order_by(
            TrailEntry.seq.desc()).limit(1)).one()
    assert json.loads(body)["kind"] == "grant.issue"
    assert len(kept_in(rt, seq)) < len(body) and unpacked(kept_in(rt, seq)) == body
    assert recompute(rt).findings == []


def test_entries_of_before_stay_plain_and_verify(rt):
    recorded(rt)
    with rt.db.reading() as connection:
        row = dict(connection.execute(select(TrailEntry.__table__).order_by(
            TrailEntry.seq.desc()).limit(1)).mappings().one())
    take_out(rt, row["seq"])
    with rt.db.writing() as connection:
        connection.execute(insert(TrailEntry.__table__).values(**{
            **row, "body": text(":plain").bindparams(plain=row["body"])}))
    assert kept_in(rt, row["seq"]) == row["body"]
    recorded(rt)
    assert recompute(rt).findings == []


def take_out(rt, seq: int) -> None:
    """An entry gone."""
    with rt.db.writing() as connection:
        unguard(connection, "delete")
        connection.execute(text("DELETE FROM trail_entry WHERE seq = :seq"), {"seq": seq})


@pytest.mark.parametrize("other", [
    lambda kept: kept[:-1], lambda kept: b"", lambda kept: b"{}",
    lambda kept: packed([unpacked(kept).replace(b"grant.issue", b"grant.revok")])[0],
    lambda kept: zstandard.ZstdCompressor().compress(b"x" * (LONGEST + 1))],
    ids=["cut", "empty", "plain", "another body", "a body too long"])
def test_a_changed_frame_is_found(rt, other):
    recorded(rt, 2)
    assert recompute(rt).findings == []
    with rt.db.reading() as connection:
        seq = connection.execute(select(TrailEntry.seq).where(
            TrailEntry.kind == "grant.issue").limit(1)).scalar_one()
    changed = other(kept_in(rt, seq))
    with rt.db.writing() as connection:
        unguard(connection, "update")
        connection.execute(text("UPDATE trail_entry SET body = :body WHERE seq = :seq"),
                           {"body": changed, "seq": seq})
    findings = recompute(rt).findings
    assert any(f"seq {seq}: the leaf is not the body's" in each for each in findings), findings
