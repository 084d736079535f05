"""The checkpoint job: signs what extends, when it is due, with a key nobody else may read."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.domain.callers import SYSTEM
from app.jobs import checkpoints, signing
from app.store.tables import TrailEntry, TrailHead, TrailPrivate
from app.store.tables_evidence import TrailAnchor, TrailCheckpoint, TrailTile
from app.store.tiles import Tiles
from app.store.unit import begin
from audit import note, trail, verify


def entries(rt, count: int, institution: str | None = None) -> None:
    """That many entries in one act."""
    with begin(rt, SYSTEM) as act:
        for index in range(count):
            act.record("grant.issue", f"grant/{index}", institution=institution)


def rows(rt, statement) -> list:
    with rt.db.reading() as connection:
        return connection.execute(statement).all()


def heads(rt) -> list[note.Checkpoint]:
    notes = rows(rt, select(TrailCheckpoint.note).order_by(TrailCheckpoint.size))
    return [note.parse_checkpoint(note.parse_note(each).text) for (each,) in notes]


def test_the_first_run_signs_and_publishes(rt):
    size = checkpoints.run_due(rt)
    assert size == 2
    (key,) = verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)
    seen = verify.read_note(checkpoints.published(rt.settings).read_bytes())
    assert seen.signed_by(key) is True
    assert verify.read_head(seen.text)[:2] == (rt.settings.origin, size)


def test_the_newest_leaf_of_a_checkpoint_counts_the_streams(rt):
    entries(rt, 3, "bank")
    size = checkpoints.run_due(rt)
    body = rows(rt, select(TrailEntry.body).where(TrailEntry.seq == size - 1))[0][0]
    said = verify.exact_json(body)
    assert (said["kind"], said["stream"]) == ("trail.streams", "system")
    assert said["facts"]["size"] == size - 1 and b"inst/bank" not in body
    opened = {row.name: row.value for row in rows(rt, select(
        TrailPrivate.name, TrailPrivate.value).where(TrailPrivate.seq == size - 1))}
    assert opened == {"inst/bank": "3", "system": "1"}


def test_the_signed_root_is_that_of_the_bodies(rt):
    entries(rt, 600)
    checkpoints.run_due(rt)
    bodies = [body for (body,) in rows(rt, select(TrailEntry.body).order_by(TrailEntry.seq))]
    at = trail.stored([trail.leaf(body) for body in bodies])
    (head,) = heads(rt)
    assert head.root == trail.root(trail.frontier(len(bodies), at), len(bodies))
    assert len(rows(rt, select(TrailTile.position))) == 2


@pytest.mark.parametrize(("seconds", "new", "reason"), [
    (59, 1, ""), (60, 1, "interval"), (3_599, 0, ""), (3_600, 0, "heartbeat"),
    (1, 998, ""), (1, 1_000, "entries"),
])  # fmt: skip
def test_a_checkpoint_is_due(rt, clock, seconds, new, reason):
    now = clock()
    assert checkpoints.due(10 + new, 10, now - timedelta(seconds=seconds), now) == reason


def test_the_job_waits_until_one_is_due(rt, clock):
    assert checkpoints.run_due(rt)
    entries(rt, 1)
    assert checkpoints.run_due(rt) is None
    clock.forward(seconds=60)
    assert checkpoints.run_due(rt) == 4
    clock.forward(minutes=59)
    assert checkpoints.run_due(rt) is None
    clock.forward(minutes=1)
    assert checkpoints.run_due(rt) == 5


def test_every_head_extends_the_one_before_over_tile_borders(rt, clock):
    for count in (1, 253, 300, 700):
        entries(rt, count)
        clock.forward(minutes=2)
        checkpoints.run_due(rt)
    found = heads(rt)
    with rt.db.reading() as connection:
        for tiles in (Tiles(connection), Tiles(connection, stored=False)):
            for old, new in zip(found, found[1:], strict=False):
                path = trail.consistency(old.size, new.size, tiles)
                assert verify.consistent(old.size, new.size, old.root, new.root, path)


def test_a_step_back_of_the_clock_does_not_date_a_head_before_its_entries(rt, clock):
    entries(rt, 1)
    clock.forward(hours=-2)
    checkpoints.run_due(rt)
    newest = rows(rt, select(TrailEntry.at).order_by(TrailEntry.seq.desc()))[0][0]
    keys = verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)
    own = verify.Key(keys[0].name, verify.COSIGNATURE, keys[0].public)
    at = verify.read_note(checkpoints.published(rt.settings).read_bytes()).cosigned_at(own)
    assert at == int(verify.instant(newest).timestamp())


def tampered(rt, statement: str, **values) -> None:
    """A database owner walks past the guards."""
    with rt.db.engine.connect() as connection, connection.begin():
        if rt.db.is_sqlite:
            for (name,) in connection.execute(text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


@pytest.mark.parametrize("statement", [
    "UPDATE trail_entry SET leaf = :other WHERE seq = 3",
    "DELETE FROM trail_entry WHERE seq = 3",
    "UPDATE trail_head SET frontier = :frontier",
])  # fmt: skip
def test_nothing_is_signed_over_a_changed_trail(rt, clock, statement):
    entries(rt, 6)
    checkpoints.run_due(rt)
    before = rows(rt, select(TrailHead.size))
    values = {name: value for name, value in
              (("other", bytes(32)), ("frontier", bytes(32))) if f":{name}" in statement}
    tampered(rt, statement, **values)
    clock.forward(hours=1)
    with pytest.raises(checkpoints.Inconsistent):
        checkpoints.run_due(rt)
    assert len(heads(rt)) == 1 and rows(rt, select(TrailHead.size)) == before


def test_nothing_is_signed_below_what_is_known_outside(rt, clock):
    checkpoints.run_due(rt)
    with rt.db.writing() as connection:
        connection.execute(TrailAnchor.__table__.insert().values(
            size=500, name="w", kind="witness", body="", seen_at=clock(), kept_at=clock()))
    clock.forward(hours=1)
    with pytest.raises(checkpoints.Inconsistent, match="not above 500"):
        checkpoints.run_due(rt)


def test_a_database_restored_from_an_old_backup_is_not_signed(rt, clock):
    checkpoints.run_due(rt)
    text = note.Checkpoint(rt.settings.origin, 900, bytes(32)).text()
    signer = signing.load(rt.settings)
    signed = note.Note(text, (note.sign_note(text, signer.key, signer.sign),))
    checkpoints.publish(checkpoints.published(rt.settings), str(signed))
    clock.forward(hours=1)
    with pytest.raises(checkpoints.Inconsistent, match="not above 900"):
        checkpoints.run_due(rt)


@pytest.mark.parametrize("content", ["", "hello\n", "\ufffd"])
def test_a_published_checkpoint_that_is_none_stops_signing(rt, clock, content):
    checkpoints.run_due(rt)
    checkpoints.published(rt.settings).write_text(content)
    clock.forward(hours=1)
    with pytest.raises(checkpoints.Inconsistent, match="cannot be read"):
        checkpoints.run_due(rt)


def test_the_key_is_the_owners_alone_and_stays(rt):
    first = signing.load(rt.settings)
    mode = rt.settings.signing_key_file.stat().st_mode
    assert mode & 0o777 == 0o600
    assert signing.load(rt.settings).key == first.key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_others_may_read_is_not_used(rt, mode):
    signing.load(rt.settings)
    os.chmod(rt.settings.signing_key_file, mode)
    with pytest.raises(signing.KeyUnusable, match="0600"):
        checkpoints.run_due(rt)
    assert heads(rt) == []


@pytest.mark.parametrize("content", ["", "PRIVATE+KEY+a+b", "PRIVATE+KEY+a+00000000+AAAA"])
def test_a_key_file_that_is_not_one_is_not_used(rt, content):
    path = rt.settings.signing_key_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(signing.KeyUnusable):
        checkpoints.run_due(rt)


def test_a_key_of_another_zone_is_not_used(rt):
    signing.load(rt.settings)
    path = rt.settings.signing_key_file
    path.unlink()
    signing.make(path, "other.example/zone")
    with pytest.raises(signing.KeyUnusable, match="other.example"):
        checkpoints.run_due(rt)
