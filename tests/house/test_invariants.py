"""The invariants of the domain as laws over every lifecycle; each has tests that name it."""

import ast
from pathlib import Path

import pytest

from app.web.vocabularies import lifecycles

TESTS = Path(__file__).resolve().parents[1]
NAMED = (*(f"INV_{number:02d}" for number in range(1, 11)),
         *(f"INV_{number:02d}" for number in range(12, 16)), "INV_20")
STOPS = {"freeze", "suspend", "pause", "place"}
STARTS = {"resume", "thaw", "unpause", "lift"}
BY_SYSTEM = {("grant", "resume")}  # follows from a case that five people handled
MOVES = [(noun, move) for noun, lifecycle in lifecycles().items() for move in lifecycle.moves]


def functions() -> list[str]:
    return [node.name for path in TESTS.rglob("test_*.py")
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("invariant", NAMED)
def test_every_invariant_has_a_test_that_names_it(invariant):
    assert [name for name in functions() if name.startswith(f"test_{invariant}_")]


def test_INV_04_one_person_stops_and_no_one_alone_starts_again():
    for noun, move in MOVES:
        if move.action in STOPS:
            assert len(move.seats()) == 1 and move.stops, (noun, move.action)
        if move.action in STARTS and (noun, move.action) not in BY_SYSTEM:
            assert len(move.seats()) >= 2, (noun, move.action)
    stopped = {noun for noun, move in MOVES if move.action in STOPS}
    assert {"dataset", "department", "grant", "institution", "product", "account"} <= stopped


def test_INV_06_nothing_moves_what_is_decided_for_good():
    for noun, lifecycle in lifecycles().items():
        for end in lifecycle.ends:
            assert not lifecycle.moves_from(end), (noun, end)


def test_INV_20_the_three_administrators_hold_no_seat_of_any_business_move():
    from app.engines import staff

    rules, admins = staff.load(), {"SYS_ADMIN", "SEC_ADMIN", "AUD_ADMIN"}
    for noun, move in MOVES:
        if noun not in ("account", "delegation", "evidence_pack"):
            for seat in move.seats():
                assert not rules.roles_for(noun, move.action, seat) & admins, (noun, move.action)
