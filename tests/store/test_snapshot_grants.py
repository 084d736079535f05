"""Grants kept small are the grants: what is asked for is what reading each by itself gives."""

import pytest

from app.domain.callers import SYSTEM
from app.domain.picture import GrantPicture
from app.store import snapshot, snapshot_grants
from app.store import snapshot_rows as rows
from app.store.snapshot_grants import Layered
from app.store.tables_grants import Grant
from app.store.unit import begin
from tests import zone
from tests.decision_zone import LAW

LINES = LAW.sections.with_lines
FROM, TO, OTHER = (f"2026-{month}-01T00:00:00.000000Z" for month in ("02", "12", "06"))
TERM = {"from": FROM, "to": TO, "window": None, "retention_days": 180, "data_life_days": 30}
TERMS = {
    "as issued": TERM, "another day": {**TERM, "to": OTHER},
    "hours": {**TERM, "window": {"from": "08:00", "to": "20:00"}},
    "written the other way round": dict(reversed(TERM.items())),
    "one instant twice": {**TERM, "to": FROM},
    "an instant nobody enforces": {**TERM, "review_at": OTHER},
    "an instant before the term's": {"audit_at": OTHER, **TERM},
}


def given(rt, *terms) -> list[Grant]:
    """A grant for each term, under one institution."""
    z = zone.tiny(rt)
    with begin(rt, SYSTEM) as act:
        made = [zone.grant(act, z.institution, z.product, dimensions=zone.plain_dimensions(
            act, z.product, term={**TERM, "from": FROM, "to": TO})) for _ in terms]
        act.session.flush()
        for grant, term in zip(made, terms, strict=True):
            version = zone.grant_version_of(act, grant)
            version.dimensions = {**version.dimensions, "term": term}
    return made


def whole(rt) -> snapshot.Snapshot:
    with rt.db.reading() as connection:
        return snapshot.full(connection, LINES)


def by_itself(rt, grant: Grant) -> GrantPicture:
    """The grant read from its rows, with nothing shared."""
    with begin(rt, SYSTEM) as act:
        row, version = act.find(Grant, grant.id), zone.grant_version_of(act, grant)
        names = snapshot.Names.of_all(act.session.connection())
        return rows.grant(row, LINES(row.number, rows.grant_version(row, version, names)), names)


def test_every_grant_is_what_reading_it_by_itself_gives(rt):
    made = given(rt, *TERMS.values())
    seen = whole(rt)
    for name, grant in zip(TERMS, made, strict=True):
        found, known = seen.picture.grants[grant.number], by_itself(rt, grant)
        assert found == known, name
        assert found.current.lines_digest == known.current.lines_digest, name
    assert not seen.unreadable
    held = {number for numbers in seen.picture.grants_of.values() for number in numbers}
    assert held == set(seen.picture.grants) and len(held) == len(made) + 1


def test_what_two_grants_say_alike_is_kept_once(rt):
    one, other, third = given(rt, TERM, {**TERM, "to": OTHER}, {**TERM, "retention_days": 90})
    grants = whole(rt).picture.grants
    said = [grants._kept(each.number).like for each in (one, other, third)]
    assert said[0] is said[1] and said[0] is not said[2]
    assert grants[one.number] is grants[one.number]


@pytest.mark.parametrize("term", [
    {**TERM, "to": "2026-13-01T00:00:00.000000Z"}, {**TERM, "to": 7}, {"from": FROM},
    {**TERM, "to": "2026-12-01"}, {**TERM, "window": {"from": "08:00"}}],
    ids=["no month", "no text", "endless", "a day", "half a window"])
def test_INV_07_a_term_that_cannot_be_read_is_found_out_at_once_and_harms_no_other(rt, term):
    good, bad = given(rt, TERM, term)
    seen = whole(rt)
    assert seen.unreadable == (f"grant/{bad.number}",)
    assert bad.number not in seen.picture.grants and good.number in seen.picture.grants
    assert all(bad.number not in held for held in seen.picture.grants_of.values())


def test_a_grant_without_its_version_is_not_there(rt):
    (made,) = given(rt, TERM)
    with begin(rt, SYSTEM) as act:
        act.find(Grant, made.id).current = 9
        act.record("grant.amend", f"grant/{made.id}")
    assert whole(rt).unreadable == (f"grant/{made.number}",)


def test_as_many_pictures_are_kept_as_the_bound_says(rt, monkeypatch):
    monkeypatch.setattr(snapshot_grants, "MOST_BUILT", 2)
    made = given(rt, *[TERM] * 5)
    grants = whole(rt).picture.grants
    for grant in (*made, *made):
        assert grants[grant.number].id == grant.number
        assert len(grants._built) <= 2


def test_a_newer_picture_never_shows_an_older_grant(rt):
    made = given(rt, TERM, TERM)
    before = whole(rt)
    assert before.picture.grants[made[0].number].state == "ACTIVE"
    zone.set_state(rt, made[0], "SUSPENDED")
    with rt.db.reading() as connection:
        after = snapshot.since(connection, LINES, before, snapshot.live_epoch(connection))
    for _ in range(2):
        assert after.picture.grants[made[0].number].state == "SUSPENDED"
        assert before.picture.grants[made[0].number].state == "ACTIVE"
    assert after.picture.grants._base is before.picture.grants._base


def test_a_layered_mapping_reads_like_a_plain_one(monkeypatch):
    monkeypatch.setattr(snapshot_grants, "MOST_CHANGED", 3)
    layered, plain = Layered({"a": 1, "b": 2}), {"a": 1, "b": 2}
    for changes in ({"b": 3}, {"c": 4}, {"a": None}, {"z": None}, {"d": 5, "a": 6}, {"b": None}):
        layered = layered.replaced(changes)
        plain = {key: kept for key, kept in {**plain, **changes}.items() if kept is not None}
        assert layered == plain and len(layered) == len(plain) and set(layered) == set(plain)
        for key in "abcdz":
            assert (key in layered, layered.get(key, 0)) == (key in plain, plain.get(key, 0))
    assert len(layered._changed) <= snapshot_grants.MOST_CHANGED
