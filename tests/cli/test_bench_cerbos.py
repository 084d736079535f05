"""The comparison with Cerbos asks both among as many applications, and is left out without it."""

import os

import pytest

from app import runtime
from app.cli import _bench_cerbos, _bench_server, _bench_zone
from app.cli.bench import bounds
from app.commands.decide import Gate
from app.settings import load


def test_without_its_program_the_row_is_left_out_and_this_is_said(monkeypatch, capsys):
    monkeypatch.delenv("HUFU_CERBOS", raising=False)
    assert _bench_cerbos.measure(1) == {}
    assert "left out" in capsys.readouterr().err


def test_a_quarter_of_its_cost_is_the_bound():
    assert [row["held"] for value in (0.25, 0.251)
            for row in bounds({"decision_over_cerbos": value})] == [True, False]


def test_ours_decides_among_as_many_grants_as_it_has_policies(tmp_path, monkeypatch):
    monkeypatch.delenv("HUFU_DATABASE_URL", raising=False)
    settings = load(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'hufu.db'}")
    _bench_zone.founded(settings)
    _bench_zone.multiply(settings, 25, _bench_cerbos.TABLES, _bench_cerbos.changes)
    rt = runtime.build(settings)
    gate = Gate(rt)
    try:
        assert len(gate.picture.grants) == len(gate.picture.apps) == 25
        assert len(gate.picture.grants_of) == 25 and not gate.follower.current.unreadable
    finally:
        gate.close()
        rt.close()


def test_each_application_has_a_policy_of_its_own():
    rules = [_bench_cerbos.policy(number)["principalPolicy"] for number in (1, 2)]
    assert [each["principal"] for each in rules] == ["APP-1", "APP-2"]
    assert rules[0]["rules"] == rules[1]["rules"]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("HUFU_CERBOS"), reason="HUFU_CERBOS names no program")
def test_both_permit_every_question_and_are_told_apart(monkeypatch):
    monkeypatch.setattr(_bench_cerbos, "MANY", 50)
    monkeypatch.setitem(_bench_cerbos.QUESTION, "subject", {"type": "client_app", "id": "APP-25"})
    measured = _bench_cerbos.measure(_bench_server.CALLERS * 4)
    assert measured["cerbos_cpu_us"] > 0 and measured["among_many_cpu_us"] > 0
