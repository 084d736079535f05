"""Questions are read whole: what has the wrong form is named, and nothing from it is kept."""

import pytest

from app.domain.asks import RESTRICTING, TEXT_LIMIT, Ask, Presented, read_ask
from tests.decision_zone import ask, body

WRONG = [
    ("subject.properties.institution", {"institution": 7}),
    ("subject.properties.user_auth_level", {"user_auth_level": "2"}),
    ("subject.properties.user_auth_level", {"user_auth_level": True}),
    ("subject.properties.user_auth_level", {"user_auth_level": -1}),
    ("subject.properties.user", {"user": "a\nb"}),
    ("subject.properties.user", {"user": ""}),
    ("action.properties.channel", {"channel": None}),
    ("action.properties.environment", {"environment": ["PROD"]}),
    ("action.properties.batch_size", {"batch_size": 0}),
    ("action.properties.batch_size", {"batch_size": 1.5}),
    ("resource.properties.fields", {"fields": "ent_name"}),
    ("resource.properties.fields", {"fields": []}),
    ("resource.properties.fields", {"fields": ["ent_name", 1]}),
    ("resource.properties.fields", {"fields": ["f"] * 501}),
    ("resource.properties.lookback_from", {"lookback_from": "yesterday"}),
    ("resource.properties.lookback_from", {"lookback_from": "20241101"}),
    ("resource.properties.data_subject", {"data_subject": "91110000"}),
    ("context.purpose", {"purpose": ["PF.CRD.NEW"]}),
    ("context.time", {"time": "2026-11-22T02:15:04"}),
    ("context.time", {"time": "0001-01-01T00:00:00+14:00"}),
    ("context.ip", {"ip": "203.0.113.300"}),
    ("context.field_mode", {"field_mode": "lax"}),
    ("context.trace_id", {"trace_id": "x" * (TEXT_LIMIT + 1)}),
    ("context.min_epoch", {"min_epoch": "9"}),
    ("context.supported_kinds", {"supported_kinds": "mask_fields"}),
]


@pytest.mark.parametrize(("place", "changes"), WRONG, ids=[f"{p}-{n}" for n, (p, _) in
                                                           enumerate(WRONG)])
def test_a_member_of_the_wrong_form_is_named(place, changes):
    assert place in ask(**changes).malformed


def test_a_well_formed_question_is_kept_as_it_was_meant():
    read = ask(time="2026-11-22T10:15:04+08:00", ip="::ffff:203.0.113.8", trace_id="t-1",
               data_subject={"kind": "ENTERPRISE", "id": "91110000"}, fields=["b", "a", "b"])
    assert read.malformed == () and read.time == "2026-11-22T02:15:04.000000Z"
    assert read.fields == ("b", "a") and read.subject_kind == "ENTERPRISE"


def test_the_number_of_a_data_subject_is_kept_as_its_keyed_hash_only():
    read = read_ask(body(data_subject={"kind": "PERSON", "id": "11010519491231002X"}),
                    Presented("k", "1"), lambda kind, number: f"hash-of-{kind}")
    assert read.subject_hash == "hash-of-PERSON" and "11010519491231002X" not in repr(read)


def test_fields_absent_stand_for_every_field():
    assert ask(fields=None).fields is None


@pytest.mark.parametrize("name", sorted(RESTRICTING))
def test_a_name_that_claims_to_restrict_is_never_ignored(name):
    question = body()
    question["resource"]["properties"][name] = "x"
    assert read_ask(question, Presented("k", "1"), lambda *_: "").unknown == (name,)


def test_other_unknown_members_are_ignored():
    question = body(made_up={"a": [1.5]})
    question["nonsense"] = question["subject"]["colour"] = 1
    read = read_ask(question, Presented("k", "1"), lambda *_: "")
    assert isinstance(read, Ask) and read.malformed == read.unknown == ()
