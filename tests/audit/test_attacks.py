"""Everything an attacker may try on a pack or a log, and the code that names it.

Rows as in the attack table of the security requirements. "Held" means the attacker signs with
the live key; where a row needs something the auditor already holds, it is given as an anchor.
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from audit import note, pack, trail, verify
from audit.canonical import canonical
from tests.audit.log import (
    BANK,
    INSURER,
    ORIGIN,
    SERVER,
    START,
    WITNESS,
    Log,
    Signer,
    cosigned,
    described,
    opened,
    packed,
    report,
    resealed,
    text_of,
    zone,
)

ENTRIES, RANGE = "trail/entries.jsonl", "trail/range.json"


def lines_of(files) -> list[bytes]:
    return files[ENTRIES].split(b"\n")[:-1]


def with_lines(files, lines) -> dict[str, bytes]:
    return {**files, ENTRIES: b"".join(line + b"\n" for line in lines)}


def with_range(files, **changes) -> dict[str, bytes]:
    return {**files, RANGE: canonical(json.loads(files[RANGE]) | changes)}


def own_line(files, position: int) -> int:
    """The line of the bank's entry with this stream number."""
    mark = f'"stream":"{BANK}","stream_seq":{position},'.encode()
    return next(at for at, line in enumerate(lines_of(files)) if mark in line)


def change_byte(files):
    lines = lines_of(files)
    at = own_line(files, 4)
    lines[at] = lines[at].replace(b'"kind":"grant.issue"', b'"kind":"grant.isSue"')
    lines[at] = lines[at].replace(b"isSue", b"istue")
    return with_lines(files, lines)


def change_byte_and_leaf(files):
    """The body changed and its leaf made to fit."""
    lines = lines_of(change_byte(files))
    at = own_line(files, 4)
    body = lines[at][8:-55]
    leaf = note.encode(trail.leaf(body)).encode()
    lines[at] = b'{"body":' + body + b',"leaf":"' + leaf + b'"}'
    return with_lines(files, lines)


def delete_entry(files):
    lines = lines_of(files)
    del lines[own_line(files, 4)]
    return with_lines(files, lines)


def shrunk(files, by: int):
    """The range made to end earlier, with invented hashes in place of what was cut."""
    said = json.loads(files[RANGE])
    end = said["end"] - by
    spare = [note.encode(bytes(32))] * len(trail.spans(end, said["size"]))
    return with_range(files, end=end, right=spare)


def delete_entry_and_fit_range(files):
    return shrunk(delete_entry(files), 1)


def swap_entries(files):
    lines = lines_of(files)
    one, two = own_line(files, 4), own_line(files, 5)
    lines[one], lines[two] = lines[two], lines[one]
    return with_lines(files, lines)


def insert_entry(files):
    lines = lines_of(files)
    at = own_line(files, 4)
    lines.insert(at, lines[at])
    return with_lines(files, lines)


def cut_tail(files):
    return with_lines(files, lines_of(files)[:-3])


def cut_tail_and_fit_range(files):
    return shrunk(cut_tail(files), 3)


def range_beyond_the_tree(files):
    return with_range(insert_entry(files), end=json.loads(files[RANGE])["end"] + 1)


def add_file(files):
    return {**files, "facts/extra.jsonl": b"{}\n"}


def drop_file(files):
    return {name: each for name, each in files.items() if name != "facts/grants.jsonl"}


def rename_file(files):
    found = drop_file(files)
    found["facts/others.jsonl"] = files["facts/grants.jsonl"]
    return found


def swap_file(files):
    return {**files, "README.zh.txt": files["README.en.txt"]}


def strange_file(files):
    return {**files, "facts/run.sh": b"rm -rf /\n"}


def attachment_under_another_name(files):
    name = next(each for each in files if each.startswith("files/"))
    return {**files, name: b"another contract"}


def other_pack_entries(files):
    return {**files, ENTRIES: opened(packed(zone(9)))[ENTRIES]}


def other_pack_checkpoint(files):
    return {**files, "trail/checkpoint.txt": zone(9).checkpoint().encode()}


def change_disclosure(files):
    name = "trail/disclosures.jsonl"
    return {**files, name: files[name].replace("王3".encode(), "李3".encode())}


def invent_disclosure(files):
    name = "trail/disclosures.jsonl"
    row = {"seq": 10_000, "name": "name", "salt": "0", "value": "王"}
    return {**files, name: files[name] + canonical(row) + b"\n"}


def withhold_entry(files):
    """One entry of the stream shown as if it were somebody else's."""
    lines = lines_of(files)
    at = own_line(files, 4)
    lines[at] = b"{" + lines[at][lines[at].index(b'"leaf":"'):]
    return with_lines(files, lines)


def withhold_last_entry(files):
    lines = lines_of(files)
    at = own_line(files, 11)
    lines[at] = b"{" + lines[at][lines[at].index(b'"leaf":"'):]
    return with_lines(files, lines)


def withhold_count(files):
    name = "trail/disclosures.jsonl"
    kept = [line for line in files[name].split(b"\n") if b'"name":"inst/' not in line]
    return {**files, name: b"\n".join(kept)}


def node_as_leaf(files):
    """Two leaves replaced by one whose bytes are the two hashes below a node."""
    lines = lines_of(files)
    leaves = [line[-46:-2] for line in lines[:2]]
    both = b"".join(note.decode(each.decode()) for each in leaves)
    lines[:2] = [b'{"leaf":"' + note.encode(trail.leaf(both)).encode() + b'"}']
    return with_lines(files, lines)


def node_as_leaf_in_a_smaller_range(files):
    return shrunk(node_as_leaf(files), 1)


def loose_entry(old: bytes, new: bytes):
    def attack(files):
        lines = lines_of(files)
        at = own_line(files, 4)
        assert old in lines[at]
        lines[at] = lines[at].replace(old, new, 1)
        return with_lines(files, lines)

    return attack


def loose_note(name: str, old: str, new: str):
    def attack(files):
        assert old.encode() in files[name]
        return {**files, name: files[name].replace(old.encode(), new.encode(), 1)}

    return attack


def spare_left(files):
    return with_range(files, left=[note.encode(bytes(32))])


def spare_right(files):
    return with_range(files, right=[note.encode(bytes(32))])


def missing_consistency(files):
    said = json.loads(files[RANGE])["consistency"]
    said[0]["hashes"].pop()
    return with_range(files, consistency=said)


def spare_consistency(files):
    said = json.loads(files[RANGE])["consistency"]
    said[0]["hashes"].append(note.encode(bytes(32)))
    return with_range(files, consistency=said)


def foreign_body(files):
    """An entry of another institution shown in full, with the pack still about one."""
    log = zone()
    at = next(i for i, body in enumerate(log.bodies) if INSURER.encode() in body)
    lines = lines_of(files)
    lines[at] = b'{"body":' + log.bodies[at] + b"," + lines[at][1:]
    return with_lines(files, lines)


HELD = [  # row, attack, codes that must be among those found
    (1, change_byte, {"ROOT_MISMATCH", "ENTRY_HASH"}),
    (1, change_byte_and_leaf, {"ROOT_MISMATCH"}),
    (2, delete_entry, {"SEQ", "STREAM_GAP", "ROOT_MISMATCH"}),
    (2, delete_entry_and_fit_range, {"SEQ", "STREAM_GAP", "ROOT_MISMATCH"}),
    (3, swap_entries, {"SEQ", "STREAM_GAP", "ROOT_MISMATCH"}),
    (4, insert_entry, {"SEQ", "ROOT_MISMATCH"}),
    (4, range_beyond_the_tree, {"ROOT_MISMATCH"}),
    (5, cut_tail, {"ROOT_MISMATCH"}),
    (5, cut_tail_and_fit_range, {"ROOT_MISMATCH", "STREAM_COUNT"}),
    (9, strange_file, {"FILE_SET"}),
    (9, attachment_under_another_name, {"FILE_HASH"}),
    (10, other_pack_entries, {"SEQ", "ROOT_MISMATCH"}),
    (10, other_pack_checkpoint, {"ROOT_MISMATCH"}),
    (13, change_disclosure, {"DISCLOSURE"}),
    (13, invent_disclosure, {"DISCLOSURE"}),
    (16, loose_entry(b'"v":1', b'"v":1.0'), {"NOT_CANONICAL"}),
    (16, loose_entry(b'"v":1', b'"v":1,"v":1'), {"NOT_CANONICAL"}),
    (16, loose_entry(b'"seq":', b'"seq": '), {"NOT_CANONICAL"}),
    (16, loose_entry(b'"kind":"g', b'"kind":"\\u0067'), {"NOT_CANONICAL"}),
    (16, loose_note("trail/checkpoint.txt", "\u2014", "\u2013"), {"SIGNATURE_LINE"}),
    (16, loose_note("trail/checkpoint.txt", "\n\n", "\n\r\n"), {"SIGNATURE_LINE"}),
    (16, loose_note("trail/range.json", '"v":1', '"v": 1'), {"NOT_CANONICAL"}),
    (16, loose_note("trail/range.json", '"v":1', '"v":1,"v":1'), {"NOT_CANONICAL"}),
    (16, loose_note("facts/grants.jsonl", '"state"', ' "state"'), {"NOT_CANONICAL"}),
    (17, withhold_entry, {"STREAM_GAP"}),
    (17, withhold_last_entry, {"STREAM_COUNT"}),
    (17, withhold_count, {"STREAM_COUNT"}),
    (17, foreign_body, {"ENTRY"}),
    (18, node_as_leaf, {"ROOT_MISMATCH"}),
    (18, node_as_leaf_in_a_smaller_range, {"ROOT_MISMATCH"}),
    (19, spare_left, {"PROOF_LENGTH"}),
    (19, spare_right, {"PROOF_LENGTH"}),
    (19, missing_consistency, {"PROOF_LENGTH"}),
    (19, spare_consistency, {"PROOF_LENGTH"}),
]

UNHELD = [  # row, attack, codes; the manifest stays as it was signed
    (1, change_byte, {"FILE_HASH", "ENTRY_HASH", "ROOT_MISMATCH"}),
    (9, add_file, {"FILE_SET"}),
    (9, drop_file, {"FILE_SET"}),
    (9, rename_file, {"FILE_SET"}),
    (9, swap_file, {"FILE_HASH"}),
    (16, loose_note("manifest.sig", "\u2014", "\u2013"), {"SIGNATURE_LINE"}),
    (16, loose_note("manifest.sig", "=\n", "=\n\n"), {"SIGNATURE_LINE"}),
    (16, loose_note("manifest.json", '"v":1', '"v":1,"v":1'), {"NOT_CANONICAL"}),
]


def named(table):
    return [
        pytest.param(attack, codes, id=f"{row}-{attack.__name__}-{index}")
        for index, (row, attack, codes) in enumerate(table)
    ]


@pytest.fixture(scope="module")
def files():
    """A sound pack at the level that shows most, with one consistency proof in it."""
    log = zone()
    proofs = (log.consistency(5, len(log.bodies)),)
    return opened(packed(log, level=pack.FULL, proofs=proofs))


def test_the_pack_all_attacks_start_from_is_sound(files):
    assert report(resealed(files)).findings == []


@pytest.mark.parametrize(("attack", "codes"), named(HELD))
def test_an_attacker_with_the_live_key_is_caught(files, attack, codes):
    found = report(resealed(attack(files)))
    assert found.codes >= codes
    assert found.verdict == verify.BROKEN


@pytest.mark.parametrize(("attack", "codes"), named(UNHELD))
def test_an_attacker_without_a_key_is_caught(files, attack, codes):
    found = report(pack.archive(attack(files)))
    assert found.codes >= codes
    assert found.verdict == verify.BROKEN


@pytest.mark.parametrize("attack", [change_byte, loose_entry(b'"v":1', b'"v" 1'), withhold_entry])
def test_the_broken_entry_is_named(files, attack):
    at = own_line(files, 4)
    found = report(resealed(attack(files)))
    places = {(each.seq, each.stream, each.stream_seq) for each in found.findings}
    after = own_line(files, 5)
    assert (at, BANK, 4) in places or (after, BANK, 5) in places
    assert f"seq={at}" in verify.as_text(found) or f"seq={after}" in verify.as_text(found)


# --- rows that need something the auditor already holds --------------------------------------


def rewritten() -> Log:
    """Another history of the same length, signed with the live key."""
    log = Log()
    log.add("system", "zone.found")
    for index in range(12):
        log.add(BANK, "grant.revoke")
        log.add(INSURER)
        if index in (4, 8):
            log.count()
    log.count()
    return log


def test_row_6_a_smaller_tree_signed_after_a_larger_was_seen():
    log = zone()
    held = log.checkpoint()
    cut = log.copy(18)
    cut.at = log.at + timedelta(hours=1)
    cut.count()
    found = report(packed(cut), {"held": held})
    assert found.codes == {"REWIND"}
    assert report(packed(cut)).verdict == verify.UNANCHORED


def test_row_6_an_undated_larger_head_counts_as_seen_before():
    log = zone()
    undated = note.parse_note(log.checkpoint())
    undated = str(note.Note(undated.text, undated.signatures[:1]))
    cut = log.copy(18)
    cut.count()
    assert report(packed(cut), {"held": undated}).codes == {"REWIND"}


@pytest.mark.parametrize("size", [3, 12, 28])
def test_row_7_a_rewritten_database(size):
    log, other = zone(), rewritten()
    proofs = (other.consistency(size, len(other.bodies)),)
    assert report(packed(other, proofs=proofs)).verdict == verify.UNANCHORED
    held = log.checkpoint(size)
    assert report(packed(other, proofs=proofs), {"held": held}).codes == {"FORK"}


def test_row_7_a_rewrite_below_the_range_cannot_bring_a_proof():
    log, other = zone(), rewritten()
    other_pack = packed(other, begin=11, proofs=(other.consistency(3, len(other.bodies)),))
    assert report(other_pack, {"held": log.checkpoint(3)}).codes == {"FORK"}


def test_row_8_two_packs_from_two_histories():
    assert report(packed(rewritten()), {"pack": packed(zone())}).codes == {"FORK"}


def test_row_8_two_packs_of_one_history_anchor_each_other():
    log = zone()
    early = log.copy(12)
    early.at = START + timedelta(seconds=12)
    assert report(packed(early), {"pack": packed(log)}).verdict == verify.TRUSTED
    assert report(packed(log), {"pack": packed(early)}).verdict == verify.UNANCHORED


def test_row_11_another_key_under_the_same_name():
    forger = Signer(ORIGIN, 9)
    log = zone()
    log.signer = forger
    assert report(packed(log)).codes >= {"CHECKPOINT_SIGNATURE", "MANIFEST_SIGNATURE"}


def test_row_12_a_key_inside_the_pack_is_not_looked_at():
    forger = Signer(ORIGIN, 9)
    log = zone()
    log.signer = forger
    raw = packed(log, files=(forger.key.text().encode(),))
    assert "CHECKPOINT_SIGNATURE" in report(raw).codes


def seen(log: Log, size: int, at) -> str:
    return cosigned(log.checkpoint(size, at), at + timedelta(seconds=1))


def test_row_14_entries_dated_before_the_anchor_they_follow():
    log = zone()
    held = seen(log, len(log.bodies), START + timedelta(days=5))
    log.at = START + timedelta(days=3)
    log.add(BANK)
    log.count()
    found = report(packed(log), {"held": held}, WITNESS.trusted(verify.COSIGNATURE))
    assert found.codes == {"CLOCK_BACKDATED"}
    assert found.findings[0].seq == 28


def test_row_14_entries_dated_before_the_entry_they_follow():
    log = zone()
    log.add(BANK, at=START - timedelta(days=1))
    log.count()
    found = report(packed(log))
    assert found.codes == {"CLOCK_BACKDATED"}
    assert (found.findings[0].stream, found.findings[0].stream_seq) == (BANK, 12)


def test_row_15_entries_dated_after_the_anchor_that_covers_them():
    log = zone()
    log.at = START + timedelta(days=9)
    log.add(BANK)
    log.count()
    held = seen(log, len(log.bodies), START + timedelta(days=2))
    found = report(packed(log), {"held": held}, WITNESS.trusted(verify.COSIGNATURE))
    assert found.codes == {"CLOCK_FUTURE"}


def test_row_22_what_follows_the_newest_anchor_is_said_not_to_be_covered():
    log = zone()
    held = log.checkpoint(20, START + timedelta(seconds=20))
    honest = report(packed(log), {"held": held})
    assert (honest.verdict, honest.findings) == (verify.UNANCHORED, [])
    assert honest.anchored == {"size": 20, "by": "held", "at": "2026-11-22T02:00:20Z"}
    assert [each.code for each in honest.notes] == ["ANCHOR_SHORT"]
    changed = log.copy(20)
    changed.add(BANK, "grant.revoke")
    changed.count()
    assert report(packed(changed), {"held": held}).findings == []


# --- what is legitimate raises nothing --------------------------------------------------------


def trusted(raw, log, **more):
    return report(raw, {"held": log.checkpoint()}, **more)


@pytest.mark.parametrize("level", pack.LEVELS)
def test_redaction_raises_nothing(level):
    log = zone()
    raw = packed(log, level=level, pseudonym_key=b"k" * 32)
    assert trusted(raw, log).verdict == verify.TRUSTED


def test_erased_salts_raise_nothing():
    log = zone()
    raw = packed(log, level=pack.FULL, private=())
    assert trusted(raw, log).verdict == verify.TRUSTED


def test_key_rotation_raises_nothing():
    log, new = zone(), Signer(ORIGIN, 5)
    log.add("system", "trail.key_rotate")
    log.count()
    both = log.checkpoint(None, None, new)
    for signer in (SERVER, new):
        given = replace(described(log), checkpoint=both)
        raw = pack.build(given, signer.key, signer.sign)
        assert report(raw, {"held": both}, signer=signer).verdict == verify.TRUSTED


def test_quiet_hours_raise_nothing():
    log = zone()
    for _ in range(24):
        log.at += timedelta(hours=1)
        log.count()
    assert trusted(packed(log), log).verdict == verify.TRUSTED


def test_a_witness_that_answers_a_day_later_raises_nothing():
    log = zone()
    late = cosigned(log.checkpoint(), log.at + timedelta(days=1))
    size = len(log.bodies)
    log.add(BANK, at=log.at + timedelta(hours=3))
    log.at += timedelta(hours=4)
    log.count()
    found = report(
        packed(log, end=size, anchors=(late,)), witnesses=WITNESS.trusted(verify.COSIGNATURE)
    )
    assert found.findings == []


def test_a_pack_that_starts_at_a_count_is_whole():
    log = zone()
    starts = [seq for seq, body in enumerate(log.bodies) if b"trail.streams" in body]
    raw = packed(log, begin=starts[0], proofs=(log.consistency(5, len(log.bodies)),))
    assert trusted(raw, log).verdict == verify.TRUSTED
    assert report(raw, {"old": log.checkpoint(5), "new": log.checkpoint()}).findings == []


@pytest.mark.parametrize(("cut", "begins", "ends", "codes"), [
    ("end", "", "2026-11-20", set()), ("end", "", "2026-11-21", set()),
    ("end", "", "2026-11-22", {"PERIOD"}), ("end", "", "", {"PERIOD"}),
    ("begin", "2026-11-23", "", set()), ("begin", "2026-11-22", "", {"PERIOD"}),
    ("begin", "", "", {"PERIOD"}),
])  # fmt: skip
def test_a_range_must_cover_the_days_it_is_for(cut, begins, ends, codes):
    log = zone()
    at = next(seq for seq, body in enumerate(log.bodies) if b"trail.streams" in body)
    given = described(log, **({"end": at + 1} if cut == "end" else {"begin": at}))
    given = replace(given, scope=replace(given.scope, begins=begins, ends=ends))
    assert report(pack.build(given, SERVER.key, SERVER.sign)).codes == codes


def test_a_pack_that_starts_at_no_count_is_not_whole():
    assert report(packed(zone(), begin=4)).codes == {"STREAM_COUNT", "PERIOD"}


def test_a_pack_of_a_stream_without_entries_in_the_range_is_whole():
    log = zone()
    begin = len(log.bodies) - 1
    log.add(INSURER)
    log.count()
    assert trusted(packed(log, begin=begin), log).verdict == verify.TRUSTED


def test_an_act_on_behalf_of_another_raises_nothing():
    log = zone()
    actor = {"account": "a", "person": "p", "capacity": "DELEGATE", "on_behalf_of": "q"}
    log.bodies.append(canonical(json.loads(log.bodies[-1]) | {
        "seq": len(log.bodies), "stream": BANK, "stream_seq": 12, "kind": "grant.issue",
        "actor": actor, "facts": {}}))  # fmt: skip
    log.counts[BANK] = 13
    log.count()
    assert trusted(packed(log), log).verdict == verify.TRUSTED


def test_a_second_origin_is_another_log_with_its_own_key():
    held = zone().checkpoint()
    other = held.replace(ORIGIN, "hufu.example/zone-2", 1)
    with pytest.raises(verify.Unusable, match="another log"):
        report(packed(zone()), {"held": other})


# --- anchors that cannot decide ---------------------------------------------------------------


def test_an_anchor_newer_than_the_pack_is_not_counted_without_a_proof():
    log = zone()
    raw, old = packed(log), len(log.bodies)
    log.at += timedelta(hours=1)
    log.add(BANK)
    log.count()
    newer = log.checkpoint()
    found = report(raw, {"newer": newer})
    assert (found.verdict, found.findings) == (verify.UNANCHORED, [])
    assert [each.code for each in found.notes] == ["ANCHOR_NEWER"]
    hashes = list(log.consistency(old, len(log.bodies)).hashes)
    linked = note.request_text(old, hashes, newer)
    assert report(raw, {"newer": linked}).verdict == verify.TRUSTED
    wrong = note.request_text(old, [bytes(32), *hashes[1:]], newer)
    assert report(raw, {"newer": wrong}).codes == {"FORK"}


def test_an_anchor_below_the_range_needs_a_proof():
    log = zone()
    begin = next(seq for seq, body in enumerate(log.bodies) if b"trail.streams" in body)
    found = report(packed(log, begin=begin), {"a": log.checkpoint(3), "b": log.checkpoint()})
    assert (found.verdict, found.findings) == (verify.UNANCHORED, [])
    assert [each.code for each in found.notes] == ["ANCHOR_UNPROVEN"]


def test_a_witness_counts_only_when_its_key_is_given():
    log = zone()
    raw = packed(log, anchors=(cosigned(log.checkpoint(), log.at),))
    assert report(raw).verdict == verify.UNANCHORED
    found = report(raw, witnesses=WITNESS.trusted(verify.COSIGNATURE))
    assert found.verdict == verify.TRUSTED
    assert WITNESS.key.name in found.anchored["by"]


def test_a_forged_witness_line_breaks_the_pack():
    log = zone()
    forger = Signer(WITNESS.key.name, 9)
    forger.clock = WITNESS.clock
    raw = packed(log, anchors=(cosigned(log.checkpoint(), log.at, forger),))
    found = report(raw, witnesses=WITNESS.trusted(verify.COSIGNATURE))
    assert found.codes == {"CHECKPOINT_SIGNATURE"}


def test_a_pack_that_is_broken_anchors_nothing(files):
    with pytest.raises(verify.Unusable, match="does not hold itself"):
        report(resealed(files), {"pack": resealed(change_byte(files))})


@pytest.mark.parametrize("held", [b"", b"old x\n\n", b"\xff", b"PK\x03\x04", b"hello\n"])
def test_an_anchor_that_is_no_anchor_gives_no_verdict(held):
    with pytest.raises(verify.Unusable):
        report(packed(zone()), {"held": held})


def test_the_time_of_a_pack_is_its_own_statement():
    log = zone()
    raw = packed(log, built_at=text_of(START - timedelta(days=9)))
    assert report(raw, {"held": log.checkpoint()}).verdict == verify.TRUSTED
