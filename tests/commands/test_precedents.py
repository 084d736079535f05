"""What is said from a precedent is, byte by byte, what a decision made anew would say."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.commands import precedents
from app.commands.heard import heard
from app.commands.precedents import KEPT, Precedents
from app.domain.canonical import instant, parse_instant
from app.domain.decisions import decide, judged
from app.domain.hearing import Hearing
from app.domain.moments import Moment, instants
from app.domain.picture import HoldPicture, RegistrationPicture
from app.domain.quotas import needed
from app.domain.reservations import ConsentPicture, OnRecord
from tests.decision_zone import LAW, ask, changed, granting, picture, selling
from tests.properties import calm


def consented(key, subject, version, purposes=("PF.CRD.NEW",), **changes):
    return ConsentPicture(key, version, "ACTIVE", subject, "i7", frozenset(purposes),
                          frozenset({"PRD-RISK-002"}), "2026-01-01T00:00:00.000000Z",
                          changes.pop("ends", "2027-01-01T00:00:00.000000Z"), **changes)


MICROSECOND = timedelta(microseconds=1)
SOON = "2026-11-23T02:00:30.000000Z"
INSTANTS = [instant(parse_instant(text) + step) for text in (
    SOON, "2026-11-23T02:00:00.000000Z", "2026-11-23T02:01:00.000000Z",
    "2026-11-23T02:00:25.000000Z", "2026-11-23T02:00:59.500000Z", "2026-11-23T03:00:00.000000Z",
    "2026-11-23T16:00:00.000000Z", "2026-11-22T23:59:59.999999Z") for step in (
    -MICROSECOND, 0 * MICROSECOND, MICROSECOND, 7000 * MICROSECOND)]
ZONES = {
    "in force": picture(),
    "grant ends": granting(ends=SOON),
    "grant begins": granting(begins=SOON),
    "window": granting(window=(600, 601)),
    "look-back": granting(lookback_months=6),
    "own customers": granting(population="OWN_CUSTOMERS"),
    "listed subjects": granting(population="LISTED", listed=frozenset({"h:1"})),
    "reference": granting(business_ref_required=True),
    "credential ends": changed("credentials", "k7q2", expires=SOON),
    "credential begins": changed("credentials", "k7q2", begins=SOON),
    "barred": changed("institutions", "INST-0007", bar_ends=SOON),
    "suspended": changed("institutions", "INST-0007", state="SUSPENDED"),
    "form of references": changed("institutions", "INST-0007", reference_form="LN-*"),
    "hours": changed("apps", "APP-000012", hours=(600, 601)),
    "registration": changed("products", "PRD-RISK-002",
                            registration=RegistrationPicture("DUE", SOON)),
    "agreement ends": changed("agreements", "HA-2023-001", ends=SOON),
    "attested": changed("nodes", "NODE-01", attested_at="2026-11-22T02:00:30.000000Z"),
    "held": picture(holds={("zone", "*"): (HoldPicture("ST-1", "EMERGENCY", ("zone", "*")),)}),
    "grade": selling(output_form="RAW_RECORD"),
    "use is bounded": granting(quota={"per_day": 9, "per_minute": 8}),
    "consent": selling(subject_authorization="EACH"),
    "consent and bounds": changed("apps", "APP-000012", quota={"per_second": 5, "total": 11}),
}
SUBJECTS = {  # number 2 has agreed to little, number 3 to all but the version
    "h:1": consented("SA-1", "h:1", 3, max_uses=5), "h:2": consented("SA-2", "h:2", 1, purposes=()),
    "h:3": consented("SA-333", "h:3", 12, ends=SOON)}
MEMBERS = {
    "purpose": ("PF.CRD.NEW", "X.MKT", "", "100%"), "fields": (["ent_name"], None, ["a%b", "%s"]),
    "trace_id": (None, "tr-1", "甲\"%(id)b"), "business_ref": (None, "LN-1", "x"),
    "time": (None, "2026-11-23T02:00:10.000000Z", "2026-11-23T01:00:00Z"),
    "data_subject": (None, {"kind": "ENTERPRISE", "id": "1"}, {"kind": "ENTERPRISE", "id": "2"},
                     {"kind": "ENTERPRISE", "id": "3"}, {"kind": "ENTERPRISE", "id": "4"}),
    "lookback_from": (None, "2026-05-23"), "grant": ("GR-2026-000318", None, "dec_x:at"),
    "action": ("QUERY_ONE", "MODEL_TRAIN"), "node": (None, "NODE-01"), "min_epoch": (None, 3),
    "ip": (None, "203.0.113.9"), "user": (None, "zhang.san"),
}


def made(question, zone, at, number, look_up=lambda need: OnRecord({}, (), {})):
    """A decision made anew, and its hearing."""
    hearing = Hearing(question, zone, LAW, Moment(at))
    hearing.need = needed(hearing)
    hearing.on_record = look_up(hearing.need) if hearing.need else None
    return hearing, judged(hearing, number)


class Board:
    """Stands where a shelf does: what is on record is what a test wrote there."""

    def __init__(self, dice, subjects) -> None:
        self.dice, self.subjects, self.taken = dice, subjects, []

    def on_record(self, need):
        one = self.subjects.get(need.consent.subject) if need.consent else None
        self.last = OnRecord({each: self.dice.randrange(12) for each in need.counters},
                             (one,) if one else (), {"SA-1": self.dice.randrange(7)})
        return self.last

    def take(self, need, decision, due, of):
        self.taken.append((decision, due, of["consent"]))


@pytest.mark.parametrize("name", ZONES)
@settings(calm, max_examples=2)
@given(st.randoms(use_true_random=True))
def test_a_precedent_says_what_would_be_decided_anew(name, dice):
    zone = ZONES[name]
    known, used, looked, sequence, board = Precedents(), 0, 0, 0, Board(dice, SUBJECTS)
    few = [{member: dice.choice(values) for member, values in MEMBERS.items()} for _ in range(12)]
    plain = {member: values[0] for member, values in MEMBERS.items()}
    for _ in range(700):
        chosen = dict(dice.choice([plain, dice.choice(few)]))
        for member in ("trace_id", "business_ref", "time", "data_subject"):
            chosen[member] = dice.choice(MEMBERS[member])
        question, at = ask(**chosen), dice.choice(INSTANTS)
        sequence += 1
        number = f"dec_{sequence:032x}"
        found = known.find(question, zone, at)
        hearing, decision = made(question, zone, at, number, board.on_record)
        anew = heard(decision, zone, LAW)
        assert decide(question, zone, LAW, at, number, hearing.on_record) == decision
        if found:
            used += 1
            told = found.heard(question, instants(parse_instant(at)), number, board)
            if found.need:
                looked += decision.permits
                _, decision = made(question, zone, at, number, lambda need: board.last)
                anew = heard(decision, zone, LAW) if decision.permits else None
                assert bool(board.taken) is decision.permits
                board.taken.clear()
            assert told == anew
        else:
            known.keep(hearing, decision, LAW)
    assert used or name == "listed subjects"  # whom a list names is weighed anew, nearly always
    assert looked or name not in ("use is bounded", "consent", "consent and bounds")


def test_another_picture_begins_with_no_precedent():
    first, second = picture(), picture()
    known, at = Precedents(), INSTANTS[0]
    assert known.find(ask(), first, at) is None
    known.keep(*made(ask(), first, at, "dec_1"), LAW)
    assert known.find(ask(), first, at)
    assert known.find(ask(), second, at) is None
    known.keep(*made(ask(), first, at, "dec_2"), LAW)
    assert known.find(ask(), second, at) is None


def test_so_many_forms_are_kept_and_no_more(monkeypatch):
    monkeypatch.setattr(precedents, "KEPT", 3)
    zone, at, known = picture(), INSTANTS[0], Precedents()
    questions = [ask(region=f"11010{n}") for n in range(5)]
    known.find(questions[0], zone, at)
    for question in questions:
        known.keep(*made(question, zone, at, "dec_1"), LAW)
    assert [known.find(each, zone, at) is not None for each in questions] == [
        False, False, True, True, True]
    assert KEPT * 6_000 < 32e6
