"""The end of a batch: its decisions grow the tree and are indexed, and the transaction ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec

from app.store.batch import Batch
from app.store.bodies import packed
from app.store.sealing import sealed_bytes
from app.store.trail import Head, seal_at
from audit.trail import leaf, push_all

# The same bytes as `trail.append` gives, put together around facts that are canonical already; a
# test holds them equal.
OPENING = b'{"actor":{"account":"pdp","capacity":"SYSTEM","person":"system"},"at":%b,"facts":'
ENTRY = b'%b%b,"kind":%b,"ref":%b,"seq":%d,"stream":%b,"stream_seq":%d,"v":1}'
PART = 256  # lines made and written at once: what is at work stays in a processor's cache
quoted = lru_cache(4096)(sealed_bytes)  # of kinds and streams, which come again and again


class Line(msgspec.Struct, frozen=True, gc=False):
    """One decision ready to be sealed: canonical facts, and the index columns after `seq`."""

    permits: bool
    epoch: int
    kind: str
    ref: str
    stream: str
    facts: bytes
    index: tuple


def append_lines(batch: Batch, head: Head, counts: Mapping[str, int], lines: Sequence[Line],
                 at: datetime) -> None:
    """Grow the tree by these decisions, index them and commit, under the lock the caller holds.

    `counts` says how many entries the streams hold, of those that are known.
    """
    sealed_at = seal_at(head, at)
    opening = OPENING % sealed_bytes(sealed_at)
    streams = dict(counts)
    uncounted = {line.stream for line in lines} - streams.keys()
    if uncounted:
        streams |= batch.counts(uncounted)
    leaves: list[bytes] = []
    with batch.together():
        for begin in range(0, len(lines), PART):
            bodies, entries, indexed = [], [], []
            for seq, line in enumerate(lines[begin:begin + PART], head.size + begin):
                stream = line.stream
                stream_seq = streams[stream]
                streams[stream] = stream_seq + 1
                body = ENTRY % (opening, line.facts, quoted(line.kind), sealed_bytes(line.ref), seq,
                                quoted(stream), stream_seq)
                hashed = leaf(body)
                bodies.append(body)
                leaves.append(hashed)
                entries.append((seq, stream, stream_seq, line.kind, line.ref, sealed_at, hashed))
                indexed.append((seq, *line.index))
            batch.insert_entries([(*entry, frame) for entry, frame in
                                  zip(entries, packed(bodies), strict=True)])
            batch.insert_decisions(indexed)
        batch.save_streams(streams)
        batch.commit(head.size + len(lines), push_all(list(head.frontier), head.size, leaves),
                     sealed_at)
