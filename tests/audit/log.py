"""A small log for tests: it seals, counts, signs and packs as the house does, with a fixed key.

`opened` and `resealed` are the attacker's tools: take a pack apart, put it together again and,
where the attacker holds the live key, sign what was changed.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import note, pack, trail, verify
from audit.canonical import canonical, commitment

ORIGIN = "hufu.example/zone"
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BANK, INSURER = "inst/b1", "inst/i1"


class Signer:
    """An Ed25519 key under a name."""

    def __init__(self, name: str = ORIGIN, seed: int = 1) -> None:
        self.secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self.secret.public_key().public_bytes_raw()
        self.key = note.Key(name, note.ED25519, self.public)
        self.clock = note.Key(name, note.COSIGNATURE, self.public)

    def sign(self, message: bytes) -> bytes:
        return self.secret.sign(message)

    def trusted(self, kind: int = verify.PLAIN) -> tuple[verify.Key, ...]:
        """The key as an auditor holds it."""
        key = self.key if kind == verify.PLAIN else self.clock
        return verify.read_keys(key.text() + "\n", kind)


SERVER = Signer()
WITNESS = Signer("regulator.example/w1", 7)


def text_of(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Log:
    """Entries as sealed, and what is kept beside them."""

    signer: Signer = SERVER
    at: datetime = START
    bodies: list[bytes] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    private: list[pack.Private] = field(default_factory=list)
    totals: list[pack.Private] = field(default_factory=list)

    def copy(self, size: int | None = None) -> "Log":
        """The log as it was at a size."""
        kept = self.bodies[:size]
        counts: dict[str, int] = {}
        for body in kept:
            said = json.loads(body)
            counts[said["stream"]] = said["stream_seq"] + 1
        ours = [each for each in self.private if each.seq < len(kept)]
        totals = [each for each in self.totals if each.seq < len(kept)]
        return replace(self, bodies=list(kept), counts=counts, private=ours, totals=totals)

    def add(self, stream: str, kind: str = "grant.issue", private=None, facts=None, at=None) -> int:
        """Seal one entry a second later; returns its number."""
        self.at += timedelta(seconds=1)
        seq, number = len(self.bodies), self.counts.get(stream, 0)
        body = {
            "v": 1, "seq": seq, "stream": stream, "stream_seq": number,
            "at": text_of(at or self.at), "kind": kind, "ref": f"grant/{seq}",
            "actor": {"account": "a1", "person": "p1", "capacity": "SELF"}, "facts": facts or {},
        }  # fmt: skip
        hidden = [
            pack.Private(seq, name, f"{seq:032x}", value) for name, value in (private or {}).items()
        ]
        if hidden:
            body["sd"] = {one.name: commitment(one.salt, one.name, one.value) for one in hidden}
        self.private += hidden
        self.bodies.append(canonical(body))
        self.counts[stream] = number + 1
        return seq

    def count(self) -> int:
        """Seal the stream totals; returns the size of the tree after them."""
        seq = len(self.bodies)
        opened = [
            pack.Private(seq, stream, f"{seq:016x}{index:016x}", str(number))
            for index, (stream, number) in enumerate(sorted(self.counts.items()))
        ]
        totals = sorted(commitment(each.salt, each.name, each.value) for each in opened)
        self.totals += opened
        return self.add("system", "trail.streams", facts={"size": seq, "totals": totals}) + 1

    def node(self) -> trail.Node:
        return trail.stored([trail.leaf(body) for body in self.bodies])

    def head(self, size: int | None = None) -> note.Checkpoint:
        size = len(self.bodies) if size is None else size
        return note.Checkpoint(
            ORIGIN, size, trail.root(trail.frontier(size, self.node()), size)
        )

    def checkpoint(self, size: int | None = None, at: datetime | None = None, *more: Signer) -> str:
        """The signed head at a size, dated by the log itself."""
        text = self.head(size).text()
        seconds = int((at or self.at).timestamp())
        lines = [note.sign_note(text, each.key, each.sign) for each in (self.signer, *more)]
        lines.append(note.cosign(text, seconds, self.signer.clock, self.signer.sign))
        return str(note.Note(text, tuple(lines)))

    def consistency(self, old: int, new: int) -> pack.Proof:
        return pack.Proof(old, new, tuple(trail.consistency(old, new, self.node())))


def cosigned(checkpoint: str, at: datetime, witness: Signer = WITNESS) -> str:
    """The checkpoint with a witness's line under it."""
    text = note.parse_note(checkpoint).text
    return checkpoint + note.cosign(text, int(at.timestamp()), witness.clock, witness.sign).line()


def zone(entries: int = 12) -> Log:
    """A log with two institutions, three counts and some private values."""
    log = Log()
    log.add("system", "zone.found")
    for index in range(entries):
        log.add(BANK, private={"name": f"王{index}"} if index % 3 == 0 else None)
        log.add(INSURER)
        if index in (entries // 3, 2 * entries // 3):
            log.count()
    log.count()
    return log


def described(log: Log, streams=(BANK,), begin: int = 0, end: int | None = None, **more):
    """The input of a pack over begin..end of the whole log."""
    size = len(log.bodies)
    end = size if end is None else end
    leaves = [trail.leaf(body) for body in log.bodies]
    left, right = trail.surroundings(begin, end, size, trail.stored(leaves))
    proofs = more.pop("proofs", ())
    bounds = {begin, end - 1}
    shown = [
        pack.Line(leaf, body if _own(body, streams) or at in bounds and _counts(body) else None)
        for at, (leaf, body) in enumerate(zip(leaves, log.bodies, strict=True))
    ]
    given = pack.PackInput(
        pack="0192f000-0000-7000-8000-000000000001",
        origin=ORIGIN,
        scope=pack.Scope(
            "institution", "INST-0001", tuple(streams),
            "2026-11-23" if begin else "2026-11-01", "2026-11-21" if end < size else "2026-11-30",
        ),
        recipient=pack.Recipient("市数据局", "数据安全法", "年度审计", "2027-11-30"),
        level=pack.COMMITMENTS_ONLY,
        built_at=text_of(log.at + timedelta(seconds=5)),
        range=pack.Range(begin, size, tuple(shown[begin:end]), tuple(left), tuple(right), proofs),
        checkpoint=log.checkpoint(),
        totals=tuple(
            each for each in log.totals if each.seq in bounds and each.name in streams
        ),
        private=tuple(
            each for each in log.private
            if begin <= each.seq < end and _own(log.bodies[each.seq], streams)
        ),
        tables={"grants": [{"number": "GR-2026-000001", "holder": "王0", "state": "ACTIVE"}]},
        personal={"grants": ("holder",)},
        files=(b"%PDF-1.7 a contract",),
        custody=({"what": "requested", "by": "p1", "at": text_of(log.at)},),
    )
    return replace(given, **more)


def _own(body: bytes, streams) -> bool:
    return json.loads(body)["stream"] in streams


def _counts(body: bytes) -> bool:
    return json.loads(body)["kind"] == "trail.streams"


def packed(log: Log, **more) -> bytes:
    """A pack signed by the log's own key."""
    return pack.build(described(log, **more), log.signer.key, log.signer.sign)


def opened(raw: bytes) -> dict[str, bytes]:
    """The files of a pack."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def resealed(files: dict[str, bytes], signer: Signer = SERVER, listed: bool = True) -> bytes:
    """The files with a manifest that fits them again, signed by whoever holds a key."""
    manifest = json.loads(files["manifest.json"])
    if listed:
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in files.items()
            if not name.startswith("manifest.")
        }
    raw = canonical(manifest)
    seal = f"{ORIGIN}/pack\nsha256:{hashlib.sha256(raw).hexdigest()}\n"
    line = note.sign_note(seal, signer.key, signer.sign).line()
    return pack.archive(
        {**files, "manifest.json": raw, "manifest.sig": (seal + "\n" + line).encode()}
    )


def report(raw: bytes, anchors=None, witnesses=(), signer: Signer = SERVER) -> verify.Report:
    """What the verifier says, with the server's key and the anchors by name."""
    held = {
        name: each if isinstance(each, bytes) else each.encode()
        for name, each in (anchors or {}).items()
    }
    return verify.verify(raw, signer.trusted(), held, tuple(witnesses))
