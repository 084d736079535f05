"""Packs: same input, same bytes; levels keep back what they say; nobody else's entries leave."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from audit import pack, verify
from tests.audit.log import BANK, INSURER, SERVER, described, opened, packed, report, zone


def test_the_same_input_gives_the_same_bytes_a_hundred_times():
    log = zone()
    assert len({packed(log) for _ in range(100)}) == 1


def test_another_instant_gives_other_bytes():
    log = zone()
    assert packed(log) != packed(log, built_at="2026-11-23T00:00:00.000000Z")


def test_the_archive_is_stored_sorted_and_dated_alike():
    with zipfile.ZipFile(io.BytesIO(packed(zone()))) as archive:
        entries = archive.infolist()
    assert [each.filename for each in entries] == sorted(each.filename for each in entries)
    assert {each.compress_type for each in entries} == {zipfile.ZIP_STORED}
    assert {each.date_time for each in entries} == {pack.FIXED_DATE}


@pytest.mark.parametrize(("level", "names", "opened_values"), [
    (pack.FULL, {"王0"}, 5), (pack.PSEUDONYMISED, set(), 5), (pack.COMMITMENTS_ONLY, set(), 1),
])  # fmt: skip
def test_a_level_shows_what_it_says(level, names, opened_values):
    files = opened(packed(zone(), level=level, pseudonym_key=b"k" * 32))
    (row,) = map(json.loads, files["facts/grants.jsonl"].splitlines())
    assert ({row.get("holder")} & {"王0"}) == names
    assert len(files["trail/disclosures.jsonl"].splitlines()) == opened_values
    clear = "王".encode() in b"".join(files[name] for name in files if name.startswith("trail"))
    assert clear == (level == pack.FULL)
    assert json.loads(files["manifest.json"])["level"] == level


def test_a_pseudonym_is_one_for_one_value_and_one_key():
    def column(key: bytes) -> list[str]:
        rows = [{"holder": "王0"}, {"holder": "李1"}, {"holder": "王0"}]
        raw = packed(
            zone(), level=pack.PSEUDONYMISED, pseudonym_key=key, tables={"grants": rows}
        )
        found = opened(raw)["facts/grants.jsonl"].splitlines()
        return [json.loads(line)["holder"] for line in found]

    first, second, third = column(b"k" * 32)
    assert first == third != second
    assert column(b"j" * 32)[0] != first


def test_another_institutions_entries_leave_as_leaves_only():
    raw = packed(zone())
    assert INSURER.encode() not in raw
    assert BANK.encode() in raw


def test_another_institutions_body_is_refused():
    given = described(zone(), streams=(BANK, INSURER))
    mine = replace(given.scope, streams=(BANK,))
    with pytest.raises(ValueError, match="not about"):
        pack.build(replace(given, scope=mine), SERVER.key, SERVER.sign)


def test_a_body_that_is_not_the_leafs_is_refused():
    given = described(zone())
    lines = (replace(given.range.lines[1], leaf=bytes(32)), *given.range.lines[1:])
    spoiled = replace(given, range=replace(given.range, lines=lines))
    with pytest.raises(ValueError, match="not what was sealed"):
        pack.build(spoiled, SERVER.key, SERVER.sign)


@pytest.mark.parametrize(("change", "reason"), [
    ({"level": "secret"}, "level"),
    ({"level": pack.PSEUDONYMISED}, "32 bytes"),
    ({"files": tuple(b"%d" % index for index in range(1_001))}, "shorten"),
])  # fmt: skip
def test_unsound_input_is_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        packed(zone(), **change)


def test_a_pack_of_the_whole_zone_is_whole():
    log = zone()
    streams = tuple(sorted(log.counts))
    given = described(log, streams=streams)
    given = replace(given, scope=replace(given.scope, kind="zone"))
    raw = pack.build(given, SERVER.key, SERVER.sign)
    assert report(raw, {"held": log.checkpoint()}).verdict == verify.TRUSTED
    less = replace(given.scope, streams=tuple(each for each in streams if each != INSURER))
    shown = tuple(
        replace(each, body=None) if each.body and INSURER.encode() in each.body else each
        for each in given.range.lines
    )
    totals = tuple(each for each in given.totals if each.name != INSURER)
    hidden = replace(given, scope=less, totals=totals, range=replace(given.range, lines=shown))
    assert report(pack.build(hidden, SERVER.key, SERVER.sign)).codes == {"STREAM_COUNT"}


def test_the_pack_says_in_both_languages_what_it_is():
    files = opened(packed(zone()))
    chinese, english = (files[f"README.{each}.txt"].decode() for each in ("zh", "en"))
    assert "市数据局" in chinese and "仅承诺值" in chinese
    assert "commitments-only" in english and "2027-11-30" in english


def test_the_verifier_travels_with_the_pack():
    assert opened(packed(zone()))["verify.py"] == pack.VERIFIER.read_bytes()
