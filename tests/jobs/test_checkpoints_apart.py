"""The head's lock is held for the count alone: decisions do not wait for a signature."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.jobs import checkpoints, signing
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry, TrailHead
from audit import note
from tests.jobs.test_checkpoints import entries, heads, rows


def counts(rt) -> list[int]:
    return [seq for (seq,) in rows(rt, select(TrailEntry.seq).where(
        TrailEntry.kind == "trail.streams").order_by(TrailEntry.seq))]


def test_a_count_that_was_not_signed_is_covered_by_the_next_head(rt, monkeypatch):
    entries(rt, 3)
    with monkeypatch.context() as broken:
        broken.setattr(note, "sign_note", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            checkpoints.run_due(rt)
    assert len(counts(rt)) == 1 and not heads(rt)
    size = checkpoints.run_due(rt)
    assert [head.size for head in heads(rt)] == [size] and counts(rt)[-1] == size - 1
    assert len(counts(rt)) == 2 and recompute(rt).findings == []


@pytest.mark.postgres
def test_decisions_go_on_while_a_head_is_signed(rt, monkeypatch):
    if rt.db.is_sqlite:
        pytest.skip("SQLite has one writer")
    signs = note.sign_note

    def meanwhile(*given):
        entries(rt, 2)
        return signs(*given)

    entries(rt, 3)
    monkeypatch.setattr(note, "sign_note", meanwhile)
    size = checkpoints.run_due(rt)
    assert rows(rt, select(TrailHead.size))[0][0] == size + 2
    monkeypatch.undo()
    again = checkpoints.make(rt, signing.load(rt.settings), "asked")
    assert [head.size for head in heads(rt)] == [size, again] == [size, size + 3]
    assert recompute(rt).findings == []


def test_two_that_sign_at_once_keep_heads_that_extend_each_other(rt):
    entries(rt, 3)
    signer = signing.load(rt.settings)

    def sign(number: int) -> int | None:
        entries(rt, number % 3 + 1)
        try:
            return checkpoints.make(rt, signer, "asked")
        except checkpoints.Inconsistent:
            return None  # the other signed a larger head meanwhile

    with ThreadPoolExecutor(2) as threads:
        signed = [size for size in threads.map(sign, range(20)) if size]
    assert signed and sorted(signed) == [head.size for head in heads(rt)]
    assert recompute(rt).findings == []
