"""Which rulebooks are in force: the newest publication on the trail, and who proposed the next.

The texts of rulebooks are kept under their digest, so that past decisions can be made again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables import TrailEntry
from app.store.tables_played import PolicyBundle
from app.store.trail import about

REF = "policy_bundle/access"
PROPOSED, PUBLISHED = "policy_bundle.propose", "policy_bundle.publish"
ALGORITHM = "sha256:"


@dataclass(frozen=True)
class Said:
    """An entry about the rulebooks: what was said of which digest, when, by which natural
    person."""

    kind: str
    digest: str
    person: str
    at: str = ""
    seq: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


def newest(connection: Connection, kind: str) -> Said | None:
    """The newest entry of a kind about the rulebooks."""
    found = said(connection, kind, 1)
    return found[0] if found else None


def said(connection: Connection, kind: str, most: int) -> list[Said]:
    """Entries of a kind about the rulebooks, the newest first."""
    return [_read(row) for row in connection.execute(
        select(TrailEntry.seq, TrailEntry.at, TrailEntry.kind, TrailEntry.body)
        .where(about(REF), TrailEntry.kind == kind)
        .order_by(TrailEntry.seq.desc()).limit(most))]


def _read(row) -> Said:
    entry = json.loads(row.body)
    return Said(row.kind, entry["facts"]["digest"], entry["actor"]["person"], row.at, row.seq,
                entry["facts"])


def short(digest: str) -> str:
    """A digest as an address names it."""
    return digest.removeprefix(ALGORITHM)


def full(ref: str) -> str:
    """The digest an address names."""
    return ALGORITHM + short(ref)


def keep(connection: Connection, digest: str, texts: Mapping[str, str], at: datetime) -> None:
    """Keep these rulebooks under their digest; kept ones stay as they are."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(PolicyBundle).values(
        digest=digest, texts=dict(texts), kept_at=at).on_conflict_do_nothing())


def texts_of(connection: Connection, digest: str) -> dict[str, str] | None:
    """The rulebooks of a digest, None where they were not kept."""
    return connection.execute(select(PolicyBundle.texts).where(
        PolicyBundle.digest == digest)).scalar()


def is_kept(connection: Connection, digest: str) -> bool:
    return connection.execute(select(PolicyBundle.digest).where(
        PolicyBundle.digest == digest)).first() is not None
