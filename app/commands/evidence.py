"""Evidence packs and anchors: asking, releasing, building, handing over, keeping a witness's word.

The web only records what is asked; the jobs process, which alone holds the key, builds.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.domain.callers import SYSTEM, Caller
from app.domain.evidence import EVIDENCE_PACK, Kind, Level, State
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.store.situations_evidence import pack_situation
from app.store.tables import TrailEntry
from app.store.tables_evidence import EvidencePack, EvidencePackFile, TrailAnchor
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution
from app.store.trail import about, stream_of
from app.store.unit import Act, begin

DAY = r"^\d{4}-\d{2}-\d{2}$"


class PackRequest(Body):
    """What a pack is about, who gets it, on which basis, and how much it opens."""

    kind: Kind = entry("范围", "Scope", widget="select", options="evidence.Kind")
    subject: Text = entry("机构或授权编号", "Institution or grant number", default="",
                          max_length=60)
    begins: Text = entry("起始日期", "From", default="", widget="date", pattern=rf"^$|{DAY}")
    ends: Text = entry("截止日期", "To", default="", widget="date", pattern=rf"^$|{DAY}")
    level: Level = entry("脱敏级别", "Redaction level", widget="select",
                         options="evidence.Level", default=Level.COMMITMENTS_ONLY)
    recipient: Text = entry("接收方", "Recipient", min_length=2, max_length=100)
    legal_basis: Text = entry("法律依据", "Legal basis", min_length=2, max_length=200)
    purpose: Text = entry("用途", "Purpose", min_length=2, max_length=200)
    expires: Text = entry("使用期限", "May be used until", widget="date", pattern=DAY)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)
    anchor_size: int | None = entry(
        "衔接的检查点大小", "Prove consistency with the checkpoint of size", default=None,
        widget="number", ge=1, le=2**53 - 1,
        help_zh="审计人自己持有的检查点的大小；用于证明本包与其一致",
        help_en="size of a checkpoint the auditor holds; the pack then proves that it extends it")


@command("evidence_pack.create", "申请证据包", "Request a pack", creates=True)
def request(rt, caller: Caller, body: PackRequest) -> Done:
    """A pack is asked for; one that opens personal values waits for a second person."""
    with begin(rt, caller) as act:
        if not act.may("evidence_pack", "create"):
            raise NotAllowed("您的岗位不能申请证据包",
                             "your roles do not cover `evidence_pack.create`")
        begins, ends, expires = _period(act, body)
        subject = _subject(act, body)
        state = State.WAITING if body.level is Level.FULL else State.QUEUED
        row = act.create(
            EvidencePack, number=act.number("EP"), state=str(state), kind=str(body.kind),
            begins=begins, ends=ends, level=str(body.level), recipient=body.recipient,
            legal_basis=body.legal_basis, purpose=body.purpose, expires=expires,
            reason=body.reason, requested_by=caller.person, anchor_size=body.anchor_size, **subject)
        act.record("evidence_pack.create", f"evidence_pack/{row.id}", number=row.number,
                   scope=row.kind, subject=row.subject_id, level=row.level,
                   begins=body.begins, ends=body.ends, expires=body.expires,
                   private={"recipient": row.recipient, "legal_basis": row.legal_basis,
                            "purpose": row.purpose, "reason": row.reason})
    return done(row)


def _period(act: Act, body: PackRequest) -> tuple[date | None, date, date]:
    """First day (None for the zone's first), last day, last day of use."""
    begins = _day("begins", body.begins) if body.begins else None
    ends = _day("ends", body.ends) if body.ends else act.day
    expires = _day("expires", body.expires)
    if begins and begins > ends:
        raise _wrong("begins", "起始日期不得晚于截止日期", "the first day lies after the last",
                     "PACK.PERIOD")
    if expires < act.day:
        raise _wrong("expires", "使用期限不得早于今日", "the time of use is over already",
                     "PACK.EXPIRED")
    return begins, ends, expires


def _day(member: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(member, f"没有 {text} 这一天", f"there is no day {text}",
                     "PACK.PERIOD") from None


def _wrong(member: str, zh: str, en: str, code: str) -> Invalid:
    return Invalid(zh, en, code=code, errors=[{"at": member, "zh": zh, "en": en}])


def _subject(act: Act, body: PackRequest) -> dict:
    """Whose entries the pack holds, and what it is named after."""
    if body.kind is Kind.ZONE:
        if body.subject:
            raise _wrong("subject", "全区证据包不填编号：请清空，或改选范围",
                         "a pack of the whole zone names nothing: empty this, or choose another "
                         "scope", "PACK.SUBJECT")
        return {}
    zh, en = body.kind.zh, body.kind.en.lower()
    if not body.subject:
        raise _wrong("subject", f"请填写{zh}编号", f"fill in the number of the {en}",
                     "PACK.SUBJECT")
    try:
        row = act.open(Institution if body.kind is Kind.INSTITUTION else Grant, body.subject)
    except NotFound:
        raise _wrong("subject", f"没有这个{zh}编号：请按{zh}台账核对，或改选范围",
                     f"no {en} has this number: check it in the registry, or choose another scope",
                     "PACK.SUBJECT") from None
    owner = row if isinstance(row, Institution) else act.find(Institution, row.institution_id)
    return {"subject_id": row.id, "subject_number": row.number, "subject_name": owner.name,
            "stream": stream_of(owner.id)}


@command("evidence_pack.release", "复核放行", "Release", factor=True)
def release(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A second person lets personal values leave."""
    return _move(rt, caller, ref, "release", body.reason)


@command("evidence_pack.refuse", "不予放行", "Do not release")
def refuse(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A second person keeps personal values in."""
    return _move(rt, caller, ref, "refuse", body.reason)


def _move(rt, caller: Caller, ref: str, action: str, reason: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(EvidencePack, ref)
        step = advance(act, EVIDENCE_PACK, row, action,
                       pack_situation(rt, act.session, caller, row, reason))
    return done(row, step)


@command("evidence_pack.hand_over", "交付", "Hand over", factor=True)
def hand_over(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The pack leaves: an entry cites its digest, and this person may fetch the file."""
    with begin(rt, caller) as act:
        row = act.open(EvidencePack, ref)
        step = advance(act, EVIDENCE_PACK, row, "hand_over",
                       pack_situation(rt, act.session, caller, row),
                       record={"sha256": row.sha256, "time": row.handed_over + 1})
        row.handed_over += 1
    return done(row, step, sha256=row.sha256)


@dataclass(frozen=True)
class Built:
    """A pack as built: its bytes, their digest, the size of the log it was taken from."""

    body: bytes
    sha256: str
    log_size: int
    at: datetime


def built(rt, pack_id: str, pack: Built) -> bool:
    """Keep a pack and seal its digest; False when another process already has."""
    with begin(rt, SYSTEM) as act:
        row = act.find(EvidencePack, pack_id)
        if row.state != State.QUEUED:
            return False
        row.sha256, row.bytes, row.log_size = pack.sha256, len(pack.body), pack.log_size
        row.built_at = pack.at
        advance(act, EVIDENCE_PACK, row, "build", pack_situation(rt, act.session, SYSTEM, row),
                record={"sha256": pack.sha256, "log_size": pack.log_size, "bytes": row.bytes})
        act.add(EvidencePackFile(pack_id=row.id, body=pack.body))
    return True


def failed(rt, pack_id: str, why: str) -> None:
    """The pack cannot be built as asked; the row says why."""
    with begin(rt, SYSTEM) as act:
        row = act.find(EvidencePack, pack_id)
        row.failure = why[:300]
        advance(act, EVIDENCE_PACK, row, "fail", pack_situation(rt, act.session, SYSTEM, row))


def keep_anchor(rt, size: int, name: str, line: str, seen_at: datetime) -> bool:
    """Keep a witness's checked line under a checkpoint, with an entry; False when known."""
    with begin(rt, SYSTEM) as act:
        if act.session.get(TrailAnchor, (size, name)):
            return False
        act.add(TrailAnchor(size=size, name=name, body=line, seen_at=seen_at, kept_at=act.at))
        act.record("trail.anchor", f"trail_checkpoint/{size}", size=size, witness=name,
                   seen_at=int(seen_at.timestamp()))
    return True


def announce_key(rt, caller: Caller, old: str, new: str, reason: str) -> None:
    """Seal that a new key is to sign from now on, by the verifier lines of both; once a key."""
    with begin(rt, caller) as act:
        ref = f"trail_key/{new.split('+')[1]}"
        if not act.first(select(TrailEntry.seq).where(about(ref))):
            act.record("trail.rotate-key", ref, old=old, new=new, private={"reason": reason})
