"""The verifier as a program: exit codes, both languages, JSON, alone in an empty folder."""

import ast
import json
import shutil
import subprocess
import sys
import time

import pytest

from audit import pack, verify
from audit.__main__ import main
from tests.audit.log import SERVER, WITNESS, Log, cosigned, opened, packed, resealed, zone


@pytest.fixture
def held(tmp_path):
    """A folder as an auditor has it: pack, key, checkpoint, witness key."""
    log = zone()
    raw = packed(log, anchors=(cosigned(log.checkpoint(), log.at),))
    (tmp_path / "pack.zip").write_bytes(raw)
    (tmp_path / "log.vkey").write_text(f"# the zone's key\n{SERVER.key.text()}\n")
    (tmp_path / "held.txt").write_text(log.checkpoint())
    (tmp_path / "witness.vkey").write_text(WITNESS.clock.text() + "\n")
    changed = opened(raw)
    name = "trail/entries.jsonl"
    changed[name] = changed[name].replace(b'"ref":"grant/3"', b'"ref":"grant/8"')
    (tmp_path / "changed.zip").write_bytes(resealed(changed))
    return tmp_path


CALLS = [
    (["pack.zip", "--key", "log.vkey"], 3, verify.UNANCHORED),
    (["pack.zip", "--key", "log.vkey", "--anchor", "held.txt"], 0, verify.TRUSTED),
    (["pack.zip", "--key", "log.vkey", "--witness-key", "witness.vkey"], 0, verify.TRUSTED),
    (["changed.zip", "--key", "log.vkey"], 1, verify.BROKEN),
    (["pack.zip", "--key", "log.vkey", "--anchor", "pack.zip"], 0, verify.TRUSTED),
]


def placed(folder, words):
    return [str(folder / word) if "." in word else word for word in words]


@pytest.mark.parametrize(("words", "code", "verdict"), CALLS)
def test_each_verdict_has_its_exit_code(held, capsys, words, code, verdict):
    assert main(["verify", *placed(held, words)]) == code
    said = capsys.readouterr().out
    assert said.startswith(verdict)
    assert all(word in said for word in verify.WORDS[verdict])


@pytest.mark.parametrize(("words", "code", "verdict"), CALLS)
def test_json_says_the_same(held, capsys, words, code, verdict):
    assert main(["verify", *placed(held, words), "--json"]) == code
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["exit"]) == (verdict, code)
    assert all(each["zh"] and each["en"] for each in said["findings"])


def test_the_changed_entry_is_named(held, capsys):
    main(["verify", *placed(held, ["changed.zip", "--key", "log.vkey"])])
    assert "ENTRY_HASH seq=3 stream=inst/b1 stream_seq=1" in capsys.readouterr().out


def test_one_changed_byte_of_the_file_names_the_entry_it_is_in(held, capsys):
    raw = bytearray((held / "pack.zip").read_bytes())
    raw[raw.index(b'"ref":"grant/3"') + 13] ^= 1
    (held / "touched.zip").write_bytes(raw)
    assert main(["verify", *placed(held, ["touched.zip", "--key", "log.vkey"])]) == 1
    said = capsys.readouterr().out
    assert "ENTRY_HASH seq=3 stream=inst/b1 stream_seq=1" in said
    assert "FILE_HASH file=trail/entries.jsonl" in said


@pytest.mark.parametrize("words", [
    ["absent.zip", "--key", "log.vkey"],
    ["pack.zip", "--key", "absent.vkey"],
    ["pack.zip", "--key", "pack.zip"],
    ["pack.zip", "--key", "witness.vkey"],
    ["pack.zip", "--key", "log.vkey", "--witness-key", "log.vkey"],
    ["pack.zip", "--key", "log.vkey", "--anchor", "log.vkey"],
    ["pack.zip", "--key", "log.vkey", "--anchor", "changed.zip"],
])  # fmt: skip
def test_unusable_input_gives_no_verdict(held, capsys, words):
    assert main(["verify", *placed(held, words)]) == verify.UNUSABLE
    caught = capsys.readouterr()
    assert caught.out == "" and "cannot verify" in caught.err


def test_without_a_key_from_outside_nothing_is_verified(held):
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(held / "pack.zip")])
    assert stopped.value.code == verify.UNUSABLE


@pytest.mark.slow
def test_the_file_runs_alone_without_site_packages(held):
    shutil.copy(pack.VERIFIER, held / "verify.py")
    words = ["pack.zip", "--key", "log.vkey", "--anchor", "held.txt"]
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *words], cwd=held, capture_output=True, timeout=60
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode().startswith(verify.TRUSTED)


def test_the_verifier_imports_the_standard_library_only():
    tree = ast.parse(pack.VERIFIER.read_text())
    named = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom)
                     else [each.name for each in node.names])
    }  # fmt: skip
    assert named <= sys.stdlib_module_names
    assert not named & {"random", "pickle", "socket", "urllib", "subprocess", "http", "zipfile"}


def test_every_code_has_words_in_both_languages():
    source = pack.VERIFIER.read_text()
    told = {name for name in verify.WORDS if source.count(f'"{name}"') > 1}
    assert told >= set(verify.WORDS) - {verify.TRUSTED, verify.UNANCHORED, verify.BROKEN}
    assert all(zh and en and not zh.isascii() for zh, en in verify.WORDS.values())


def test_many_findings_are_counted_not_listed():
    log = zone(60)
    files = opened(packed(log))
    name = "trail/entries.jsonl"
    files[name] = files[name].replace(b'"facts":{}', b'"facts":{"a":1}')
    found = verify.verify(resealed(files), SERVER.trusted())
    assert found.more["ENTRY_HASH"] == 60 - verify.SHOWN_PER_CODE
    assert "ENTRY_HASH 另有 / and 40" in verify.as_text(found)


def test_a_long_log_is_verified_at_a_bearable_speed():
    log = Log()
    for _ in range(4_000):
        log.add("inst/b1")
    log.count()
    raw = packed(log)
    began = time.perf_counter()
    assert verify.verify(raw, SERVER.trusted()).findings == []
    assert 4_000 / (time.perf_counter() - began) > 4_000
