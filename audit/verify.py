#!/usr/bin/env python3
"""The offline verifier of Hufu evidence packs: one file, the standard library, nothing of ours.

It shares no code with what writes packs, so that a mistake there cannot hide itself here.
Parsing is strict everywhere: what has two spellings is refused. Keys and anchors come from
outside the pack; nothing inside the pack is believed because the pack says so.

    python3 verify.py PACK --key FILE [--anchor FILE ...] [--witness-key FILE ...] [--json]

Verdicts: TRUSTED (exit 0), CONSISTENT-UNANCHORED (3), BROKEN (1). Unusable input exits with 2.
Format and limits: audit/README.md.
"""

import argparse
import base64
import binascii
import functools
import hashlib
import hmac
import json
import os
import re
import struct
import sys
import zlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

TRUSTED, UNANCHORED, BROKEN = "TRUSTED", "CONSISTENT-UNANCHORED", "BROKEN"
EXIT = {TRUSTED: 0, UNANCHORED: 3, BROKEN: 1}
UNUSABLE = 2
SLACK = timedelta(minutes=5)
MAX_BYTES = 200 * 2**20
MAX_FILES = 1000
MAX_INTEGER = 2**53 - 1
SHOWN_PER_CODE = 20
STREAMS_ENTRY = "trail.streams"

WORDS = {
    TRUSTED: ("全部证明成立，锚点覆盖本包范围", "every proof holds and an anchor covers the range"),
    UNANCHORED: (
        "全部证明成立，但不能排除本包之前的整体改写",
        "every proof holds, but a rewrite before this pack cannot be excluded",
    ),
    BROKEN: ("证明不成立", "a proof does not hold"),
    "ARCHIVE": ("压缩包形式不合规，未读取", "the archive is not in its one form; not read"),
    "MANIFEST": ("清单内容不合规", "the manifest is not in its form"),
    "MANIFEST_SIGNATURE": ("清单签名不属于所给公钥", "no given key signed the manifest"),
    "FILE_SET": ("文件与清单不一一对应", "the files are not those of the manifest"),
    "FILE_HASH": ("文件内容与清单摘要不符", "a file differs from its digest in the manifest"),
    "CHECKPOINT_SIGNATURE": ("检查点签名不属于所给公钥", "no given key signed the checkpoint"),
    "SIGNATURE_LINE": ("签名文本不是唯一写法", "a signed note is not in its exact form"),
    "NOT_CANONICAL": ("内容不是规范写法", "the text is not canonical"),
    "ENTRY": ("条目成员不合规", "an entry does not have its form"),
    "ENTRY_HASH": ("条目正文与其叶哈希不符", "an entry is not what its leaf was made of"),
    "ROOT_MISMATCH": ("条目推不出已签名的树根", "the entries do not give the signed root"),
    "PROOF_LENGTH": ("证明元素多余或缺失", "a proof has spare or missing elements"),
    "SEQ": ("条目序号不连续", "entry numbers do not follow each other"),
    "STREAM_GAP": ("机构序列有缺口", "the numbers of a stream have a gap"),
    "STREAM_COUNT": ("机构序列总数不符或未披露", "a stream's count differs or is not opened"),
    "PERIOD": ("所载范围未覆盖所称期间", "the range leaves out a part of its period"),
    "DISCLOSURE": ("披露值与承诺值不符", "a disclosed value does not fit its commitment"),
    "FORK": ("与锚点属于不同的历史", "an anchor belongs to another history"),
    "REWIND": ("日志短于锚点且无衔接证明", "the log is shorter than an anchor it should follow"),
    "CLOCK_BACKDATED": ("条目时间早于其所随的锚点", "an entry is dated before what it follows"),
    "CLOCK_FUTURE": (
        "条目时间晚于覆盖它的锚点",
        "an entry is dated after an anchor that covers it",
    ),
    "ANCHOR_NEWER": (
        "该锚点晚于本包且无衔接证明，未计入",
        "this anchor is newer than the pack and nothing links them; not counted",
    ),
    "ANCHOR_UNPROVEN": (
        "包内没有到该锚点大小的一致性证明，未计入",
        "the pack carries no proof to the size of this anchor; not counted",
    ),
    "ANCHOR_SHORT": ("锚点只覆盖到部分条目", "the newest anchor covers a part of the range only"),
}


# --- what is found --------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold, and where."""

    code: str
    detail: str = ""
    file: str | None = None
    seq: int | None = None
    stream: str | None = None
    stream_seq: int | None = None
    size: int | None = None


class Unusable(Exception):
    """What was handed in besides the pack cannot be used; no verdict is given."""


class Stop(Exception):
    """Nothing after this finding can be read."""

    def __init__(self, code: str, detail: str, file: str | None = None) -> None:
        super().__init__(detail)
        self.finding = Finding(code, detail, file)


class Loose(ValueError):
    """A text with a second spelling, or a shape that is not the one expected."""


@dataclass
class Report:
    """The outcome; ``anchored`` names the newest anchor that holds, by size, time and name."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    pack: dict = field(default_factory=dict)
    range: dict = field(default_factory=dict)
    anchored: dict | None = None

    def add(self, code: str, detail: str = "", **where) -> None:
        """Keep the finding; beyond the first of a code only their number is kept."""
        if sum(1 for each in self.findings if each.code == code) < SHOWN_PER_CODE:
            self.findings.append(Finding(code, detail, **where))
        else:
            self.more[code] = self.more.get(code, 0) + 1

    @property
    def codes(self) -> set[str]:
        """The codes found."""
        return {each.code for each in self.findings}

    @property
    def verdict(self) -> str:
        """One of the three; never better than what was shown."""
        if self.findings:
            return BROKEN
        covered = self.anchored and self.range and self.anchored["size"] >= self.range["end"]
        return TRUSTED if covered and not self.notes else UNANCHORED


# --- strict text ----------------------------------------------------------------------------


def exact_base64(text: str, length: int | None = None) -> bytes:
    """The bytes of canonical base64."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Loose("not base64") from None
    if base64.b64encode(raw).decode() != text or (length is not None and len(raw) != length):
        raise Loose("base64 is not canonical or has the wrong length")
    return raw


def _no_float(text: str) -> None:
    raise Loose(f"`{text[:20]}` is not an integer")


def _bounded(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise Loose("integer beyond 2^53-1")
    return int(text)


_DECODE = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode
_DECODE_WIDE = json.JSONDecoder(
    parse_float=_no_float, parse_constant=_no_float, parse_int=_bounded
).decode
_WIDE = re.compile(rb"[0-9]{16}")
_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def exact_json(raw: bytes) -> object:
    """The value of canonical JSON; writing it again must give the same bytes."""
    try:
        text = raw.decode("utf-8")
        value = (_DECODE_WIDE if _WIDE.search(raw) else _DECODE)(text)
        same = _ENCODE(value) == text and (text.isascii() or _keys_are_ascii(value))
    except (ValueError, RecursionError) as error:
        raise Loose(f"not JSON in canonical form: {error}"[:200]) from None
    if not same:
        raise Loose("not the canonical spelling of this JSON")
    return value


def _keys_are_ascii(value: object) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and _keys_are_ascii(item) for key, item in value.items())
    return all(map(_keys_are_ascii, value)) if isinstance(value, list) else True


def shaped(value: object, /, **kinds: type) -> dict:
    """The object with exactly these members of exactly these types."""
    if type(value) is not dict or set(value) != set(kinds):
        raise Loose(f"expected an object of {', '.join(sorted(kinds))}")
    for name, kind in kinds.items():
        if type(value[name]) is not kind:
            raise Loose(f"`{name}` is not {kind.__name__}")
        if kind is int and value[name] < 0:
            raise Loose(f"`{name}` is negative")
    return value


def exact_lines(raw: bytes) -> list[bytes]:
    """The lines of a text in which every line ends with one line feed."""
    if raw and not raw.endswith(b"\n"):
        raise Loose("the last line has no line feed")
    return raw.split(b"\n")[:-1]


INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def instant(text: object) -> datetime:
    """The moment behind fixed-width UTC text."""
    if type(text) is not str or not INSTANT.fullmatch(text) or text < "1970":
        raise Loose("not a fixed-width UTC instant")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Loose("no such instant") from None


# --- the archive ----------------------------------------------------------------------------

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
CLOSING = struct.Struct("<4s4H2LH")
STORED = (20, 0, 0, 0, 33)
REGULAR = 0o100644 << 16
SAFE_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", re.ASCII)


def unpacked(raw: bytes, report: Report) -> dict[str, bytes]:
    """The files of an archive in its one form: stored, sorted, fixed date and mode.

    The directory is written again from what was read and must come out the same, so no byte of
    the archive is left to interpretation; nothing is compressed, so nothing expands. A wrong
    check sum is noted and reading goes on, so that the entry behind it can be named.
    """
    if len(raw) > MAX_BYTES + 2**20:
        raise Stop("ARCHIVE", "larger than 200 MiB")
    files: dict[str, bytes] = {}
    directory, at, last = b"", 0, ""
    while raw[at : at + 4] == b"PK\x03\x04":
        if len(files) >= MAX_FILES:
            raise Stop("ARCHIVE", f"more than {MAX_FILES} files")
        name, content, check, after = _member(raw, at)
        if name <= last:
            raise Stop("ARCHIVE", f"`{name}` is out of order or there twice")
        files[name] = content
        directory += _directory_entry(name, len(content), check, at)
        if zlib.crc32(content) != check:
            report.add("FILE_HASH", "not its check sum in the archive", file=name)
        at, last = after, name
    closing = CLOSING.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), at, 0)
    if raw[at:] != directory + closing:
        raise Stop("ARCHIVE", "the directory does not describe the files")
    return files


def _member(raw: bytes, at: int) -> tuple[str, bytes, int, int]:
    """Name, content, stated check sum and end of the file stored at an offset."""
    if at + LOCAL.size > len(raw):
        raise Stop("ARCHIVE", "cut short")
    _, needs, flags, method, time, date, crc, packed, size, named, extra = LOCAL.unpack_from(
        raw, at
    )
    begins = at + LOCAL.size + named
    if (needs, flags, method, time, date) != STORED or extra or packed != size:
        raise Stop("ARCHIVE", "a file is not plainly stored")
    if begins + size > len(raw):
        raise Stop("ARCHIVE", "a file claims more than is there")
    name = raw[at + LOCAL.size : begins].decode("latin-1")
    if len(name) > 200 or not SAFE_NAME.fullmatch(name) or set(name.split("/")) & {".", ".."}:
        raise Stop("ARCHIVE", "a file name that is not plain")
    return name, raw[begins : begins + size], crc, begins + size


def _directory_entry(name: str, size: int, check: int, at: int) -> bytes:
    head = CENTRAL.pack(
        b"PK\x01\x02", 3 << 8 | 20, *STORED, check, size, size,
        len(name), 0, 0, 0, 0, REGULAR, at,
    )  # fmt: skip
    return head + name.encode()


# --- Ed25519, RFC 8032 ----------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def _added(a: tuple, b: tuple) -> tuple:
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, e = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    i, f, g, h = n - m, e - c, e + c, n + m
    return i * f % P, g * h % P, f * g % P, i * h % P


def _doubled(a: tuple) -> tuple:
    x, y, z, _ = a
    m, n = x * x % P, y * y % P
    h = m + n
    i = h - (x + y) * (x + y)
    g = m - n
    f = 2 * z * z + g
    return i * f % P, g * h % P, f * g % P, i * h % P


def _point(raw: bytes) -> tuple:
    """The point behind 32 bytes, in their one spelling."""
    y = int.from_bytes(raw, "little")
    odd, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        raise Loose("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (odd and not x):
        raise Loose("not a point")
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


def encoded_point(a: tuple) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


@functools.lru_cache(maxsize=64)
def _sixteen(point: tuple) -> list[tuple]:
    """The multiples 0..15."""
    found = [NEUTRAL]
    for _ in range(15):
        found.append(_added(found[-1], point))
    return found


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = _point(BASE_Y.to_bytes(32, "little"))


def combined(s: int, k: int, point: tuple) -> tuple:
    """``s`` times the base point plus ``k`` times another; not in constant time."""
    of_base, of_point, total = _sixteen(BASE), _sixteen(point), NEUTRAL
    for shift in range(252, -1, -4):
        if total is not NEUTRAL:
            total = _doubled(_doubled(_doubled(_doubled(total))))
        total = _added(total, of_base[s >> shift & 15])
        total = _added(total, of_point[k >> shift & 15])
    return total


@functools.lru_cache(maxsize=1024)
def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's; a scalar beyond the order is refused."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    try:
        x, y, z, t = _point(public)
    except Loose:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    shown = encoded_point(combined(s, k % ORDER, (P - x, y, z, P - t)))
    return hmac.compare_digest(shown, signature[:32])


# --- keys and signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ------------

PLAIN, COSIGNATURE = 1, 4
LAST_SECOND = 2**37
NAME = re.compile(r"[^\s+]+")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A public key an auditor trusts, under its name."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes, part of every signature line."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]


def read_keys(text: str, kind: int) -> tuple[Key, ...]:
    """The keys of a key file: one a line, empty lines and lines from `#` ignored."""
    keys = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition("+")
        key_id, _, material = rest.partition("+")
        try:
            raw = exact_base64(material, 33)
        except Loose as error:
            raise Unusable(f"key file: `{name[:60]}`: {error}") from None
        key = Key(name, raw[0], raw[1:])
        if key.kind != kind or not NAME.fullmatch(name) or key.id.hex() != key_id:
            raise Unusable(f"key file: `{name[:60]}` is not a key of type {kind} with its id")
        keys.append(key)
    if not keys:
        raise Unusable("key file: no key in it")
    return tuple(keys)


@dataclass(frozen=True)
class Note:
    """Text and its signature lines as (name, key id, bytes)."""

    text: str
    lines: tuple[tuple[str, bytes, bytes], ...]

    def signed_by(self, key: Key) -> bool | None:
        """Whether a plain signature of this key holds; None when there is none."""
        return self._any(key, lambda raw: ed25519_holds(key.public, self.text.encode(), raw))

    def cosigned_at(self, key: Key) -> int | None:
        """The time a cosignature of this key states; Loose when it does not hold."""
        times: list[int] = []

        def holds(raw: bytes) -> bool:
            times.append(int.from_bytes(raw[:8], "big"))
            message = f"cosignature/v1\ntime {times[-1]}\n{self.text}".encode()
            return (
                len(raw) == 72
                and times[-1] < LAST_SECOND
                and ed25519_holds(key.public, message, raw[8:])
            )

        held = self._any(key, holds)
        if held is False:
            raise Loose(f"the cosignature of `{key.name}` does not hold")
        return min(times) if held else None

    def _any(self, key: Key, holds) -> bool | None:
        mine = [raw for name, key_id, raw in self.lines if (name, key_id) == (key.name, key.id)]
        return all(holds(raw) for raw in mine) if mine else None


def read_note(raw: bytes) -> Note:
    """The note in its exact form: line feeds, em dashes and canonical base64 only."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Loose("not UTF-8") from None
    body, blank, signed = text.rpartition("\n\n")
    if not blank or not signed.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Loose("a note is text, an empty line and signature lines")
    lines = []
    for line in signed[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not NAME.fullmatch(parts[1]):
            raise Loose("a signature line reads: em dash, name, base64, one space between")
        signature = exact_base64(parts[2])
        if len(signature) < 5:
            raise Loose("a signature line holds a key id and a signature")
        lines.append((parts[1], signature[:4], signature[4:]))
    if len(lines) > 16:
        raise Loose("more than 16 signature lines")
    return Note(body + "\n", tuple(lines))


def read_head(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise Loose("a checkpoint has three lines")
    if not DECIMAL.fullmatch(lines[1]):
        raise Loose("the size is a plain decimal")
    return lines[0], int(lines[1]), exact_base64(lines[2], 32)


# --- the tree, RFC 6962 ---------------------------------------------------------------------


def above(left: bytes, right: bytes) -> bytes:
    """The hash over two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that keeps only the roots of its complete subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self.stack: list[bytes] = []

    def grow(self, subtree: bytes, level: int = 0) -> None:
        """Put a complete subtree of 2^level leaves at the end."""
        size = self.size >> level
        self.stack.append(subtree)
        while size & 1:
            right = self.stack.pop()
            self.stack[-1] = above(self.stack[-1], right)
            size >>= 1
        self.size += 1 << level

    def root(self) -> bytes:
        """The root over what is there."""
        if not self.stack:
            return hashlib.sha256(b"").digest()
        folded = self.stack[-1]
        for left in self.stack[-2::-1]:
            folded = above(left, folded)
        return folded


def levels(begin: int, end: int) -> list[int]:
    """The levels of the complete subtrees that cover the leaves begin..end-1."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        while begin & (1 << level) - 1:
            level -= 1
        found.append(level)
        begin += 1 << level
    return found


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the path shows the old tree to be the beginning of the new one.

    Source: RFC 9162 section 2.1.4.2.
    """
    if old == 0 or old == new:
        return not path and (old == 0 or old_root == new_root)
    hashes = path if old & (old - 1) else [old_root, *path]
    if not hashes:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_side = new_side = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_side, new_side = above(each, old_side), above(each, new_side)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new_side = above(new_side, each)
        node, last = node >> 1, last >> 1
    return last == 0 and old_side == old_root and new_side == new_root


def proof_length(old: int, new: int) -> int:
    """How many hashes a consistency proof between two sizes has."""
    if old in (0, new):
        return 0
    begin, end, count = 0, new, 0
    while old != end:
        middle = begin + (1 << (end - begin - 1).bit_length() - 1)
        begin, end = (begin, middle) if old <= middle else (middle, end)
        count += 1
    return count + (begin > 0)


# --- the pack -------------------------------------------------------------------------------

REQUIRED = {
    "README.zh.txt", "README.en.txt", "custody.jsonl", "verify.py", "trail/entries.jsonl",
    "trail/range.json", "trail/checkpoint.txt", "trail/anchors.json", "trail/disclosures.jsonl",
}  # fmt: skip
OPTIONAL = re.compile(r"facts/[a-z0-9_]+\.jsonl|files/[0-9a-f]{64}", re.ASCII)
LEVELS = {"full", "pseudonymised", "commitments-only"}
KINDS = {"institution", "grant", "zone"}
SEAL_FILES = {"manifest.json", "manifest.sig"}


@dataclass(frozen=True)
class Range:
    """Where the leaves stand, and what leads from them to the root."""

    begin: int
    end: int
    size: int
    left: list[bytes]
    right: list[bytes]
    proofs: dict[tuple[int, int], list[bytes]]


@dataclass
class Trail:
    """What reading the entries showed."""

    leaves: list[bytes] = field(default_factory=list)
    times: list[tuple[int, datetime, str, int]] = field(default_factory=list)
    sealed: dict[int, set[tuple[str, str]]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    following: dict[str, int] = field(default_factory=dict)
    counted: dict[int, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """A pack that could be read, and the head its signature vouches for."""

    manifest: dict
    range: Range
    trail: Trail
    origin: str
    root: bytes
    note: Note
    anchors: tuple[Note, ...]

    def roots(self, sizes: set[int]) -> dict[int, bytes]:
        """The roots at those of the sizes that the range itself shows."""
        tree, found, known = Tree(), {}, {self.range.size: self.root}
        if sizes <= set(known):
            return known
        for level, each in zip(levels(0, self.range.begin), self.range.left, strict=True):
            tree.grow(each, level)
        for leaf in [None, *self.trail.leaves]:
            if leaf is not None:
                tree.grow(leaf)
            if tree.size in sizes:
                found[tree.size] = tree.root()
        return found | known


def read_pack(raw: bytes, keys: tuple[Key, ...], report: Report) -> Pack:
    """Everything that holds or fails without anchors; raises Stop when reading cannot go on."""
    report.pack["sha256"] = hashlib.sha256(raw).hexdigest()
    files = unpacked(raw, report)
    manifest = _manifest(files)
    origin = manifest["origin"]
    report.pack |= {name: manifest[name] for name in ("pack", "origin", "built_at", "level")}
    report.pack |= {"scope": manifest["scope"], "recipient": manifest["recipient"]}
    _manifest_signature(files, origin, keys, report)
    _file_set(files, manifest, report)
    missing = sorted(REQUIRED - set(files))
    if missing:
        raise Stop("FILE_SET", "missing", missing[0])
    found = _range(files["trail/range.json"], report)
    note, size, root = _checkpoint(files["trail/checkpoint.txt"], origin, keys, report)
    if size != found.size:
        raise Stop("ROOT_MISMATCH", "the range is not one of this checkpoint", "trail/range.json")
    report.range = {"begin": found.begin, "end": found.end, "size": size}
    trail = _entries(files["trail/entries.jsonl"], found, manifest["scope"]["streams"], report)
    _tree(found, trail, root, report)
    opened = _disclosures(files["trail/disclosures.jsonl"], trail, report)
    _streams(manifest["scope"], found, trail, opened, report)
    _period(manifest["scope"], found, trail, report)
    _plain_tables(files, report)
    anchors = _inner_anchors(files["trail/anchors.json"])
    return Pack(manifest, found, trail, origin, root, note, anchors)


def _manifest(files: dict[str, bytes]) -> dict:
    """The manifest in its form."""
    if not set(files) >= SEAL_FILES:
        raise Stop("FILE_SET", "no manifest or no signature over it", "manifest.json")
    try:
        found = shaped(
            exact_json(files["manifest.json"]), v=int, pack=str, origin=str, built_at=str,
            level=str, rules=str, scope=dict, recipient=dict, files=dict,
        )  # fmt: skip
        shaped(found["scope"], kind=str, ref=str, streams=list, begins=str, ends=str)
        shaped(found["recipient"], name=str, legal_basis=str, purpose=str, expires=str)
        instant(found["built_at"])
        streams = found["scope"]["streams"]
        if (
            found["v"] != 1
            or found["level"] not in LEVELS
            or any(type(name) is not str for name in streams)
        ):
            raise Loose("unknown version or level, or streams that are not names")
        if found["scope"]["kind"] not in KINDS:
            raise Loose("unknown kind of scope")
        for day in (found["scope"]["begins"], found["scope"]["ends"]):
            if day and not "1970-01-02" <= day < "9999-12-01":
                raise Loose("the period is out of bounds")
            instant(f"{day or '1970-01-02'}T00:00:00.000000Z")
        if not streams or streams != sorted(set(streams)):
            raise Loose("the streams are not a sorted list of names")
        for name, each in found["files"].items():
            shaped(each, sha256=str, size=int)
            if name not in REQUIRED and not OPTIONAL.fullmatch(name):
                raise Stop("FILE_SET", "no pack has such a file", name)
    except Loose as error:
        code = "NOT_CANONICAL" if "canonical" in str(error) else "MANIFEST"
        raise Stop(code, str(error), "manifest.json") from None
    return found


def _manifest_signature(files, origin: str, keys: tuple[Key, ...], report: Report) -> None:
    """One line, by a key from outside, over the digest of the manifest."""
    name = "manifest.sig"
    try:
        note = read_note(files[name])
    except Loose as error:
        return report.add("SIGNATURE_LINE", str(error), file=name)
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    if note.text != f"{origin}/pack\nsha256:{digest}\n":
        report.add("MANIFEST_SIGNATURE", "signed for another manifest", file=name)
    elif len(note.lines) != 1 or not any(note.signed_by(key) for key in _of(origin, keys)):
        report.add("MANIFEST_SIGNATURE", file=name)
    return None


def _of(origin: str, keys: tuple[Key, ...]) -> list[Key]:
    return [key for key in keys if key.name == origin]


def _file_set(files: dict[str, bytes], manifest: dict, report: Report) -> None:
    """Exactly the listed files, each with its digest; attachments under their own."""
    listed = manifest["files"]
    for name in sorted((set(files) - SEAL_FILES) ^ set(listed)):
        report.add("FILE_SET", "listed but absent" if name in listed else "not listed", file=name)
    for name in sorted(set(files) & set(listed)):
        digest = hashlib.sha256(files[name]).hexdigest()
        named = name.removeprefix("files/") if name.startswith("files/") else digest
        said = listed[name]
        if not (said["sha256"] == digest == named and said["size"] == len(files[name])):
            report.add("FILE_HASH", file=name)


def _hashes(texts: object) -> list[bytes]:
    if type(texts) is not list or any(type(each) is not str for each in texts):
        raise Loose("expected a list of hashes")
    return [exact_base64(each, 32) for each in texts]


def _range(raw: bytes, report: Report) -> Range:
    """Where the leaves stand; every proof has exactly the hashes it needs."""
    name = "trail/range.json"
    try:
        said = shaped(
            exact_json(raw), v=int, begin=int, end=int, size=int, left=list, right=list,
            consistency=list,
        )  # fmt: skip
        begin, end, size = said["begin"], said["end"], said["size"]
        if said["v"] != 1:
            raise Loose("unknown version")
        left, right = _hashes(said["left"]), _hashes(said["right"])
        proofs = {}
        for each in said["consistency"]:
            shaped(each, old=int, new=int, hashes=list)
            proofs[each["old"], each["new"]] = _hashes(each["hashes"])
        if list(proofs) != sorted(proofs) or len(proofs) != len(said["consistency"]):
            raise Loose("the consistency proofs are out of order")
    except Loose as error:
        raise Stop("NOT_CANONICAL", str(error), name) from None
    if not begin < end <= size:
        raise Stop("ROOT_MISMATCH", "the range is empty or outside the tree", name)
    if len(left) != len(levels(0, begin)) or len(right) != len(levels(end, size)):
        report.add("PROOF_LENGTH", "beside the range", file=name)
    for (old, new), path in proofs.items():
        if old > new or len(path) != proof_length(old, new):
            report.add("PROOF_LENGTH", f"from {old} to {new}", file=name)
    return Range(begin, end, size, left, right, proofs)


def _checkpoint(raw: bytes, origin: str, keys: tuple[Key, ...], report: Report):
    """Note, size and root of the pack's own checkpoint."""
    name = "trail/checkpoint.txt"
    try:
        note = read_note(raw)
        said, size, root = read_head(note.text)
    except Loose as error:
        raise Stop("SIGNATURE_LINE", str(error), name) from None
    held = [note.signed_by(key) for key in _of(origin, keys)]
    if said != origin or True not in held or False in held:
        report.add("CHECKPOINT_SIGNATURE", file=name, size=size)
    try:
        _own_times(note, origin, keys)
    except Loose as error:
        report.add("CHECKPOINT_SIGNATURE", str(error), file=name, size=size)
    return note, size, root


def _own_times(note: Note, origin: str, keys: tuple[Key, ...]) -> list[int]:
    """When the log itself dated this head: its own key's cosignatures; Loose for a bad one."""
    clocks = [Key(key.name, COSIGNATURE, key.public) for key in _of(origin, keys)]
    return [at for at in map(note.cosigned_at, clocks) if at is not None]


# --- entries --------------------------------------------------------------------------------

MEMBERS = {"v", "seq", "stream", "stream_seq", "at", "kind", "ref", "actor", "facts"}
LEAF_ONLY = 55
KIND = re.compile(r"[a-z0-9_-]+\.[a-z0-9_-]+", re.ASCII)


def _entries(raw: bytes, found: Range, streams: list[str], report: Report) -> Trail:
    """Walk the lines: hash, form, number, stream number and time of each entry."""
    trail, scope, name = Trail(), set(streams), "trail/entries.jsonl"
    try:
        lines = exact_lines(raw)
    except Loose as error:
        raise Stop("NOT_CANONICAL", str(error), name) from None
    if len(lines) != found.end - found.begin:
        report.add("SEQ", f"{len(lines)} lines for {found.end - found.begin} entries", file=name)
    latest = None
    shift = 0
    for at, line in enumerate(lines, found.begin):
        try:
            body = _leaf(line, at, trail, report)
            entry = None if body is None else _entry(body)
        except Loose as error:
            code = "ENTRY" if isinstance(error, _Form) else "NOT_CANONICAL"
            report.add(code, str(error), seq=at, **_unread(line, scope, trail))
            continue
        if entry is None:
            continue
        place = {"seq": at, "stream": entry["stream"], "stream_seq": entry["stream_seq"]}
        if entry["seq"] != at + shift:
            report.add("SEQ", f"entry {entry['seq']} stands in place of {at}", **place)
            shift = entry["seq"] - at
        latest = _one_entry(entry, place, scope, trail, latest, report)
    return trail


class _Form(Loose):
    """Canonical, but not an entry."""


PLACE = re.compile(rb'"stream":"([^"\\]{1,80})","stream_seq":([0-9]{1,15})')


def _claimed(line: bytes) -> dict:
    """Stream and number a line claims for itself, only to say where something is broken."""
    claims = PLACE.findall(line)
    if not claims:
        return {}
    return {"stream": claims[-1][0].decode("latin-1"), "stream_seq": int(claims[-1][1])}


def _unread(line: bytes, scope: set[str], trail: Trail) -> dict:
    """Where an unreadable entry belongs: what it claims, else what its only stream awaits."""
    place = _claimed(line)
    if place.get("stream") not in scope:
        if len(scope) != 1:
            return place
        (stream,) = scope
        place = {"stream": stream, "stream_seq": trail.following.get(stream, 0)}
    trail.first.setdefault(place["stream"], place["stream_seq"])
    trail.following[place["stream"]] = place["stream_seq"] + 1
    return place


def _leaf(line: bytes, at: int, trail: Trail, report: Report) -> bytes | None:
    """Keep the leaf of a line and return its body, if it shows one.

    The leaf that goes into the tree is made from the body wherever there is one.
    """
    body, tail = line[8:-LEAF_ONLY], line[-LEAF_ONLY:]
    if len(line) == LEAF_ONLY and line.startswith(b'{"leaf":"') and line.endswith(b'"}'):
        trail.leaves.append(b"")
        trail.leaves[-1] = exact_base64(line[9:53].decode("latin-1"), 32)
        return None
    made = hashlib.sha256(b"\x00" + body).digest()
    trail.leaves.append(made)
    if not line.startswith(b'{"body":') or not body:
        raise Loose("a line is a body with its leaf, or a leaf")
    if tail != b',"leaf":"' + binascii.b2a_base64(made, newline=False) + b'"}':
        report.add("ENTRY_HASH", seq=at, **_claimed(body))
    return body


def _entry(body: bytes) -> dict:
    """The entry in its form."""
    said = exact_json(body)
    if type(said) is not dict or set(said) - {"sd"} != MEMBERS:
        raise _Form("not the members of an entry")
    texts = type(said["stream"]) is type(said["kind"]) is type(said["ref"]) is str
    if not texts or type(said["seq"]) is not int or type(said["stream_seq"]) is not int:
        raise _Form("a member has another type")
    if said["v"] != 1 or said["stream_seq"] < 0 or not KIND.fullmatch(said["kind"]):
        raise _Form("unknown version, number or kind")
    if type(said["facts"]) is not dict or type(said["actor"]) is not dict:
        raise _Form("facts or actor is not an object")
    if set(said["actor"]) - {"on_behalf_of"} != {"account", "person", "capacity"}:
        raise _Form("not the members of an actor")
    try:
        said["at"] = instant(said["at"])
    except Loose as error:
        raise _Form(str(error)) from None
    return said


def _one_entry(entry, place, scope, trail: Trail, latest, report: Report):
    """Stream order, commitments and time of one entry; returns the latest time so far."""
    stream, number = entry["stream"], entry["stream_seq"]
    counts = entry["kind"] == STREAMS_ENTRY
    if stream in scope:
        expected = trail.following.get(stream, number)
        if number != expected:
            report.add("STREAM_GAP", f"number {number} follows {expected - 1}", **place)
        trail.first.setdefault(stream, number)
        trail.following[stream] = number + 1
    elif not counts:
        report.add("ENTRY", "of a stream the pack is not about", **place)
    try:
        if counts:
            trail.counted[place["seq"]] = _totals(entry, place["seq"])
        if "sd" in entry:
            trail.sealed[place["seq"]] = _commitments(entry["sd"])
    except Loose as error:
        report.add("ENTRY", str(error), **place)
    if latest and entry["at"] < latest - SLACK:
        report.add("CLOCK_BACKDATED", "dated before an earlier entry", **place)
    trail.times.append((place["seq"], entry["at"], stream, number))
    return max(latest or entry["at"], entry["at"])


def _totals(entry: dict, seq: int) -> set[str]:
    """The committed counts of a streams entry, which cover the entries before it."""
    facts = shaped(entry["facts"], size=int, totals=list)
    _hashes(facts["totals"])
    if entry["stream"] != "system" or facts["size"] != seq:
        raise Loose("a streams entry counts what stands before it, in the system stream")
    if facts["totals"] != sorted(set(facts["totals"])):
        raise Loose("the totals are not sorted")
    return set(facts["totals"])


def _commitments(sealed: object) -> set[tuple[str, str]]:
    if type(sealed) is not dict or not sealed:
        raise Loose("the commitments are not an object")
    _hashes(list(sealed.values()))
    return set(sealed.items())


# --- tree, disclosures, completeness --------------------------------------------------------


def _tree(found: Range, trail: Trail, root: bytes, report: Report) -> None:
    """The range, between its neighbours, gives the signed root."""
    tree = Tree()
    parts = [*zip(levels(0, found.begin), found.left, strict=False)]
    parts += [(0, leaf) for leaf in trail.leaves]
    parts += zip(levels(found.end, found.size), found.right, strict=False)
    for level, each in parts:
        if tree.size & (1 << level) - 1:
            break
        tree.grow(each, level)
    if tree.size != found.size or not hmac.compare_digest(tree.root(), root):
        report.add("ROOT_MISMATCH", size=found.size)


def _disclosures(raw: bytes, trail: Trail, report: Report) -> dict[tuple[int, str], str]:
    """Opened values fit their commitments; returns the opened stream counts."""
    name, opened = "trail/disclosures.jsonl", {}
    try:
        rows = [_disclosure(exact_json(line)) for line in exact_lines(raw)]
        places = [(row["seq"], row["name"]) for row in rows]
        if places != sorted(set(places)):
            raise Loose("out of order or there twice")
    except Loose as error:
        report.add("NOT_CANONICAL", str(error), file=name)
        return {}
    for row in rows:
        seq, label = row["seq"], row["name"]
        made = _commitment(row)
        if "salt" in row and made in trail.counted.get(seq, ()):
            opened[seq, label] = row["value"]
        elif not any(
            label == known and made in (None, sealed) for known, sealed in trail.sealed.get(seq, ())
        ):
            report.add("DISCLOSURE", f"`{label}`", seq=seq, file=name)
    return opened


def _disclosure(row: object) -> dict:
    """An opened value, or the pseudonym that stands for one."""
    if type(row) is dict and "pseudonym" in row:
        return shaped(row, seq=int, name=str, pseudonym=str)
    return shaped(row, seq=int, name=str, salt=str, value=str)


def _commitment(row: dict) -> str | None:
    """What the entry should hold for this row; a pseudonym opens nothing."""
    if "salt" not in row:
        return None
    text = _ENCODE([row["salt"], row["name"], row["value"]]).encode()
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def _streams(scope: dict, found: Range, trail: Trail, opened: dict, report: Report) -> None:
    """Each stream is whole: it starts where it was counted and ends where it was counted."""
    end = found.end - 1
    for at in {end, found.begin} if found.begin else {end}:
        if at not in trail.counted:
            report.add("STREAM_COUNT", "the range is not bounded by counts", seq=at)
    for stream in scope["streams"]:
        before = opened.get((found.begin, stream)) if found.begin else None
        first = trail.first.get(stream)
        if first is None and before is not None:
            first = int(before) if DECIMAL.fullmatch(before) else None
        if first != 0 and str(first) != before:
            report.add("STREAM_COUNT", "at the start", stream=stream, stream_seq=first)
        after = trail.following.get(stream, first)
        if stream == "system" and after is not None:
            after -= 1
        if after is None or opened.get((end, stream)) != str(after):
            report.add("STREAM_COUNT", "at the end", stream=stream, stream_seq=after)
    if scope["kind"] == "zone" and len(trail.counted.get(end, ())) != len(scope["streams"]):
        report.add("STREAM_COUNT", "the zone has other streams than these", seq=end)


def _period(scope: dict, found: Range, trail: Trail, report: Report) -> None:
    """The range leaves out nothing of the days it is for, counted in UTC+8.

    It begins at the first entry or at a count not after the first day's start, and ends at the
    newest entry or with a count not before the last day's end.
    """
    times = {seq: at for seq, at, _, _ in (*trail.times[:1], *trail.times[-1:])}
    begin, end = times.get(found.begin), times.get(found.end - 1)
    if found.begin and not (begin and scope["begins"] and begin <= _midnight(scope["begins"])):
        report.add("PERIOD", "begins too late", seq=found.begin)
    if found.end < found.size:
        if not (end and scope["ends"] and end >= _midnight(scope["ends"]) + timedelta(days=1)):
            report.add("PERIOD", "ends too early", seq=found.end - 1)


def _midnight(day: str) -> datetime:
    """The first instant of a day in UTC+8."""
    return instant(f"{day}T00:00:00.000000Z") - timedelta(hours=8)


def _plain_tables(files: dict[str, bytes], report: Report) -> None:
    """Tables and custody are canonical, line by line."""
    for name in sorted(files):
        if name == "custody.jsonl" or name.startswith("facts/"):
            try:
                for line in exact_lines(files[name]):
                    exact_json(line)
            except Loose as error:
                report.add("NOT_CANONICAL", str(error), file=name)


def _inner_anchors(raw: bytes) -> tuple[Note, ...]:
    """The notes the pack brings along; they count only with a witness trusted from outside."""
    name = "trail/anchors.json"
    try:
        said = shaped(exact_json(raw), v=int, notes=list)
        if any(type(each) is not str for each in said["notes"]):
            raise Loose("a note is text")
    except Loose as error:
        raise Stop("NOT_CANONICAL", str(error), name) from None
    try:
        return tuple(read_note(each.encode()) for each in said["notes"])
    except Loose as error:
        raise Stop("SIGNATURE_LINE", str(error), name) from None


# --- anchors --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Anchor:
    """A tree head known from outside, who vouches for it, and when it was seen.

    ``signed_at`` is when the log itself dated it, ``seen_at`` when the earliest witness did.
    """

    name: str
    size: int
    root: bytes
    signed_at: int | None = None
    seen_at: int | None = None
    proofs: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)
    pack: Pack | None = None


def _dated(note: Note, origin: str, keys, witnesses, name: str, **more) -> Anchor | None:
    """The anchor behind a note, or None when no given key signed it; Loose for a bad line."""
    said, size, root = read_head(note.text)
    if said != origin:
        return None
    held = [note.signed_by(key) for key in _of(origin, keys)]
    if False in held:
        raise Loose("the signature of the log does not hold")
    own = _own_times(note, origin, keys)
    seen = [(note.cosigned_at(key), key.name) for key in witnesses]
    seen = sorted((at, who) for at, who in seen if at is not None)
    if True not in held and not seen:
        return None
    who = f"{name}, {seen[0][1]}" if seen else name
    return Anchor(who, size, root, min(own, default=None), seen[0][0] if seen else None, **more)


def read_anchor(name: str, raw: bytes, origin: str, keys, witnesses) -> Anchor:
    """What the auditor holds: a checkpoint, a checkpoint with a proof, or another pack."""
    try:
        if raw.startswith(b"PK"):
            return _pack_anchor(name, raw, origin, keys, witnesses)
        proofs, note = {}, raw
        if raw.startswith(b"old "):
            head, _, note = raw.partition(b"\n\n")
            first, *hashes = head.decode("ascii").split("\n")
            old = int(first.removeprefix("old "))
            proofs[old, read_head(read_note(note).text)[1]] = _hashes(hashes)
        found = _dated(read_note(note), origin, keys, witnesses, name, proofs=proofs)
    except ValueError as error:
        raise Unusable(f"anchor {name}: {error}") from None
    if found is None:
        raise Unusable(f"anchor {name}: of another log, or signed by no key that was given")
    return found


def _brought(note: Note, origin: str, keys, witnesses) -> Anchor | None:
    """A note the pack brings along, as an anchor only if a trusted witness signed it."""
    name = "trail/anchors.json"
    try:
        found = _dated(note, origin, keys, witnesses, name)
    except Loose as error:
        raise Stop("CHECKPOINT_SIGNATURE", str(error), name) from None
    return found if found and found.seen_at is not None else None


def _pack_anchor(name: str, raw: bytes, origin: str, keys, witnesses) -> Anchor:
    """Another pack, sound in itself, as an anchor."""
    report = Report()
    try:
        pack = read_pack(raw, keys, report)
    except Stop as stop:
        raise Unusable(f"anchor {name}: {stop.finding.code}: {stop}") from None
    if report.findings or pack.origin != origin:
        codes = ", ".join(sorted(report.codes)) or "of another log"
        raise Unusable(f"anchor {name}: this pack does not hold itself: {codes}")
    found = _dated(pack.note, origin, keys, witnesses, name, proofs=pack.range.proofs, pack=pack)
    return found or Anchor(name, pack.range.size, pack.root, pack=pack)


def _weigh(pack: Pack, anchors: list[Anchor], report: Report) -> None:
    """Hold the pack against every anchor; the newest that holds is what it is anchored to."""
    roots = {pack.range.size: pack.root}
    if not report.codes & {"ROOT_MISMATCH", "PROOF_LENGTH"}:
        roots = pack.roots({each.size for each in anchors})
    for anchor in anchors:
        code = _against(pack, roots, anchor)
        if code in ("FORK", "REWIND"):
            report.add(code, anchor.name, size=anchor.size)
        elif code:
            report.notes.append(Finding(code, anchor.name, size=anchor.size))
        else:
            _brackets(pack, anchor, report)
            if not report.anchored or anchor.size > report.anchored["size"]:
                at = anchor.seen_at if anchor.seen_at is not None else anchor.signed_at
                report.anchored = {"size": anchor.size, "by": anchor.name, "at": _utc(at)}


def _against(pack: Pack, roots: dict[int, bytes], anchor: Anchor) -> str | None:
    """None when pack and anchor are of one history, else the code that says what is wrong."""
    size, known = pack.range.size, anchor.size
    if known in roots:
        return None if hmac.compare_digest(roots[known], anchor.root) else "FORK"
    if anchor.pack:
        theirs = anchor.pack.roots({size})
        if size in theirs:
            return None if hmac.compare_digest(theirs[size], pack.root) else "FORK"
    ends = ((known, anchor.root), (size, pack.root))
    (old, old_root), (new, new_root) = sorted(ends, key=lambda end: end[0])
    path = pack.range.proofs.get((old, new), anchor.proofs.get((old, new)))
    if path is not None:
        return None if consistent(old, new, old_root, new_root, path) else "FORK"
    if known < size:
        return "ANCHOR_UNPROVEN"
    shown = anchor.signed_at if anchor.signed_at is not None else anchor.seen_at
    built = int(instant(pack.manifest["built_at"]).timestamp())
    return "REWIND" if shown is None or shown < built else "ANCHOR_NEWER"


def _brackets(pack: Pack, anchor: Anchor, report: Report) -> None:
    """Entries inside an anchor are not later than it, entries after it not earlier.

    A witness may answer long after the log grew on, so the lower bound is the log's own date of
    that head where it stands, and the witness's time only where it does not.
    """
    after = anchor.signed_at if anchor.signed_at is not None else anchor.seen_at
    until = anchor.seen_at if anchor.seen_at is not None else anchor.signed_at
    if after is None or until is None:
        return
    earliest = datetime.fromtimestamp(after, UTC) - SLACK
    newest = datetime.fromtimestamp(until, UTC) + SLACK
    for seq, at, stream, number in pack.trail.times:
        place = {"seq": seq, "stream": stream, "stream_seq": number, "size": anchor.size}
        if seq < anchor.size and at > newest:
            report.add("CLOCK_FUTURE", anchor.name, **place)
        elif seq >= anchor.size and at < earliest:
            report.add("CLOCK_BACKDATED", anchor.name, **place)


def _utc(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- the whole ------------------------------------------------------------------------------


def verify(
    raw: bytes,
    keys: tuple[Key, ...],
    anchors: dict[str, bytes] | None = None,
    witnesses: tuple[Key, ...] = (),
) -> Report:
    """The report on a pack; raises Unusable when an anchor handed in cannot be used."""
    report = Report()
    try:
        pack = read_pack(raw, keys, report)
        held = [
            read_anchor(name, each, pack.origin, keys, witnesses)
            for name, each in (anchors or {}).items()
        ]
        for note in pack.anchors:
            found = _brought(note, pack.origin, keys, witnesses)
            held += [found] if found else []
        _weigh(pack, held, report)
    except Stop as stop:
        report.findings.append(stop.finding)
    if report.anchored and report.range and report.anchored["size"] < report.range["end"]:
        report.notes.append(
            Finding("ANCHOR_SHORT", report.anchored["by"], size=report.anchored["size"])
        )
    return report


def _place(found: Finding) -> str:
    """Where a finding is, in words both languages share."""
    parts = [
        f"{name}={value}"
        for name, value in asdict(found).items()
        if name not in ("code", "detail") and value is not None
    ]
    return " ".join([*parts, f"({found.detail})" if found.detail else ""]).strip()


def as_text(report: Report) -> str:
    """The report for people, each statement in Chinese and English."""
    lines = [f"{report.verdict}: {' / '.join(WORDS[report.verdict])}"]
    if report.range:
        begin, end, size = (report.range[name] for name in ("begin", "end", "size"))
        lines.append(f"范围 / range: {begin}..{end - 1}，日志大小 / log size: {size}")
    if report.anchored:
        at = report.anchored["at"] or "时间未知 / time unknown"
        lines.append(f"锚定 / anchored: {report.anchored['size']}，{at}，{report.anchored['by']}")
    else:
        lines.append("锚定 / anchored: 无 / none")
    for found in [*report.findings, *report.notes]:
        zh, en = WORDS[found.code]
        lines.append(f"  {found.code} {_place(found)}\n      {zh} / {en}")
    for code, number in sorted(report.more.items()):
        lines.append(f"  {code} 另有 / and {number} 处 / more")
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The report for machines."""
    told = asdict(report) | {"verdict": report.verdict, "exit": EXIT[report.verdict]}
    for found in [*told["findings"], *told["notes"]]:
        found["zh"], found["en"] = WORDS[found["code"]]
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)


def _read(path: str) -> bytes:
    try:
        if os.stat(path).st_size > MAX_BYTES + 2**20:
            raise Unusable(f"{path}: larger than 200 MiB; not read")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None


def _keys(paths: list[str], kind: int) -> tuple[Key, ...]:
    found: list[Key] = []
    for path in paths:
        try:
            found += read_keys(_read(path).decode("utf-8"), kind)
        except UnicodeDecodeError:
            raise Unusable(f"{path}: not a key file; keys come from outside the pack") from None
    return tuple(found)


def main(argv: list[str] | None = None) -> int:
    """Verify one pack from the command line; the exit code is the verdict."""
    parser = argparse.ArgumentParser(
        prog="verify", description="离线核验证据包 / verify an evidence pack offline"
    )
    parser.add_argument("pack", metavar="PACK")
    parser.add_argument("--key", action="append", required=True, metavar="FILE")
    parser.add_argument("--anchor", action="append", default=[], metavar="FILE")
    parser.add_argument("--witness-key", action="append", default=[], metavar="FILE")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    try:
        keys, witnesses = _keys(given.key, PLAIN), _keys(given.witness_key, COSIGNATURE)
        held = {path: _read(path) for path in given.anchor}
        report = verify(_read(given.pack), keys, held, witnesses)
    except Unusable as error:
        print(f"无法核验 / cannot verify: {error}", file=sys.stderr)
        return UNUSABLE
    print(as_json(report) if given.json else as_text(report))
    return EXIT[report.verdict]


if __name__ == "__main__":
    sys.exit(main())
