"""Packs of a real zone: asked for, released by another, built by jobs, handed over on record,
verified offline; what may not leave does not."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import evidence
from app.commands.command import Empty, Reasoned
from app.commands.decide import Gate, Question
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
from app.domain.evidence import State
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.jobs import checkpoints, packs, signing
from app.queries.evidence import evidence_pack, evidence_packs, pack_file
from app.queries.query import Filters
from app.store.tables import TrailEntry
from app.store.tables_evidence import EvidencePack
from app.store.unit import begin, read
from audit import verify
from tests import zone
from tests.audit.log import opened
from tests.conftest import caller
from tests.decision_zone import LAW, body

AUDITOR, OTHER = caller("auditor", "AUDITOR"), caller("other", "AUDITOR")
OFFICER = caller("officer", "PI_OFFICER")
WHY = Reasoned(reason="年度审计需要")


def asking(**changes) -> evidence.PackRequest:
    return evidence.PackRequest(**{
        "kind": "zone", "recipient": "市数据局", "legal_basis": "数据安全法第四十一条",
        "purpose": "年度审计", "expires": "2027-11-30", "reason": "监管调取", **changes})


def of_institution(z, **changes) -> evidence.PackRequest:
    return asking(kind="institution", subject=z.institution.number, **changes)


def keys(rt) -> tuple[verify.Key, ...]:
    return verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)


def built(rt, body: evidence.PackRequest):
    """The sheet of a pack asked for by the auditor and built by jobs."""
    row = evidence.request(rt, AUDITOR, body)
    assert packs.build_due(rt) == 1
    return evidence_pack(rt, AUDITOR, row.number)


def fetched(rt, body: evidence.PackRequest) -> bytes:
    sheet = built(rt, body)
    evidence.hand_over(rt, AUDITOR, sheet.id, Empty())
    return pack_file(rt, AUDITOR, sheet.number).body


def verified(rt, raw: bytes) -> verify.Report:
    """Against the newest published checkpoint, as an auditor holds it."""
    held = {"held": checkpoints.published(rt.settings).read_bytes()}
    return verify.verify(raw, keys(rt), held)


@pytest.fixture
def z(rt):
    return zone.tiny(rt)


@pytest.mark.parametrize("ask", [
    lambda z: of_institution(z),
    lambda z: asking(kind="grant", subject=z.grant.number),
    lambda z: asking(),
    lambda z: of_institution(z, level="pseudonymised"),
], ids=["institution", "grant", "zone", "pseudonymised"])  # fmt: skip
def test_what_jobs_build_the_auditor_trusts(rt, z, ask):
    found = verified(rt, fetched(rt, ask(z)))
    assert (found.verdict, found.findings, found.notes) == (verify.TRUSTED, [], [])


def test_a_changed_byte_is_named(rt, z):
    raw = fetched(rt, of_institution(z))
    at = raw.index(b'"kind":"grant.create"') + 10
    found = verified(rt, raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:])
    with read(rt) as session:
        entry = session.exec(select(TrailEntry).where(TrailEntry.kind == "grant.create")).one()
    (named,) = [each for each in found.findings if each.code == "ENTRY_HASH"]
    assert (named.seq, named.stream, named.stream_seq) == (
        entry.seq, entry.stream, entry.stream_seq)
    assert found.verdict == verify.BROKEN


def test_only_the_own_stream_is_shown_and_all_of_it(rt, z):
    with begin(rt, SYSTEM) as act:
        stranger = zone.institution(act)
    raw = fetched(rt, of_institution(z))
    lines = opened(raw)["trail/entries.jsonl"].splitlines()
    bodies = [json.loads(line)["body"] for line in lines if line.startswith(b'{"body"')]
    own = [body for body in bodies if body["stream"] == f"inst/{z.institution.id}"]
    with read(rt) as session:
        sealed = session.exec(select(TrailEntry.seq).where(
            TrailEntry.stream == f"inst/{z.institution.id}").order_by(TrailEntry.seq)).all()
    assert [body["seq"] for body in own] == list(sealed)
    assert [body["kind"] for body in bodies if body not in own] == ["trail.streams"]
    assert stranger.id.encode() not in raw and stranger.name.encode() not in raw


def test_decisions_are_in_the_pack_and_the_callers_own_numbers_are_not(rt):
    gate = Gate(rt, LAW)
    try:
        z = zone.tiny(rt)
        for purpose in ("PF.CRD.NEW", "X.MKT"):
            gate.answer(Question(
                body(app=z.app.number, product=z.product.number, grant=z.grant.number,
                     purpose=purpose, region="110105", lookback_from="2025-06-01",
                     business_ref="LN1", trace_id="t-1",
                     data_subject={"kind": "ENTERPRISE", "id": "91110000"}),
                Presented(z.credential.prefix, "203.0.113.8")))
    finally:
        gate.close()
    raw = fetched(rt, of_institution(z))
    assert verified(rt, raw).verdict == verify.TRUSTED
    rows = [json.loads(line) for line in opened(raw)["facts/decisions.jsonl"].splitlines()]
    assert [row["permits"] for row in rows] == [True, False]
    assert not {"business_ref", "trace_id", "subject"} & set(rows[0])
    for value in (b"LN1", b"t-1", b"91110000"):
        assert value not in opened(raw)["facts/decisions.jsonl"]
        assert value not in opened(raw)["trail/entries.jsonl"]
    bodies = {json.loads(line)["body"]["seq"]: json.loads(line)["body"]
              for line in opened(raw)["trail/entries.jsonl"].splitlines()
              if line.startswith(b'{"body"')}
    assert [bodies[row["seq"]]["facts"]["decision"] for row in rows] == [row["id"] for row in rows]


def test_no_personal_value_or_secret_leaves_by_default(rt, z):
    raw = fetched(rt, of_institution(z))
    for value in (z.institution.contact, z.institution.security_officer):
        assert value.encode() not in raw
    assert z.credential.secret_hash.encode() not in raw and z.secret.encode() not in raw
    whole = fetched(rt, asking())
    assert z.department.liaison.encode() not in whole


def test_personal_values_leave_only_after_a_second_person(rt, z):
    row = evidence.request(rt, AUDITOR, of_institution(z, level="full"))
    assert row.state == State.WAITING and packs.build_due(rt) == 0
    with pytest.raises(NotAllowed):
        evidence.release(rt, OTHER, row.number, WHY)
    both = caller("auditor", "PI_OFFICER")
    with pytest.raises(GuardFailed) as refused:
        evidence.release(rt, both, row.number, WHY)
    assert refused.value.facts["guards"] == ["releaser_is_another"]
    evidence.release(rt, OFFICER, row.number, WHY)
    assert packs.build_due(rt) == 1
    evidence.hand_over(rt, AUDITOR, row.number, Empty())
    raw = pack_file(rt, AUDITOR, row.number).body
    assert z.institution.contact.encode() in raw
    assert verified(rt, raw).verdict == verify.TRUSTED


def test_what_is_not_released_is_never_built(rt, z):
    row = evidence.request(rt, AUDITOR, of_institution(z, level="full"))
    evidence.refuse(rt, OFFICER, row.number, WHY)
    assert packs.build_due(rt) == 0
    with pytest.raises(IllegalMove):
        evidence.release(rt, OFFICER, row.number, WHY)


def test_building_and_handing_over_are_sealed_with_the_digest(rt, z):
    sheet = built(rt, of_institution(z))
    for _ in range(2):
        evidence.hand_over(rt, AUDITOR, sheet.id, Empty())
    with read(rt) as session:
        bodies = [json.loads(body) for body in session.exec(select(TrailEntry.body).where(
            TrailEntry.ref == f"evidence_pack/{sheet.id}").order_by(TrailEntry.seq))]
    assert [body["kind"] for body in bodies] == [
        "evidence_pack.create", "evidence_pack.build", "evidence_pack.hand_over",
        "evidence_pack.hand_over"]  # fmt: skip
    assert {body["facts"]["sha256"] for body in bodies[1:]} == {sheet.sha256}
    assert "市数据局" not in json.dumps(bodies, ensure_ascii=False)


def test_the_file_is_for_who_handed_it_over_and_for_ten_minutes(rt, z, clock):
    sheet = built(rt, of_institution(z))
    with pytest.raises(NotFound):
        pack_file(rt, AUDITOR, sheet.id)
    evidence.hand_over(rt, AUDITOR, sheet.id, Empty())
    assert pack_file(rt, AUDITOR, sheet.id).name == f"{sheet.number}.zip"
    with pytest.raises(NotFound):
        pack_file(rt, OTHER, sheet.id)
    clock.forward(minutes=10)
    with pytest.raises(NotFound):
        pack_file(rt, AUDITOR, sheet.id)


def test_nothing_is_handed_over_after_its_time(rt, z, clock):
    sheet = built(rt, of_institution(z, expires="2026-11-23"))
    clock.forward(days=1)
    with pytest.raises(GuardFailed) as refused:
        evidence.hand_over(rt, AUDITOR, sheet.id, Empty())
    assert refused.value.code == "PACK.EXPIRED"


@pytest.mark.parametrize("changes, member", [
    ({"kind": "institution"}, "subject"), ({"kind": "zone", "subject": "INST-0001"}, "subject"),
    ({"kind": "grant", "subject": "GR-2026-999999"}, "subject"),
    ({"kind": "institution", "subject": "GR-2026-000001"}, "subject"),
    ({"kind": "institution", "subject": "%' --"}, "subject"),
    ({"begins": "2026-11-24", "ends": "2026-11-23"}, "begins"),
    ({"expires": "2026-11-22"}, "expires"), ({"begins": "2026-02-30"}, "begins"),
    ({"ends": "2026-13-01"}, "ends"),
])  # fmt: skip
def test_an_unsound_request_names_the_member_to_mend_and_leaves_nothing(rt, changes, member):
    with pytest.raises(Invalid) as refused:
        evidence.request(rt, AUDITOR, asking(**changes))
    assert [error["at"] for error in refused.value.facts["errors"]] == [member]
    assert evidence_packs(rt, AUDITOR, Filters()).total == 0


@pytest.mark.parametrize("role", ["INTAKE", "APPROVER", "SYS_ADMIN", "REGULATOR_VIEW"])
def test_who_exports_evidence_is_on_a_list(rt, role):
    with pytest.raises(NotAllowed):
        evidence.request(rt, caller("li", role), asking())


def test_a_pack_that_cannot_be_built_says_why(rt, z):
    row = evidence.request(rt, AUDITOR, of_institution(z, anchor_size=10_000))
    assert packs.build_due(rt) == 0
    sheet = evidence_pack(rt, AUDITOR, row.id)
    assert sheet.state == State.FAILED and "no checkpoint of 10000" in sheet.failure


def test_two_jobs_build_a_pack_once(rt, z):
    row = evidence.request(rt, AUDITOR, of_institution(z))
    signer = signing.load(rt.settings)
    checkpoints.make(rt, signer, "pack")
    assert packs.build_one(rt, signer, row.id) is True
    assert packs.build_one(rt, signer, row.id) is False
    with read(rt) as session:
        kinds = session.exec(select(TrailEntry.kind)).all()
    assert kinds.count("evidence_pack.build") == 1


def test_the_same_rows_give_the_same_pack(rt, z, monkeypatch):
    first = built(rt, of_institution(z))
    with read(rt) as session:
        row = session.get(EvidencePack, first.id)
    from app.queries.pack_input import gather
    from audit import pack

    signer = signing.load(rt.settings)
    given = [gather(rt, row.id, rt.clock()) for _ in range(2)]
    assert pack.build(given[0], signer.key, signer.sign) == pack.build(
        given[1], signer.key, signer.sign)


def days(rt, z, clock, count: int) -> None:
    """Some days with one entry and one checkpoint each."""
    for _ in range(count):
        clock.forward(days=1)
        with begin(rt, SYSTEM) as act:
            act.record("grant.confirm", f"grant/{z.grant.id}", institution=z.institution.id)
        checkpoints.run_due(rt)


def test_a_period_begins_and_ends_at_counts_and_stays_whole(rt, z, clock):
    checkpoints.run_due(rt)
    days(rt, z, clock, 9)
    raw = fetched(rt, of_institution(z, begins="2026-11-26", ends="2026-11-28"))
    found = verified(rt, raw)
    assert found.findings == [] and found.range["begin"] > 0
    assert found.range["end"] < found.range["size"]
    lines = opened(raw)["trail/entries.jsonl"].splitlines()
    shown = [json.loads(line).get("body", {}) for line in lines]
    at = [body["at"][:10] for body in shown if body.get("kind") == "grant.confirm"]
    assert at[0] <= "2026-11-26" and "2026-11-28" in at and "2026-12-01" not in at


def test_an_institution_that_came_later_is_not_part_of_an_earlier_period(rt, z, clock):
    days(rt, z, clock, 4)
    with begin(rt, SYSTEM) as act:
        late = zone.institution(act)
        act.record("institution.note", f"institution/{late.id}", institution=late.id)
    whole = asking(begins="2026-11-24", ends="2026-11-25")
    assert verified(rt, fetched(rt, whole)).verdict == verify.TRUSTED
    row = evidence.request(rt, AUDITOR, asking(
        kind="institution", subject=late.number, begins="2026-11-24", ends="2026-11-25"))
    packs.build_due(rt)
    assert "no entry of this institution" in evidence_pack(rt, AUDITOR, row.id).failure


def test_a_pack_proves_that_it_extends_what_the_auditor_held(rt, z, clock):
    early = checkpoints.run_due(rt)
    held = checkpoints.published(rt.settings).read_bytes()
    days(rt, z, clock, 5)
    period = {"begins": "2026-11-27", "ends": "2026-12-01"}
    plain = verify.verify(fetched(rt, of_institution(z, **period)), keys(rt), {"held": held})
    assert [each.code for each in plain.notes] == ["ANCHOR_UNPROVEN"]
    linked = fetched(rt, of_institution(z, anchor_size=early, **period))
    found = verify.verify(linked, keys(rt), {"held": held})
    assert [each.code for each in found.notes] == ["ANCHOR_SHORT"]
    assert found.anchored["size"] == early


def test_erased_private_values_leave_the_pack_sound(rt, z):
    with begin(rt, SYSTEM) as act:
        act.record("grant.note", "grant/1", institution=z.institution.id,
                   private={"name": "王某"})
    from sqlalchemy import text

    with rt.db.writing() as connection:
        connection.execute(text("DELETE FROM trail_private"))
    assert verified(rt, fetched(rt, of_institution(z))).verdict == verify.TRUSTED


def test_the_list_finds_by_recipient_and_state(rt, z):
    built(rt, of_institution(z))
    assert evidence_packs(rt, AUDITOR, Filters(q="市数据局", state="BUILT")).total == 1
    assert evidence_packs(rt, AUDITOR, Filters(q="别的", state="BUILT")).total == 0


def test_the_clock_of_a_pack_is_the_houses(rt, z, clock):
    sheet = built(rt, of_institution(z))
    clock.forward(seconds=timedelta(days=1).total_seconds())
    assert sheet.built_at == "2026-11-23T02:00:00.000000Z"
