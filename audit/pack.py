"""An evidence pack: plain values in, the bytes of one deterministic archive out.

The same input gives the same bytes. Nothing is fetched, timed or drawn here; the instant, the
signature and the key for pseudonyms are handed in. What may not leave is refused here as well as
upstream: a pack never carries the body of an entry of a stream it is not about.
"""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from audit import pack_words
from audit.canonical import canonical, lines
from audit.note import Key, encode, sign_note

VERSION = 1
REDACTION_RULES = "redaction/1"
FULL, PSEUDONYMISED, COMMITMENTS_ONLY = "full", "pseudonymised", "commitments-only"
LEVELS = (FULL, PSEUDONYMISED, COMMITMENTS_ONLY)
STREAMS_ENTRY = "trail.streams"
MAX_FILES = 1000
MAX_BYTES = 200 * 2**20
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE = 0o100644 << 16
VERIFIER = Path(__file__).with_name("verify.py")


@dataclass(frozen=True)
class Recipient:
    """Who gets the pack, on which legal basis, for what, until when (all plain text)."""

    name: str
    legal_basis: str
    purpose: str
    expires: str


@dataclass(frozen=True)
class Scope:
    """What the pack is about: ``kind`` institution, grant or zone; ``streams`` it holds whole."""

    kind: str
    ref: str
    streams: tuple[str, ...]
    begins: str
    ends: str


@dataclass(frozen=True)
class Line:
    """One leaf of the range; its body, byte for byte as sealed, only where it may be shown."""

    leaf: bytes
    body: bytes | None = None


@dataclass(frozen=True)
class Private:
    """A salted value behind a commitment of entry ``seq``."""

    seq: int
    name: str
    salt: str
    value: str


@dataclass(frozen=True)
class Proof:
    """A consistency proof between two sizes of the tree."""

    old: int
    new: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True)
class Range:
    """The leaves begin..begin+len(lines)-1 of a tree of ``size``, with what is needed beside."""

    begin: int
    size: int
    lines: tuple[Line, ...]
    left: tuple[bytes, ...]
    right: tuple[bytes, ...]
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True)
class PackInput:
    """Everything a pack is made of.

    ``totals`` open the stream counts of the pack's own streams and are shown at every level;
    ``private`` is shown by level. ``personal`` names the columns of a table that are.
    """

    pack: str
    origin: str
    scope: Scope
    recipient: Recipient
    level: str
    built_at: str
    range: Range
    checkpoint: str
    anchors: tuple[str, ...] = ()
    totals: tuple[Private, ...] = ()
    private: tuple[Private, ...] = ()
    tables: dict[str, list[dict]] = field(default_factory=dict)
    personal: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[bytes, ...] = ()
    custody: tuple[dict, ...] = ()
    pseudonym_key: bytes = b""


def build(given: PackInput, key: Key, sign: Callable[[bytes], bytes]) -> bytes:
    """The pack, signed with ``key``; ValueError names what the input may not be."""
    _input_is_sound(given)
    members = _members(given)
    manifest = canonical(_manifest(given, members))
    seal = f"{given.origin}/pack\nsha256:{hashlib.sha256(manifest).hexdigest()}\n"
    signature = sign_note(seal, key, sign)
    members["manifest.json"] = manifest
    members["manifest.sig"] = (seal + "\n" + signature.line()).encode()
    if len(members) > MAX_FILES or sum(map(len, members.values())) > MAX_BYTES:
        raise ValueError(
            f"a pack holds {MAX_FILES} files and {MAX_BYTES} bytes; shorten the period"
        )
    return archive(members)


def _input_is_sound(given: PackInput) -> None:
    """Refuse a level without its key, and bodies that belong to others."""
    if given.level not in LEVELS:
        raise ValueError(f"the level is one of {', '.join(LEVELS)}")
    if given.level == PSEUDONYMISED and len(given.pseudonym_key) < 32:
        raise ValueError("pseudonyms need a key of 32 bytes")
    for at, line in enumerate(given.range.lines, given.range.begin):
        if line.body is None:
            continue
        if hashlib.sha256(b"\x00" + line.body).digest() != line.leaf:
            raise ValueError(f"the body of entry {at} is not what was sealed")
        said = json.loads(line.body)
        if said["stream"] not in given.scope.streams and said["kind"] != STREAMS_ENTRY:
            raise ValueError(f"entry {at} belongs to a stream the pack is not about")


def _members(given: PackInput) -> dict[str, bytes]:
    """Every file of the pack but the manifest and its signature."""
    members = {
        "README.zh.txt": pack_words.chinese(given).encode(),
        "README.en.txt": pack_words.english(given).encode(),
        "trail/entries.jsonl": b"".join(_line(each) for each in given.range.lines),
        "trail/range.json": canonical(_range(given.range)),
        "trail/checkpoint.txt": given.checkpoint.encode(),
        "trail/anchors.json": canonical({"notes": list(given.anchors), "v": VERSION}),
        "trail/disclosures.jsonl": lines(_disclosures(given)),
        "custody.jsonl": lines(list(given.custody)),
        "verify.py": VERIFIER.read_bytes(),
    }
    for name, rows in given.tables.items():
        members[f"facts/{name}.jsonl"] = lines([_shown(given, name, row) for row in rows])
    for content in given.files:
        members[f"files/{hashlib.sha256(content).hexdigest()}"] = content
    return members


def _line(line: Line) -> bytes:
    """A leaf, with its body where it may be shown; the body stands byte for byte as sealed."""
    body = b"" if line.body is None else b'"body":' + line.body + b","
    return b"{" + body + b'"leaf":"' + encode(line.leaf).encode() + b'"}\n'


def _range(given: Range) -> dict:
    """Where the leaves stand in the tree, and the hashes that lead to its root."""
    return {
        "v": VERSION,
        "begin": given.begin,
        "end": given.begin + len(given.lines),
        "size": given.size,
        "left": [encode(each) for each in given.left],
        "right": [encode(each) for each in given.right],
        "consistency": [
            {"old": each.old, "new": each.new, "hashes": [encode(item) for item in each.hashes]}
            for each in sorted(given.proofs, key=lambda proof: (proof.old, proof.new))
        ],
    }


def _disclosures(given: PackInput) -> list[dict]:
    """Opened commitments, by entry and name; at the middle level pseudonyms instead."""
    opened = list(given.totals)
    rows: list[dict] = []
    if given.level == FULL:
        opened += given.private
    if given.level == PSEUDONYMISED:
        rows = [
            {"seq": each.seq, "name": each.name, "pseudonym": _pseudonym(given, each.value)}
            for each in given.private
        ]
    rows += [
        {"seq": each.seq, "name": each.name, "salt": each.salt, "value": each.value}
        for each in opened
    ]
    return sorted(rows, key=lambda row: (row["seq"], row["name"]))


def _pseudonym(given: PackInput, value: object) -> str:
    """One name for one value within this pack, and no way back without the key."""
    return hmac.new(given.pseudonym_key, canonical(value), hashlib.sha256).hexdigest()[:32]


def _shown(given: PackInput, table: str, row: dict) -> dict:
    """The row with its personal columns as the level says: kept, renamed or left out."""
    personal = given.personal.get(table, ())
    if given.level == FULL:
        return row
    kept = {name: value for name, value in row.items() if name not in personal}
    if given.level == PSEUDONYMISED:
        kept |= {name: _pseudonym(given, row[name]) for name in personal if row.get(name)}
    return kept


def _manifest(given: PackInput, members: dict[str, bytes]) -> dict:
    """What the pack says about itself, and the digest of each file."""
    scope, to = given.scope, given.recipient
    return {
        "v": VERSION,
        "pack": given.pack,
        "origin": given.origin,
        "built_at": given.built_at,
        "level": given.level,
        "rules": REDACTION_RULES,
        "scope": {
            "kind": scope.kind,
            "ref": scope.ref,
            "streams": sorted(scope.streams),
            "begins": scope.begins,
            "ends": scope.ends,
        },
        "recipient": {
            "name": to.name,
            "legal_basis": to.legal_basis,
            "purpose": to.purpose,
            "expires": to.expires,
        },
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in members.items()
        },
    }


def archive(members: dict[str, bytes]) -> bytes:
    """The members stored in order of name, with one date and one mode."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.create_system = 3
            entry.external_attr = REGULAR_FILE
            archive.writestr(entry, members[name])
    return out.getvalue()
