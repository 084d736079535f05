"""Which rulebooks are in force: the newest publication on the trail, and who proposed the next."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.store.tables import TrailEntry

REF = "policy_bundle/access"


@dataclass(frozen=True)
class Said:
    """An entry about the rulebooks: what was said of which digest, and by which natural person."""

    kind: str
    digest: str
    person: str


def newest(connection: Connection, kind: str) -> Said | None:
    """The newest entry of a kind about the rulebooks."""
    row = connection.execute(
        select(TrailEntry.body).where(TrailEntry.ref == REF, TrailEntry.kind == kind)
        .order_by(TrailEntry.seq.desc()).limit(1)).first()
    if row is None:
        return None
    entry = json.loads(row.body)
    return Said(kind, entry["facts"]["digest"], entry["actor"]["person"])
