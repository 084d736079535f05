"""A body that differs from one read before in plain values means what reading it anew would say."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.asks import Presented, read_ask
from app.domain.wire import Malformed, read_json
from app.web import readings
from app.web.authzen import Misshapen, question, top
from app.web.readings import KEPT, LONGEST, Readings
from tests.decision_zone import body
from tests.properties import calm

PRESENTED = Presented("k7q2", "203.0.113.8")
WORDS = st.sampled_from(["tr-1", "LN-2026", "甲公司", "2026-11-23T02:00:00Z", "", "x" * 300, "a\tb",
                         "2026-13-01", "\\u0041", "\\", "a\"b", "100%", "\x7f", "null", "{", "h:1"])
VALUES = st.dictionaries(st.sampled_from(["trace_id", "business_ref", "time", "purpose",
                                          "subject_authorization", "made_up"]), WORDS, max_size=4)
SUBJECTS = st.none() | st.fixed_dictionaries(
    {"kind": st.sampled_from(["ENTERPRISE", "PERSON", "person", ""]), "id": WORDS})


def hashed(kind: str, number: str) -> str:
    return f"h:{kind}:{number}"


def anew(raw: bytes):
    """What the strict reader makes of a body: its entities and the question; None for neither."""
    try:
        entities = question(top(read_json(raw)))
    except (Malformed, Misshapen):
        return None, None
    return entities, read_ask(entities, PRESENTED, hashed)


@settings(calm, max_examples=200)
@given(st.lists(st.tuples(VALUES, SUBJECTS, st.booleans(), st.booleans()), min_size=2, max_size=12))
def test_what_is_found_is_what_would_be_read(calls):
    known = Readings(hashed)
    for values, subject, is_spaced, is_raw in calls:
        written = body(**values, data_subject=subject)
        raw = json.dumps(written, ensure_ascii=not is_raw,
                         separators=(" , ", " : ") if is_spaced else None).encode()
        entities, expected = anew(raw)
        found = known.find(raw, PRESENTED)
        if found is not None:
            assert found == expected
        elif expected is not None:
            known.keep(raw, entities, expected)


def test_another_trace_reference_time_and_subject_is_found():
    known = Readings(hashed)
    values = [{"trace_id": f"tr-{n}", "business_ref": f"LN-{n}", "time": f"2026-11-23T02:00:0{n}Z",
               "data_subject": {"kind": "ENTERPRISE", "id": f"9111{n}"}} for n in (1, 2)]
    first, second = (json.dumps(body(**each)).encode() for each in values)
    known.keep(first, *anew(first))
    assert known.find(second, PRESENTED) == anew(second)[1]
    assert known.find(second, PRESENTED).subject_hash == "h:ENTERPRISE:91112"
    assert known.find(second, Presented("other", PRESENTED.peer)) is None


@pytest.mark.parametrize("raw", [
    b'{"context":{"trace_id":"a","trace_id":"b"}}', b'{"x":{"trace_id":"a"}}',
    b'{"context":{"trace_id":"a"},"x":{"trace_id":"b"}}'])
def test_a_value_that_stands_elsewhere_is_not_taken_for_the_member(raw):
    whole = json.dumps({name: value for name, value in body().items() if name != "context"})
    raw = whole[:-1].encode() + b", " + raw[1:]
    known = Readings(hashed)
    entities, asked = {"context": json.loads(raw)["context"]} if b"context" in raw else {}, anew(
        whole.encode())[1]
    known.keep(raw, entities, asked)
    assert known.find(raw, PRESENTED) is None


def test_no_more_is_remembered_than_stated(monkeypatch):
    monkeypatch.setattr(readings, "KEPT", 2)
    known = Readings(hashed)
    bodies = [json.dumps(body(region=f"11010{n}")).encode() for n in range(4)]
    for raw in bodies:
        known.keep(raw, *anew(raw))
    assert [known.find(raw, PRESENTED) is not None for raw in bodies] == [False, False, True, True]
    large = json.dumps(body(made_up="x" * LONGEST)).encode()
    known.keep(large, *anew(large))
    assert known.find(large, PRESENTED) is None
    assert KEPT * LONGEST <= 16 << 20
