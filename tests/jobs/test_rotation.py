"""A signing key is changed in the open: announced, handed over under both, and the old is gone."""

import json

import pytest
from sqlalchemy import select

from app.cli.__main__ import main
from app.cli.pack import CONSOLE
from app.commands import evidence
from app.commands.command import Empty
from app.domain.callers import SYSTEM
from app.jobs import checkpoints, packs, rotation, signing
from app.queries.evidence import evidence_pack, pack_file
from app.queries.pack_input import gather
from app.queries.trail_check import recompute
from app.store.tables import TrailEntry, TrailPrivate
from app.store.tables_evidence import TrailCheckpoint
from app.store.unit import begin
from audit import pack, verify
from tests import zone
from tests.audit.log import opened
from tests.conftest import caller

AUDITOR = caller("auditor", "AUDITOR")


def keys(rt) -> tuple[verify.Key, ...]:
    return verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)


def noted(rt) -> list[tuple[str, verify.Note]]:
    """Every signed head with its reason, in order."""
    with rt.db.reading() as connection:
        found = connection.execute(select(TrailCheckpoint.reason, TrailCheckpoint.note).order_by(
            TrailCheckpoint.size)).all()
    return [(reason, verify.read_note(text.encode())) for reason, text in found]


def signers(note: verify.Note, held: tuple[verify.Key, ...]) -> list[bool | None]:
    return [note.signed_by(key) for key in held]


def live(rt, clock) -> None:
    """Some entries, and a checkpoint over them."""
    with begin(rt, SYSTEM) as act:
        act.record("grant.issue", "grant/1", institution="bank")
    clock.forward(minutes=2)
    assert checkpoints.run_due(rt)


def asked(rt, **changes) -> str:
    return evidence.request(rt, AUDITOR, evidence.PackRequest(**{
        "kind": "zone", "recipient": "市数据局", "legal_basis": "数据安全法第四十一条",
        "purpose": "年度审计", "expires": "2027-11-30", "reason": "监管调取", **changes})).id


def fetched(rt, **changes) -> bytes:
    ref = asked(rt, **changes)
    assert packs.build_due(rt) == 1
    evidence.hand_over(rt, AUDITOR, ref, Empty())
    return pack_file(rt, AUDITOR, ref).body


def test_one_checkpoint_carries_both_signatures_then_the_new_key_signs_alone(rt, clock):
    live(rt, clock)
    (old,) = keys(rt)
    rotation.rotate(rt, CONSOLE, "每年更换")
    live(rt, clock)
    new, former = keys(rt)
    assert former == old != new
    assert [(reason, signers(note, (old, new))) for reason, note in noted(rt)] == [
        ("first", [True, None]), ("rotation", [True, True]), ("interval", [None, True])]
    assert recompute(rt).findings == []


def test_the_old_secret_is_gone_and_the_new_one_is_its_owners_alone(rt, clock):
    live(rt, clock)
    rotation.rotate(rt, CONSOLE, "每年更换")
    folder = rt.settings.signing_key_file.parent
    secrets = [path for path in folder.iterdir() if path.name.startswith("trail-signing")]
    assert secrets == [rt.settings.signing_key_file]
    assert secrets[0].stat().st_mode & 0o777 == 0o600
    assert signing.read(secrets[0]).key.id == keys(rt)[0].id


def test_both_keys_and_who_changed_them_are_sealed_and_the_reason_kept_beside(rt, clock):
    live(rt, clock)
    rotation.rotate(rt, CONSOLE, "每年更换")
    new, old = keys(rt)
    with rt.db.reading() as connection:
        seq, body = connection.execute(select(TrailEntry.seq, TrailEntry.body).where(
            TrailEntry.kind == "trail.rotate-key")).one()
        reason = connection.execute(select(TrailPrivate.value).where(
            TrailPrivate.seq == seq)).scalar_one()
    said = json.loads(body)
    published = rt.settings.public_key_file.read_text().splitlines()
    assert (said["stream"], said["actor"]["account"]) == ("system", "console")
    assert [said["facts"]["new"], said["facts"]["old"]] == published
    assert said["ref"] == f"trail_key/{new.id.hex()}" and old.id != new.id
    assert reason == "每年更换" and "每年更换".encode() not in body


@pytest.mark.parametrize("kind", ["zone", "institution"])
def test_a_pack_over_rotations_carries_every_handover_and_is_trusted(rt, clock, kind):
    z = zone.tiny(rt)
    live(rt, clock)
    held = {"before": checkpoints.published(rt.settings).read_bytes()}
    for _ in range(2):
        rotation.rotate(rt, CONSOLE, "每年更换")
        live(rt, clock)
    raw = fetched(rt, kind=kind, subject=z.institution.number if kind == "institution" else "")
    held["after"] = checkpoints.published(rt.settings).read_bytes()
    found = verify.verify(raw, keys(rt), held)
    assert (found.verdict, found.findings, found.notes) == (verify.TRUSTED, [], [])
    brought = [verify.read_note(text.encode())
               for text in json.loads(opened(raw)["trail/anchors.json"])["notes"]]
    third, second, first = keys(rt)
    assert [signers(note, (first, second, third)) for note in brought] == [
        [True, True, None], [None, True, True]]


def test_a_pack_is_not_trusted_by_the_key_before_alone(rt, clock):
    live(rt, clock)
    old = keys(rt)
    rotation.rotate(rt, CONSOLE, "每年更换")
    found = verify.verify(fetched(rt), old)
    assert found.verdict == verify.BROKEN
    assert {"MANIFEST_SIGNATURE", "CHECKPOINT_SIGNATURE"} <= found.codes


def rogue(rt) -> signing.Signer:
    """A key under the zone's name that nobody announced."""
    path = rt.settings.data_dir / "rogue.key"
    signing.make(path, rt.settings.origin)
    return signing.read(path)


def test_a_pack_signed_by_a_key_that_was_not_announced_is_broken(rt, clock):
    live(rt, clock)
    rotation.rotate(rt, CONSOLE, "每年更换")
    signer, ref = rogue(rt), asked(rt)
    live(rt, clock)
    raw = pack.build(gather(rt, ref, clock()), signer.key, signer.sign)
    found = verify.verify(raw, keys(rt))
    assert (found.verdict, found.codes) == (verify.BROKEN, {"MANIFEST_SIGNATURE"})


@pytest.mark.parametrize("which", ["not announced", "retired"])
def test_jobs_sign_with_the_key_in_force_alone(rt, clock, which):
    live(rt, clock)
    path = rt.settings.signing_key_file
    retired = path.read_bytes()
    rotation.rotate(rt, CONSOLE, "每年更换")
    live(rt, clock)
    rogue(rt)
    path.write_bytes(retired if which == "retired"
                     else (rt.settings.data_dir / "rogue.key").read_bytes())
    before = len(noted(rt))
    clock.forward(hours=1)
    with pytest.raises(signing.KeyUnusable, match="in force"):
        checkpoints.run_due(rt)
    ref = asked(rt)
    with pytest.raises(signing.KeyUnusable, match="in force"):
        packs.build_due(rt)
    assert evidence_pack(rt, AUDITOR, ref).state == "QUEUED" and len(noted(rt)) == before


@pytest.mark.parametrize("done", ["key made", "announced", "handed over"])
def test_a_rotation_that_was_interrupted_is_finished_and_nothing_is_done_twice(rt, clock, done):
    live(rt, clock)
    old, new = signing.load(rt.settings), signing.successor(rt.settings)
    if done != "key made":
        evidence.announce_key(rt, CONSOLE, old.key.text(), new.key.text(), "每年更换")
    if done == "handed over":
        checkpoints.make(rt, old, "rotation", new)
    rotated = rotation.rotate(rt, CONSOLE, "再次执行")
    assert (rotated.old, rotated.new) == (old.key.text(), new.key.text())
    assert [reason for reason, _ in noted(rt)].count("rotation") == 1
    with rt.db.reading() as connection:
        assert len(connection.execute(select(TrailEntry.seq).where(
            TrailEntry.kind == "trail.rotate-key")).all()) == 1
    live(rt, clock)


def test_the_console_changes_and_shows_the_key(rt, clock, capsys, monkeypatch):
    live(rt, clock)
    (old,) = keys(rt)
    monkeypatch.setenv("HUFU_DATABASE_URL", rt.db.url)
    data = ["--data", str(rt.settings.data_dir)]
    assert main(["keys", "rotate", "--reason", " ", *data]) == 1
    rt.settings.signing_key_file.chmod(0o644)
    assert main(["keys", "rotate", "--reason", "每年更换", *data]) == 1
    assert "0600" in capsys.readouterr().err and keys(rt) == (old,)
    rt.settings.signing_key_file.chmod(0o600)
    assert main(["keys", "rotate", "--reason", "每年更换", *data]) == 0
    new, former = keys(rt)
    shown = capsys.readouterr().out
    assert former == old and old.id.hex() in shown and new.id.hex() in shown
    assert main(["keys", "show", *data]) == 0
    assert capsys.readouterr().out == rt.settings.public_key_file.read_text()
