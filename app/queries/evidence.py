"""Evidence packs as people see them, and the file for who just handed one over."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.evidence import EVIDENCE_PACK, Kind, Level
from app.domain.refusals import NotFound
from app.queries.possible import Choice, Happening, choices, timeline
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_evidence import pack_situation
from app.store.tables import Transition
from app.store.tables_evidence import EvidencePack, EvidencePackFile
from app.store.unit import read

FETCH_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class PackLine:
    """One pack of the list."""

    id: str
    number: str
    kind: str
    name: str
    recipient: str
    level: str
    state: str
    bytes: int
    built_at: str
    expires: str
    version: int


@dataclass(frozen=True)
class PackSheet:
    """One pack with what may be done to it."""

    id: str
    number: str
    kind: str
    kind_zh: str
    kind_en: str
    name: str
    subject_number: str
    begins: str
    ends: str
    level: str
    level_zh: str
    level_en: str
    recipient: str
    legal_basis: str
    purpose: str
    expires: str
    reason: str
    requested_by: str
    requested_at: str
    state: str
    sha256: str
    bytes: int
    log_size: int
    built_at: str
    failure: str
    handed_over: int
    fetchable: bool
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


@dataclass(frozen=True)
class PackFile:
    """The bytes that are handed over, and the name they are saved under."""

    name: str
    body: bytes
    sha256: str


@query("evidence_pack", "证据包", "Evidence packs")
def evidence_packs(rt, caller: Caller, filters: Filters) -> Page[PackLine]:
    """Packs, newest first; `q` finds number, subject and recipient."""
    may_read(rt, caller, "evidence_pack")
    statement = select(EvidencePack)
    if filters.q:
        sought = (EvidencePack.number, EvidencePack.subject_name, EvidencePack.subject_number,
                  EvidencePack.recipient)
        statement = statement.where(or_(*(column.like(like(filters.q), escape="\\")
                                          for column in sought)))
    if filters.state:
        statement = statement.where(EvidencePack.state == filters.state)
    with read(rt) as session:
        return page_of(session, caller, EvidencePack, statement, filters,
                       order=(EvidencePack.number.desc(),), line=_line)


def _line(row: EvidencePack) -> PackLine:
    return PackLine(row.id, row.number, row.kind, _name(row), row.recipient, row.level, row.state,
                    row.bytes, instant(row.built_at) if row.built_at else "",
                    row.expires.isoformat(), row.version)


def _name(row: EvidencePack) -> str:
    """What the pack is about, in words."""
    return f"{row.subject_number} {row.subject_name}".strip() or Kind.ZONE.zh


@query("evidence_pack", "证据包", "Evidence pack", single=True)
def evidence_pack(rt, caller: Caller, ref: str) -> PackSheet:
    """One pack by id or number."""
    may_read(rt, caller, "evidence_pack")
    with read(rt) as session:
        row = one(session, caller, EvidencePack, ref)
        kind, level = Kind(row.kind), Level(row.level)
        return PackSheet(
            id=row.id, number=row.number, kind=row.kind, kind_zh=kind.zh, kind_en=kind.en,
            name=_name(row), subject_number=row.subject_number,
            begins=row.begins.isoformat() if row.begins else "",
            ends=row.ends.isoformat() if row.ends else "", level=row.level, level_zh=level.zh,
            level_en=level.en, recipient=row.recipient, legal_basis=row.legal_basis,
            purpose=row.purpose, expires=row.expires.isoformat(), reason=row.reason,
            requested_by=row.requested_by, requested_at=instant(row.created_at), state=row.state,
            sha256=row.sha256, bytes=row.bytes, log_size=row.log_size,
            built_at=instant(row.built_at) if row.built_at else "", failure=row.failure,
            handed_over=row.handed_over, fetchable=_handed(rt, session, caller, row),
            version=row.version,
            choices=choices(rt, session, caller, EVIDENCE_PACK, row,
                            pack_situation(rt, session, caller, row)),
            timeline=timeline(session, EVIDENCE_PACK, row, instant))


def pack_file(rt, caller: Caller, ref: str) -> PackFile:
    """The file, for the person who handed it over within the last ten minutes.

    Raises:
        NotAllowed, NotFound: nothing was handed over by this person, or too long ago.
    """
    may_read(rt, caller, "evidence_pack")
    with read(rt) as session:
        row = one(session, caller, EvidencePack, ref)
        file = None
        if _handed(rt, session, caller, row):
            file = session.get(EvidencePackFile, row.id)
        if file is None:
            raise NotFound("请先办理交付，十分钟内下载",
                           "hand the pack over first, then fetch it within ten minutes",
                           noun="evidence_pack")
        return PackFile(f"{row.number}.zip", file.body, row.sha256)


def _handed(rt, session: Session, caller: Caller, row: EvidencePack) -> bool:
    """Whether this person handed the pack over within the last ten minutes."""
    return session.exec(select(Transition.id).where(
        Transition.noun == row.noun, Transition.object_id == row.id,
        Transition.action == "hand_over", Transition.person == caller.person,
        Transition.at > rt.clock() - FETCH_WITHIN)).first() is not None
