"""How often one key may ask in one window; the answer says how long to wait.

Source: requirement W07; ASVS 5.0 2.4.1.
"""

from datetime import UTC, datetime, timedelta

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
    at = rt.clock()
    begins = int(at.timestamp()) // seconds * seconds
    window = datetime.fromtimestamp(begins, UTC)
    try:
        with rt.db.writing() as connection:
            count = spend(connection, key, instant(window))
    except OperationalError as error:
        raise NotRecorded("暂时无法受理，请稍后再试",
                          "cannot be counted now; try again later") from error
    if count > most:
        left = window + timedelta(seconds=seconds) - at
        raise TooMany("请求过于频繁，请稍候再试", "too many requests; wait and try again",
                      retry_after=max(1, int(left.total_seconds())))
