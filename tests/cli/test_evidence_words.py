"""`./hufu pack`, `witness`, `verify-trail`: from the console to a trusted verdict, by file."""

import pytest

from app.cli import pack as pack_word
from app.cli import verify_trail
from app.cli.__main__ import parser
from app.cli.witness import imported
from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid
from app.jobs import checkpoints, signing
from app.queries.pack_input import last_anchor, proof_request
from app.store.unit import begin, read
from audit import verify, witness
from audit.__main__ import main as audit
from tests import zone
from tests.jobs.test_checkpoints import tampered


@pytest.fixture
def house(rt, monkeypatch):
    """The words find this zone in the environment, as a console would."""
    monkeypatch.setenv("HUFU_DATABASE_URL", rt.settings.database_url)
    monkeypatch.setenv("HUFU_DATA", str(rt.settings.data_dir))
    return zone.tiny(rt)


def said(*words: str) -> int:
    asked = parser().parse_args(list(words))
    return asked.run(asked)


@pytest.mark.parametrize("about", ["institution", "grant", "all"])
def test_a_pack_from_the_console_is_trusted(rt, house, tmp_path, capsys, about):
    out = tmp_path / "pack.zip"
    words = {"institution": ["--institution", house.institution.number],
             "grant": ["--grant", house.grant.number], "all": ["--all"]}[about]
    assert said("pack", *words, "--from", "2020-01-01", "--to", "2030-12-31",
                "--out", str(out)) == 0
    held = str(checkpoints.published(rt.settings))
    key = str(rt.settings.public_key_file)
    assert audit(["verify", str(out), "--key", key]) == 3
    assert audit(["verify", str(out), "--key", key, "--anchor", held]) == 0


def test_an_unknown_institution_writes_nothing(rt, house, tmp_path):
    out = tmp_path / "pack.zip"
    with pytest.raises(Invalid):
        said("pack", "--institution", "INST-9999", "--out", str(out))
    assert not out.exists()


@pytest.mark.parametrize("words", [["--from", "yesterday"], ["--from", "2026-02-30"],
                                   ["--anchor-size", "0"], ["--expires", "2020-01-01"]])
def test_words_that_mean_nothing_are_refused(rt, house, tmp_path, words):
    with pytest.raises(Invalid):
        said("pack", "--all", "--out", str(tmp_path / "pack.zip"), *words)


def test_without_a_usable_key_the_console_signs_nothing(rt, house, tmp_path):
    signing.load(rt.settings)
    rt.settings.signing_key_file.chmod(0o644)
    with pytest.raises(Invalid) as refused:
        said("pack", "--all", "--out", str(tmp_path / "pack.zip"))
    assert refused.value.code == "KEY.UNUSABLE"


def test_personal_values_never_leave_by_the_console(house, tmp_path):
    with pytest.raises(SystemExit):
        said("pack", "--all", "--level", "full", "--out", str(tmp_path / "pack.zip"))


def test_a_witness_answers_by_file_and_anchors_the_next_pack(rt, house, tmp_path):
    name = "regulator.example/w1"
    secret, public = witness.make_key(name, b"w" * 32)
    asked, line, key, state = tmp_path / "asked", tmp_path / "line", tmp_path / "w.vkey", {}
    key.write_text(public)
    for _ in range(2):
        rt.clock.forward(hours=1)
        size = checkpoints.run_due(rt)
        said("witness", "export", "--witness", name, "--out", str(asked))
        log_keys = verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)
        line.write_text(witness.answer(asked.read_bytes(), log_keys, witness.read_private(secret),
                                       state, int(rt.clock().timestamp())))
        assert said("witness", "import", str(line), "--key", str(key)) == 0
        with read(rt) as session:
            assert last_anchor(session, name) == size
    _, raw = pack_word.made(rt, pack_word.evidence.PackRequest(
        kind="institution", subject=house.institution.number, recipient="监管", legal_basis="依法",
        purpose="检查", expires="2027-01-01", reason="调取", ends="2026-11-22"))
    trusted = verify.read_keys(public, verify.COSIGNATURE)
    keys = verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)
    found = verify.verify(raw, keys, witnesses=trusted)
    assert (found.findings, found.verdict) == ([], verify.TRUSTED)
    assert "regulator.example/w1" in found.anchored["by"]


def test_a_line_of_nobody_known_is_not_kept(rt, house):
    checkpoints.run_due(rt)
    mine, stranger = (witness.read_private(witness.make_key("a.example/w", bytes([n]) * 32)[0])
                      for n in (1, 2))
    log_keys = verify.read_keys(rt.settings.public_key_file.read_text(), verify.PLAIN)
    request = proof_request(rt, 0).encode()
    trusted = verify.read_keys(mine[0].text(), verify.COSIGNATURE)
    with pytest.raises(Invalid):
        imported(rt, witness.answer(request, log_keys, stranger, {}, 1_800_000_000), trusted)
    line = witness.answer(request, log_keys, mine, {}, 1_800_000_000)
    assert imported(rt, line, trusted)[1:] == ("a.example/w", True)
    assert imported(rt, line, trusted)[1:] == ("a.example/w", False)
    for text in ("", "hello", line.replace("\u2014", "-"), line[:-6] + "A==\n"):
        with pytest.raises(Invalid):
            imported(rt, text, trusted)


def test_an_export_beyond_what_was_signed_is_refused(rt, house):
    with pytest.raises(Invalid):
        said("witness", "export", "--old", "99999")


def test_verify_trail_tells_by_its_exit_code(rt, house, capsys):
    checkpoints.run_due(rt)
    assert said("verify-trail") == 0
    assert "轨迹完整" in capsys.readouterr().out
    with begin(rt, SYSTEM) as act:
        act.record("rule.publish", "rule/1")
    tampered(rt, "UPDATE trail_head SET size = size + 1")
    assert said("verify-trail") == 1
    assert "✗ head" in capsys.readouterr().out
    assert verify_trail.run(parser().parse_args(["verify-trail"])) == 1
