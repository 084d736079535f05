"""Browsing the trail: bounded, within one's own stream, every entry provable by hand."""

import hashlib

import pytest

from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.jobs import checkpoints
from app.queries.query import Filters
from app.queries.trail import (
    TrailFilters,
    trail_checkpoint,
    trail_checkpoints,
    trail_entries,
    trail_entry,
)
from app.store.unit import begin
from tests import zone
from tests.conftest import caller

AUDITOR = caller("auditor", "AUDITOR")
BANK = caller("wang", "INST_SIGNER", institution="bank")


@pytest.fixture
def filled(rt, clock):
    """Nine entries of two institutions over three days, then a checkpoint."""
    for day in range(3):
        with begin(rt, SYSTEM) as act:
            act.record("grant.issue", f"grant/{day}", institution="bank", private={"name": "王"})
            act.record("grant.issue", f"grant/{day}", institution="insurer")
            act.record("rule.publish", f"rule/{day}")
        clock.forward(days=1)
    return checkpoints.run_due(rt)


@pytest.mark.parametrize(("filters", "count"), [
    ({}, 11), ({"kind": "grant.issue"}, 6), ({"ref": "grant/1"}, 2), ({"stream": "inst/bank"}, 3),
    ({"begins": "2026-11-24", "ends": "2026-11-24"}, 3), ({"q": "rule/"}, 3), ({"q": "%"}, 0),
    ({"limit": 2}, 11),
])  # fmt: skip
def test_the_list_narrows(rt, filled, filters, count):
    found = trail_entries(rt, AUDITOR, TrailFilters(**filters))
    assert found.total == count and len(found.items) == min(count, filters.get("limit", 50))


def test_an_institution_sees_its_own_stream_only(rt, filled):
    found = trail_entries(rt, BANK, TrailFilters())
    assert {line.stream for line in found.items} == {"inst/bank"} and found.total == 3
    other = next(line for line in trail_entries(rt, AUDITOR, TrailFilters()).items
                 if line.stream == "inst/insurer")
    with pytest.raises(NotFound):
        trail_entry(rt, BANK, other.id)
    assert trail_entries(rt, BANK, TrailFilters(stream="inst/insurer")).total == 0


def test_an_entry_names_its_object_and_is_found_by_that_name(rt):
    z = zone.tiny(rt)
    found = trail_entries(rt, AUDITOR, TrailFilters(q=z.grant.number))
    assert found.total and {line.called for line in found.items} == {z.grant.number}
    assert {line.whose for line in found.items} == {z.institution.name}
    assert trail_entries(rt, AUDITOR, TrailFilters(q="GR-0000-000000")).total == 0


def test_who_may_not_read_the_trail_does_not(rt, filled):
    with pytest.raises(NotAllowed):
        trail_entries(rt, caller("li", "SYS_ADMIN"), TrailFilters())


def test_every_entry_leads_to_the_signed_root(rt, filled):
    root = trail_checkpoints(rt, AUDITOR, Filters()).items[0].root
    for seq in range(filled):
        sheet = trail_entry(rt, AUDITOR, str(seq))
        assert (sheet.root, sheet.size) == (root, filled)
        assert sheet.leaf == hashlib.sha256(b"\x00" + sheet.body.encode()).hexdigest()


def test_an_entry_shows_its_commitments_and_never_the_value(rt, filled):
    sheet = trail_entry(rt, BANK, "1")
    assert [(one.name, one.kept) for one in sheet.commitments] == [("name", True)]
    assert "王" not in repr(sheet)


def test_an_entry_after_the_newest_checkpoint_has_no_proof_yet(rt, filled):
    with begin(rt, SYSTEM) as act:
        act.record("rule.publish", "rule/9")
    sheet = trail_entry(rt, AUDITOR, str(filled))
    assert (sheet.size, sheet.path) == (0, ())


@pytest.mark.parametrize("ref", ["99", "-1", "x", "", "1" * 40, "\u0661"])
def test_an_unknown_entry_is_not_found(rt, ref):
    for single in (trail_entry, trail_checkpoint):
        with pytest.raises(NotFound):
            single(rt, AUDITOR, ref)


def test_a_day_that_does_not_exist_is_refused(rt):
    with pytest.raises(Invalid):
        trail_entries(rt, AUDITOR, TrailFilters(begins="2026-02-30"))


def test_a_checkpoint_shows_its_note(rt, filled):
    sheet = trail_checkpoint(rt, AUDITOR, str(filled))
    assert sheet.note.startswith(f"{rt.settings.origin}\n{filled}\n")
