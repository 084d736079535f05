"""The printing job: queued instruments become PDF files whose digests are sealed.

It may stop anywhere and start again: a letter is printed and sealed in one act or not at all, and
the same letter always has the same bytes.
"""

import hashlib

import structlog
from sqlmodel import select

from app.commands.advance import advance
from app.domain.callers import SYSTEM
from app.domain.instruments import file_name
from app.domain.notices import NOTICE, State
from app.engines import documents
from app.store.situations_notices import notice_situation
from app.store.tables import Attachment
from app.store.tables_notices import Notice
from app.store.unit import begin, read

MOST_AT_ONCE = 50
log = structlog.get_logger("hufu.jobs.documents")


def render_due(rt) -> int:
    """Print what waits, oldest first, at most `MOST_AT_ONCE`; how many were printed.

    A letter that cannot be printed stays queued and is logged; the others go on.
    """
    with read(rt) as session:
        waiting = session.exec(select(Notice.id).where(Notice.state == str(State.QUEUED))
                               .order_by(Notice.created_at, Notice.id).limit(MOST_AT_ONCE)).all()
    return sum(render(rt, notice_id) for notice_id in waiting)


def render(rt, notice_id: str) -> bool:
    """Print one instrument unless another process has; whether this call did."""
    with read(rt) as session:
        payload = session.get(Notice, notice_id).payload
    try:
        pdf = documents.render(payload["template"], payload)
    except documents.Unprintable as error:
        log.error("notice is not printable", notice=notice_id, why=str(error)[:200])
        return False
    sha256 = hashlib.sha256(pdf).hexdigest()
    with begin(rt, SYSTEM) as act:
        row = act.find(Notice, notice_id)
        if row.state != State.QUEUED:
            return False
        if act.find(Attachment, sha256) is None:
            act.add(Attachment(
                sha256=sha256, name=file_name(row.serial, row.title), body=pdf, size=len(pdf),
                media_type="application/pdf", institution_id=row.institution_id,
                department_id=row.department_id, account=SYSTEM.account, at=act.at))
        row.file, row.edition = sha256, documents.edition()
        situation = notice_situation(rt, act.session, SYSTEM, row)
        advance(act, NOTICE, row, "render", situation,
                record={"sha256": sha256, "edition": row.edition})
    return True
