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


def push_all(frontier: list[bytes], size: int, leaves: list[bytes]) -> list[bytes]:
    """The frontier after these leaves, as `push` gives it one after another."""
    _frontier_fits(frontier, size)
    before, row, after = list(frontier), leaves, []
    while row:
        if size & 1:
            row = [before.pop(), *row]
        if len(row) & 1:
            after.append(row[-1])
        row = [node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        size >>= 1
    return before + after[::-1]


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


def spans(begin: int, end: int) -> list[tuple[int, int]]:
    """The fewest complete subtrees, as (level, index), that cover the leaves begin..end-1."""
    found = []
    while begin < end:
        aligned = (begin & -begin).bit_length() - 1 if begin else MAX_FRONTIER
        level = min(aligned, (end - begin).bit_length() - 1)
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def stored(leaves: list[bytes]) -> Node:
    """A node function over leaves held in memory; every complete subtree is hashed once."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])
    return lambda level, index: levels[level][index]


def frontier(size: int, at: Node) -> list[bytes]:
    """The frontier of the first ``size`` leaves."""
    return [at(level, index) for level, index in spans(0, size)]


def inclusion(index: int, size: int, at: Node) -> list[bytes]:
    """The hashes that lead from leaf ``index`` up to the root of ``size`` leaves, lowest first.

    Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_subtree(middle, end, at))
            end = middle
        else:
            path.append(_subtree(begin, middle, at))
            begin = middle
    return path[::-1]


def consistency(old: int, new: int, at: Node) -> list[bytes]:
    """The hashes that show the first ``old`` of ``new`` leaves to be what they were.

    Source: RFC 6962 section 2.1.2.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not follow one of {old}")
    if old in (0, new):
        return []
    path, begin, end = [], 0, new
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_subtree(middle, end, at))
            end = middle
        else:
            path.append(_subtree(begin, middle, at))
            begin = middle
    if begin:
        path.append(_subtree(begin, end, at))
    return path[::-1]


def surroundings(begin: int, end: int, size: int, at: Node) -> tuple[list[bytes], list[bytes]]:
    """What a holder of the leaves begin..end-1 needs from either side to reach the root."""
    if not 0 <= begin < end <= size:
        raise ValueError(f"the range {begin}..{end} is not in a tree of {size}")
    return (
        [at(level, index) for level, index in spans(0, begin)],
        [at(level, index) for level, index in spans(end, size)],
    )


def root_of_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion path leads to; ValueError when its length does not fit."""
    begin, end, rights = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        rights.append(index < middle)
        begin, end = (begin, middle) if index < middle else (middle, end)
    if not 0 <= index < size or len(rights) != len(path):
        raise ValueError(f"{len(path)} hashes do not lead from entry {index} to a tree of {size}")
    reached = leaf
    for on_the_right, beside in zip(reversed(rights), path, strict=True):
        reached = node(reached, beside) if on_the_right else node(beside, reached)
    return reached


def _split(width: int) -> int:
    """The largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1


def _subtree(begin: int, end: int, at: Node) -> bytes:
    """The hash over the leaves begin..end-1 of one subtree of the recursion."""
    hashes = [at(level, index) for level, index in spans(begin, end)]
    folded = hashes.pop()
    while hashes:
        folded = node(hashes.pop(), folded)
    return folded
