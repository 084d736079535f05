"""The pack job: what was asked for and released becomes a signed pack whose digest is sealed."""

import hashlib

import structlog
from sqlmodel import select

from app.commands import evidence
from app.domain.evidence import Cause, State
from app.jobs import checkpoints, signing
from app.queries.pack_input import Unbuildable, gather
from app.store.tables_evidence import EvidencePack
from app.store.unit import read
from audit import pack

MOST_AT_ONCE = 5
log = structlog.get_logger("hufu.jobs.packs")


def build_due(rt) -> int:
    """Build what is queued, oldest first; how many packs were built."""
    with read(rt) as session:
        waiting = session.exec(select(EvidencePack.id).where(
            EvidencePack.state == str(State.QUEUED))
            .order_by(EvidencePack.created_at, EvidencePack.id).limit(MOST_AT_ONCE)).all()
    if not waiting:
        return 0
    signer = signing.load(rt.settings)
    checkpoints.make(rt, signer, Cause.PACK.value)
    return sum(build_one(rt, signer, pack_id) for pack_id in waiting)


def build_one(rt, signer: signing.Signer, pack_id: str) -> bool:
    """Build one pack at the newest checkpoint; whether this call did."""
    at = rt.clock()
    try:
        given = gather(rt, pack_id, at)
        raw = pack.build(given, signer.key, signer.sign)
    except (Unbuildable, ValueError) as error:
        log.error("pack cannot be built", pack=pack_id, why=str(error)[:200])
        evidence.failed(rt, pack_id, str(error))
        return False
    sha256 = "sha256:" + hashlib.sha256(raw).hexdigest()
    return evidence.built(rt, pack_id, evidence.Built(raw, sha256, given.range.size, at))
