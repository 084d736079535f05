"""The trail recomputed from its bodies: what follows is quiet, what does not is named."""

import pytest
from sqlalchemy import text

from app.domain.callers import SYSTEM
from app.jobs import checkpoints
from app.queries.trail_check import recompute
from app.store.unit import begin


@pytest.fixture
def filled(rt, clock):
    for _ in range(2):
        with begin(rt, SYSTEM) as act:
            for index in range(150):
                act.record("grant.issue", f"grant/{index}", institution="bank",
                           private={"name": "王"} if index % 50 == 0 else None)
        clock.forward(hours=1)
        checkpoints.run_due(rt)
    return rt


def owner(rt, statement: str, **values) -> None:
    """What a database owner can do: past every guard."""
    with rt.db.engine.connect() as connection, connection.begin():
        if rt.db.is_sqlite:
            for (name,) in connection.execute(text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def test_a_sound_trail_follows_from_its_bodies(filled):
    found = recompute(filled)
    assert found.findings == []
    assert (found.size, found.checkpoints, found.private) == (303, 2, 10)


OTHER = bytes(32)


@pytest.mark.parametrize(("statement", "named"), [
    ("UPDATE trail_entry SET body = :body WHERE seq = 7", "seq 7"),
    ("UPDATE trail_entry SET leaf = :other WHERE seq = 7", "seq 7: the leaf is not the body's"),
    ("UPDATE trail_entry SET ref = 'grant/x' WHERE seq = 7", "seq 7: ref"),
    ("DELETE FROM trail_entry WHERE seq = 7", "stands where 7 should"),
    ("DELETE FROM trail_entry WHERE seq >= 300", "the trail has only 300 entries"),
    ("UPDATE trail_head SET size = 9", "head"),
    ("UPDATE trail_head SET frontier = :other", "head"),
    ("UPDATE trail_stream SET count = 9 WHERE stream = 'system'", "stream system"),
    ("UPDATE trail_tile SET hashes = :other", "tile 0/0"),
    ("UPDATE trail_private SET value = '李' WHERE name = 'name'", "`name`"),
])  # fmt: skip
def test_whatever_does_not_follow_is_named(filled, statement, named):
    values = {"body": b'{"v":1}', "other": OTHER}
    owner(filled, statement, **{name: value for name, value in values.items()
                                if f":{name}" in statement})
    assert any(named in finding for finding in recompute(filled).findings)


def test_erasing_private_values_leaves_the_trail_sound(filled):
    owner(filled, "DELETE FROM trail_private WHERE name = 'name'")
    assert recompute(filled).findings == []
