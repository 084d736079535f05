"""The tree over the trail: leaves, frontier, root and proofs, as pure functions on bytes.

One Merkle tree and no second structure, so there is one truth. Nothing here reads a clock, a
file or a database; a caller that needs many hashes hands in a function that returns them.

Source: RFC 6962 section 2.1.
"""

import hashlib
from collections.abc import Callable

HASH_BYTES = 32
MAX_FRONTIER = 64
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""The hash of the complete subtree at (level, index); level 0 is the leaves."""


def leaf(body: bytes) -> bytes:
    """The hash of one entry's body; the prefix keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash above two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(frontier: list[bytes], size: int, leaf: bytes) -> list[bytes]:
    """The frontier after one more leaf; ``size`` is the number of leaves before it.

    The frontier holds the roots of the complete subtrees, the largest first: one hash for each
    bit set in the size, hence never more than 64.
    """
    _frontier_fits(frontier, size)
    grown = [*frontier, leaf]
    while size & 1:
        right = grown.pop()
        grown[-1] = node(grown[-1], right)
        size >>= 1
    return grown


def root(frontier: list[bytes], size: int) -> bytes:
    """The root of a tree of ``size`` leaves with this frontier."""
    _frontier_fits(frontier, size)
    if not frontier:
        return EMPTY_ROOT
    folded = frontier[-1]
    for left in reversed(frontier[:-1]):
        folded = node(left, folded)
    return folded


def _frontier_fits(frontier: list[bytes], size: int) -> None:
    """Refuse a frontier that cannot belong to a tree of this size."""
    if not 0 <= size < 1 << MAX_FRONTIER or len(frontier) != size.bit_count():
        raise ValueError(f"a frontier of {len(frontier)} hashes does not fit a tree of {size}")
