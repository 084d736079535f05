"""The demonstration zone: invented, deterministic, built by the product's own acts and decisions."""

import json

from sqlalchemy import func, select

from app.domain.refusals import Invalid
from app.store.tables import TrailEntry, TrailHead


def load_zone(rt) -> bool:
    """Fill an empty demonstration database; False when it is filled already.

    Raises:
        Invalid: the database was founded as a real zone, or holds something else.
    """
    with rt.db.reading() as connection:
        first = connection.execute(select(TrailEntry.body).where(TrailEntry.seq == 0)).scalar()
        size = connection.execute(select(func.max(TrailHead.size))).scalar() or 0
    if first and not json.loads(first)["facts"].get("demo"):
        raise Invalid("此数据库不是演示库，不能装入演示数据；请另用 --data 指定目录",
                      "this database is a real zone; give the demonstration a folder of its own",
                      code="DEMO.REAL_ZONE")
    if size > 1:
        return False
    from app.demo.story import tell

    tell(rt)
    return True
