"""The Runtime: database, clock, identifiers and engines, built once and handed in as `rt`.

The only file that knows what time it is, makes identifiers or draws randomness.
"""

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from app.domain.criteria import Kind, Sheet
from app.domain.law import Law
from app.domain.workdays import Holidays
from app.engines import holidays as holiday_seed
from app.engines import rulebooks, rulefiles
from app.engines import staff as staff_rules
from app.engines.classification.suggestions import GradingRules, grading_rules
from app.engines.criteria import published as published_criteria
from app.settings import Settings
from app.store import trail
from app.store.db import Database
from app.store.replica import Replica


def utc_now() -> datetime:
    return datetime.now(UTC)


_next = [0]  # milliseconds and counter of the next one at the earliest
_lock = threading.Lock()
AHEAD = 256  # random words drawn at once beyond those needed
_drawn: list[int] = []  # those drawn ahead; a forked process draws its own
os.register_at_fork(after_in_child=_drawn.clear)


def numbers7(count: int) -> list[str]:
    """So many UUIDv7 as 32 hexadecimal digits: ordered by time, and within one millisecond by a
    counter.

    Source: RFC 9562 5.7.
    """
    if not count:
        return []
    now = time.time_ns() // 1_000_000
    with _lock:
        if len(_drawn) < count:
            _drawn.extend(memoryview(secrets.token_bytes(8 * (AHEAD + count))).cast("Q"))
        drawn = _drawn[-count:]
        del _drawn[-count:]
        first = max((now << 12) + drawn[0] % 256, _next[0])
        _next[0] = first + count
    return [f"{(at >> 12 << 80) | (7 << 76) | ((at & 4095) << 64) | (2 << 62) | word >> 2:032x}"
            for at, word in enumerate(drawn, first)]


def uuid7() -> str:
    """A UUIDv7 as text."""
    text, = numbers7(1)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@dataclass
class Runtime:
    """What a process works with. Tests hand in a stopped clock and counted identifiers."""

    settings: Settings
    db: Database
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = uuid7
    new_numbers: Callable[[int], list[str]] = numbers7
    token: Callable[[int], str] = secrets.token_urlsafe
    staff: staff_rules.Staff = field(default_factory=staff_rules.load)
    holidays: Holidays = field(default_factory=holiday_seed.seeded)
    law: Law = field(default_factory=lambda: published_law())
    cases: rulefiles.CaseWords = field(default_factory=lambda: published_cases())
    criteria: Mapping[Kind, Sheet] = field(default_factory=published_criteria)
    grading_rules: Callable[[], GradingRules] = grading_rules
    subject_key: bytes = field(default=b"", repr=False)
    replica: Replica | None = None
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def salt(self) -> str:
        """128 random bits as hex, for one commitment."""
        return secrets.token_hex(16)

    def changed(self) -> None:
        """Something that decisions depend on was committed by this process."""
        for listener in self.listeners:
            listener()

    def subject_hash(self, kind: str, number: str) -> str:
        """A data subject's number as a keyed hash; the key never lies in the database.

        Source: GB/T 22239-2019 8.1.4.8.b.
        """
        text = f"{kind}\x00{number}".encode()
        return "hmac-sha256:" + hmac.new(self.subject_key, text, hashlib.sha256).hexdigest()

    def close(self) -> None:
        self.db.close()
        if self.replica:
            self.replica.close()


@cache
def published_law() -> Law:
    """The rulebooks of `policies/access`, read once a process."""
    return rulebooks.load()


@cache
def published_cases() -> rulefiles.CaseWords:
    """The words of `policies/cases`, read once a process."""
    return rulefiles.load_cases()


def build(settings: Settings, *, durable: bool = True) -> Runtime:
    """The Runtime of a process. The database must have been set up by `./hufu up` or `migrate`."""
    db = Database(settings.database_url, lock_wait_s=settings.lock_wait_s, durable=durable)
    replica = (Replica(settings.read_url, utc_now, settings.lock_wait_s)
               if settings.read_url else None)
    return Runtime(settings=settings, db=db, replica=replica, subject_key=subject_key(settings))


def subject_key(settings: Settings) -> bytes:
    """The key of subject hashes, from its file; created for a new data folder, mode 0600."""
    path = settings.subject_key_file or settings.data_dir / "keys" / "subject.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(secrets.token_bytes(32))
    key = path.read_bytes()
    if len(key) < 32:
        raise ValueError("the subject key is shorter than 32 bytes")
    return key


def found(rt: Runtime) -> None:
    """Found the zone in an empty database: head row and first leaf. A second call does nothing."""
    with rt.db.writing() as connection:
        from sqlalchemy import text

        if connection.execute(text("SELECT count(*) FROM trail_head")).scalar():
            return
        trail.found_zone(connection, {"origin": rt.settings.origin, "demo": rt.settings.demo},
                         rt.clock(), rt.salt)
