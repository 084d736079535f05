"""One file that was handed in, for those who may see it."""

from dataclasses import dataclass

from app.domain.callers import Caller
from app.queries.query import may_read
from app.store.attachments import opened
from app.store.unit import read


@dataclass(frozen=True)
class AttachmentFile:
    """A file with its bytes."""

    sha256: str
    name: str
    media_type: str
    body: bytes


def attachment_file(rt, caller: Caller, sha256: str) -> AttachmentFile:
    """The file under a digest.

    Raises:
        NotAllowed, NotFound: unknown and foreign look the same.
    """
    may_read(rt, caller, "attachment")
    with read(rt) as session:
        row = opened(session, caller, sha256)
        return AttachmentFile(row.sha256, row.name, row.media_type, row.body)
