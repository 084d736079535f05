"""How often one key may ask in one window; the answer says how long to wait.

Every request is counted in the store, so this is for what is asked rarely and must be bounded
exactly: sign-ins, links, codes. `budgets` bounds everything else. Source: requirement W07; ASVS
5.0 2.4.1.
"""

from datetime import UTC, datetime
from math import ceil

from sqlalchemy.exc import OperationalError

from app.domain.canonical import instant
from app.domain.refusals import NotRecorded, TooMany
from app.store.rates import spend


def hold(rt, key: str, most: int, seconds: int) -> None:
    """Count this request of the key; refuse it beyond `most` in its window.

    Raises:
        TooMany: `retry_after` tells when the window is over.
        NotRecorded: it cannot be counted, so it is not allowed.
    """
    now = rt.clock().timestamp()
    begins = int(now) // seconds * seconds
    try:
        with rt.db.writing() as connection:
            count = spend(connection, key, window(begins))
    except OperationalError as error:
        raise NotRecorded("暂时无法受理，请稍后再试",
                          "cannot be counted now; try again later") from error
    if count > most:
        raise too_many("请求过于频繁", "too many requests", begins + seconds - now)


def window(begins: int) -> str:
    """A window as it is stored, from the second it begins at; later ones sort after it."""
    return instant(datetime.fromtimestamp(begins, UTC))


def too_many(zh: str, en: str, left: float, **facts) -> TooMany:
    """The refusal that says when to come back; `left` are the seconds until then."""
    seconds = max(1, ceil(left))
    return TooMany(f"{zh}，请在 {seconds} 秒后再试", f"{en}; come back in {seconds} s",
                   retry_after=seconds, **facts)
