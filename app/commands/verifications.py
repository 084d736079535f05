"""Verifying an instrument by its code: open to strangers, counted, and says no more than needed."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import select

from app.domain.canonical import instant
from app.domain.instruments import Kind, read_code
from app.domain.notices import State
from app.domain.refusals import NotFound, TooMany
from app.store import rates
from app.store.tables_notices import Notice
from app.store.unit import read

MOST_A_MINUTE = 30
MOST_OF_ALL_A_MINUTE = 600


@dataclass(frozen=True)
class Verified:
    """What a stranger may know of an instrument: what it is, not what it says or to whom."""

    code: str
    serial: str
    kind: str
    title: dict[str, str]
    issuer: dict[str, str]
    dated: str
    state: str
    state_title: dict[str, str]
    sha256: str


def verify(rt, code: str, source: str) -> Verified:
    """The instrument behind a code as a person typed it.

    Raises:
        TooMany: this source, or all sources together, asked too often within the minute.
        NotFound: the code is mistyped or nobody issued it; both look the same.
    """
    _count(rt, source)
    known = read_code(code)
    with read(rt) as session:
        row = session.exec(select(Notice).where(Notice.code == known)).first() if known else None
    if row is None:
        raise NotFound("没有此验证码对应的文书，请核对后重新输入",
                       "no instrument has this code; check it and enter it again", noun="notice")
    kind, state = Kind(row.kind), State(row.state)
    return Verified(row.code, row.serial, row.kind, {"zh": kind.zh, "en": kind.en},
                    row.payload["issuer"], row.dated.isoformat(), row.state,
                    {"zh": state.zh, "en": state.en}, row.file)


def _count(rt, source: str) -> None:
    now = rt.clock()
    window = instant(now.replace(second=0, microsecond=0))
    with rt.db.writing() as connection:
        by_source = rates.spend(connection, f"verify/{source}", window)
        of_all = rates.spend(connection, "verify", window)
    if by_source > MOST_A_MINUTE or of_all > MOST_OF_ALL_A_MINUTE:
        left = now.replace(second=0, microsecond=0) + timedelta(minutes=1) - now
        raise TooMany("查询过于频繁，请稍后再试", "too many lookups; try again shortly",
                      retry_after=max(1, int(left.total_seconds())))
