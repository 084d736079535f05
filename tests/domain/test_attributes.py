"""The AuthZEN certification scenario, one test per row of its table, and what surrounds it."""

import pytest

from app.domain.attributes import Entity
from app.engines import certification

LAW = certification.load()
NONE: dict = {}
ADMIN, ARCHIVED = {"role": "admin"}, {"status": "archived"}
SOFT, HARD = {"soft": True}, {"soft": False}
SCENARIO = [
    ("1", ("alice", NONE), ("read", NONE), ("record-1", NONE), True),
    ("2", ("alice", NONE), ("write", NONE), ("record-1", NONE), True),
    ("3", ("bob", NONE), ("read", NONE), ("record-1", NONE), True),
    ("4", ("bob", NONE), ("write", NONE), ("record-1", NONE), False),
    ("5", ("alice", NONE), ("write", NONE), ("record-1", ARCHIVED), False),
    ("5 stored", ("alice", NONE), ("write", NONE), ("record-2", NONE), False),
    ("6", ("carol", ADMIN), ("write", NONE), ("record-9", ARCHIVED), True),
    ("6 stored", ("bob", NONE), ("write", NONE), ("record-2", NONE), True),
    ("7", ("alice", NONE), ("delete", SOFT), ("record-1", NONE), True),
    ("8", ("alice", NONE), ("delete", HARD), ("record-1", NONE), False),
    ("8 unsaid", ("alice", NONE), ("delete", NONE), ("record-1", NONE), False),
    ("8 other type", ("alice", NONE), ("delete", {"soft": 1}), ("record-1", NONE), False),
    ("unknown action", ("alice", NONE), ("fly", NONE), ("record-1", NONE), False),
    ("unknown record", ("alice", NONE), ("read", NONE), ("record-3", NONE), False),
    ("empty ids", ("", NONE), ("", NONE), ("", NONE), False),
]


def permits(subject, action, resource, types=("user", "record")) -> bool:
    return LAW.attributes.permit(
        Entity(types[0], subject[0], subject[1]), Entity("", action[0], action[1]),
        Entity(types[1], resource[0], resource[1])) is not None


@pytest.mark.parametrize(("row", "subject", "action", "resource", "expected"), SCENARIO,
                         ids=[row[0] for row in SCENARIO])
def test_the_certification_scenario_holds(row, subject, action, resource, expected):
    assert permits(subject, action, resource) is expected


@pytest.mark.parametrize("types", [("user", "product"), ("client_app", "product"),
                                   ("client_app", "record"), ("", "")])
def test_a_pair_of_types_without_a_policy_is_refused(types):
    assert not permits(("alice", ADMIN), ("read", NONE), ("record-1", NONE), types)


def test_properties_nobody_asked_for_change_nothing():
    assert permits(("alice", {"shoe": 42}), ("read", {"x": None}), ("record-1", {"y": []}))
