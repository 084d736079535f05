"""`./hufu replay` says what the page of a replay says, and its exit code whether it fits."""

import pytest

from app.cli.__main__ import main
from app.commands.decide import Gate
from tests import zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW


@pytest.fixture
def house(rt, monkeypatch):
    """The word finds this zone in the environment, as a console would."""
    monkeypatch.setenv("HUFU_DATABASE_URL", rt.settings.database_url)
    monkeypatch.setenv("HUFU_DATA", str(rt.settings.data_dir))
    return zone.tiny(rt)


def decided(rt, house, **changes) -> str:
    gate = Gate(rt, LAW)
    ref = gate.answer(question(house, **changes))["context"]["decision_id"]
    gate.close()
    return ref


def test_a_decision_is_made_again_on_three_bases(rt, house, capsys):
    ref = decided(rt, house, purpose="X.MKT")
    assert main(["replay", ref]) == 0
    said = capsys.readouterr().out
    assert ref in said and "封存 / sealed: DENY PURPOSE.PROHIBITED" in said
    for basis in ("As recorded then", "As recorded now for then", "As of now"):
        assert f"{basis}: DENY" in said


def test_one_basis_alone_is_told_and_judged(rt, house, capsys):
    ref = decided(rt, house)
    zone.set_state(rt, house.grant, "SUSPENDED")
    assert main(["replay", ref, "--as-of", "now"]) == 1
    said = capsys.readouterr().out
    assert "As recorded" not in said and "TERM.SUSPENDED" in said and "differs" in said
    assert main(["replay", ref, "--as-of", "recorded"]) == 0
    assert "As of now" not in capsys.readouterr().out


def test_without_a_basis_the_registry_of_then_is_judged(rt, house, capsys):
    ref = decided(rt, house)
    zone.set_state(rt, house.grant, "SUSPENDED")
    assert main(["replay", ref]) == 0
    assert "differs" in capsys.readouterr().out


def test_a_decision_that_nobody_knows_is_refused(house, capsys):
    assert main(["replay", "dec_none"]) == 1
    assert "no such decision" in capsys.readouterr().err


def test_a_basis_that_is_none_is_refused(house):
    with pytest.raises(SystemExit):
        main(["replay", "dec_none", "--as-of", "yesterday"])
