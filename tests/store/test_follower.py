"""Every process learns of a newer epoch; a replica that lost a notice is repaired by the poll."""

import time

import pytest
from sqlalchemy import text

from app.store.follower import Follower
from tests import zone
from tests.decision_zone import LAW


def until(condition, seconds=1.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def followers(rt):
    """Three replicas on one database, two of them following in the background."""
    made = [Follower(rt.db, LAW.sections.with_lines) for _ in range(3)]
    for each in made[:2]:
        each.start()
    yield made
    for each in made:
        each.close()


def test_every_follower_reaches_a_new_epoch_within_a_second(rt, followers):
    z = zone.tiny(rt)
    for each in followers[:2]:
        assert until(lambda each=each: z.grant.number in each.current.picture.grants)
    assert followers[2].current.picture.grants == {}  # who does not follow does not know
    followers[2].refresh()
    assert followers[2].current.picture == followers[0].current.picture


def test_epochs_never_go_back(rt, followers):
    z = zone.tiny(rt)
    seen = []
    for state in ("SUSPENDED", "ACTIVE", "SUSPENDED"):
        zone.set_state(rt, z.grant, state)
        followers[2].refresh()
        seen.append(followers[2].current.picture.epoch)
    assert seen == sorted(set(seen))


def test_waiting_for_an_epoch_ends_in_time(rt, followers):
    now = followers[2].current.picture.epoch
    assert followers[2].wait_for(now, 0)
    began = time.monotonic()
    assert not followers[2].wait_for(now + 1, 0.2)
    assert 0.2 <= time.monotonic() - began < 1.5


def test_a_follower_that_cannot_read_says_so_and_recovers(rt, followers):
    assert not followers[0].is_stale(5)
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE trail_head RENAME TO gone"))
    assert until(lambda: followers[0].is_stale(0.6), 3)
    with rt.db.writing() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO trail_head"))
    assert until(lambda: not followers[0].is_stale(0.6), 3)
