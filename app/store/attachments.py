"""Files by their digest, in the database, so that a pack and a backup are whole.

The one place that keeps and opens them. A sent name is shown and never used as a path.
"""

import hashlib
import re

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.files import KINDS, admitted, shown_name
from app.domain.refusals import Invalid, NotFound
from app.domain.wire import Malformed
from app.store.tables import Attachment
from app.store.tables_files import AttachmentHolder
from app.store.unit import Act

OWNER_QUOTA = 1_073_741_824
ACCOUNT_QUOTA = 268_435_456
_DIGEST = re.compile(r"[0-9a-f]{64}")


def keep(act: Act, name: str, body: bytes, kinds: frozenset[str] = frozenset(KINDS)) -> Attachment:
    """The file as kept, recorded in the act; handing it in again keeps no second copy.

    Raises:
        Invalid: its name, kind, content or size is not accepted, or a quota is used up.
    """
    try:
        kind = admitted(name, body, kinds)
        shown = shown_name(name)
    except Malformed as error:
        raise Invalid(error.zh, error.en, code=error.code) from error
    _require_room(act, len(body))
    sha256 = hashlib.sha256(body).hexdigest()
    caller = act.caller
    owners = {"institution_id": caller.institution, "department_id": caller.department}
    common = {"name": shown, "size": len(body), "account": caller.account, "at": act.at, **owners}
    act.add(AttachmentHolder(id=act.new_id(), sha256=sha256, **common))
    row = act.find(Attachment, sha256)
    if row is None:
        row = act.add(Attachment(sha256=sha256, media_type=kind.media_type, body=body, **common))
    act.record(
        "attachment.store",
        f"attachment/{sha256}",
        institution=caller.institution,
        private={"name": shown},
        size=len(body),
        media_type=kind.media_type,
    )
    return row


def opened(session: Session, caller: Caller, sha256: str) -> Attachment:
    """The file, for staff and for those who handed it in or to whom it was issued.

    Raises:
        NotFound: unknown and foreign look the same.
    """
    key = sha256.removeprefix("sha256:")
    row = session.get(Attachment, key) if _DIGEST.fullmatch(key) else None
    if row is None or not may_use(session, caller, row):
        raise NotFound(
            "没有这个文件，或不在您的可见范围", "no such file within your view", noun="attachment"
        )
    return row


def may_use(session: Session, caller: Caller, row: Attachment) -> bool:
    """Whether the caller may read the file and name it in a case."""
    if caller.is_staff:
        return True
    owners = (caller.institution, caller.department)
    if (row.institution_id, row.department_id) == owners:
        return True
    held = select(AttachmentHolder.id).where(
        AttachmentHolder.sha256 == row.sha256,
        AttachmentHolder.institution_id == caller.institution
        if caller.institution
        else AttachmentHolder.department_id == caller.department,
    )
    return session.exec(held.limit(1)).first() is not None


def _require_room(act: Act, size: int) -> None:
    """Neither the owner nor the account holds more than its share.

    Source: OWASP ASVS 5.0 5.2.4.
    """
    caller = act.caller
    shares = [(AttachmentHolder.account == caller.account, ACCOUNT_QUOTA)]
    if caller.institution:
        shares.append((AttachmentHolder.institution_id == caller.institution, OWNER_QUOTA))
    if caller.department:
        shares.append((AttachmentHolder.department_id == caller.department, OWNER_QUOTA))
    for condition, quota in shares:
        total = select(func.coalesce(func.sum(AttachmentHolder.size), 0)).where(condition)
        if act.first(total) + size > quota:
            raise Invalid(
                f"附件总量已达 {quota // 1_048_576} MiB 上限，请联系管理员",
                f"files together have reached {quota // 1_048_576} MiB; ask an administrator",
                code="FILE.QUOTA",
            )
