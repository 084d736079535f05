"""The tree against RFC 6962: published vectors, the recursive definition, every small size."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import trail, verify

# Inputs and roots of the Certificate Transparency reference implementation.
INPUTS = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [trail.leaf(b"entry %d" % index) for index in range(66)]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    both = by_definition(leaves[:split]) + by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + both).digest()


def grown(leaves: list[bytes]) -> list[bytes]:
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaves):
        frontier = trail.push(frontier, size, leaf)
    return frontier


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size):
    leaves = [trail.leaf(each) for each in INPUTS[:size]]
    assert trail.root(grown(leaves), size).hex() == ROOTS[size - 1]


def test_published_inclusion_and_consistency():
    at = trail.stored([trail.leaf(each) for each in INPUTS])
    assert [each.hex()[:8] for each in trail.inclusion(5, 8, at)] == [
        "bc1a0643", "ca854ea1", "d37ee418"]  # fmt: skip
    assert [each.hex()[:8] for each in trail.consistency(6, 8, at)] == [
        "0ebc5d34", "ca854ea1", "d37ee418"]  # fmt: skip


def test_the_empty_tree_has_the_hash_of_nothing():
    assert trail.root([], 0) == hashlib.sha256(b"").digest() == verify.Tree().root()


@pytest.mark.parametrize("size", range(1, 66))
def test_frontier_root_and_every_proof_of_this_size(size):
    leaves = LEAVES[:size]
    at, root = trail.stored(leaves), by_definition(leaves)
    assert grown(leaves) == trail.frontier(size, at)
    for before in range(size + 1):
        assert trail.push_all(grown(leaves[:before]), before, leaves[before:]) == grown(leaves)
    assert trail.root(grown(leaves), size) == root
    for index in range(size):
        path = trail.inclusion(index, size, at)
        assert trail.root_of_inclusion(leaves[index], index, size, path) == root
    for old in range(size + 1):
        path = trail.consistency(old, size, at)
        assert len(path) == verify.proof_length(old, size)
        assert verify.consistent(old, size, by_definition(leaves[:old]), root, path)


@pytest.mark.parametrize("size", range(2, 40))
def test_a_proof_with_a_changed_or_missing_element_proves_nothing(size):
    leaves = LEAVES[:size]
    at, root = trail.stored(leaves), by_definition(leaves)
    for old in range(1, size):
        before, path = by_definition(leaves[:old]), trail.consistency(old, size, at)
        for spoiled in (path[:-1], [*path, path[0]], [bytes(32), *path[1:]]):
            assert not verify.consistent(old, size, before, root, spoiled)
        assert not verify.consistent(old, size, bytes(32), root, path)
    for index in range(size):
        path = trail.inclusion(index, size, at)
        with pytest.raises(ValueError, match="do not lead"):
            trail.root_of_inclusion(leaves[index], index, size, path[:-1])


@given(st.data())
def test_a_range_and_its_surroundings_give_the_root(data):
    size = data.draw(st.integers(1, 66))
    begin = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(begin + 1, size))
    left, right = trail.surroundings(begin, end, size, trail.stored(LEAVES[:size]))
    tree = verify.Tree()
    for level, each in zip(verify.levels(0, begin), left, strict=True):
        tree.grow(each, level)
    for leaf in LEAVES[begin:end]:
        tree.grow(leaf)
    for level, each in zip(verify.levels(end, size), right, strict=True):
        tree.grow(each, level)
    assert (tree.size, tree.root()) == (size, by_definition(LEAVES[:size]))


def test_leaves_and_nodes_never_share_a_hash():
    left, right = LEAVES[:2]
    assert trail.leaf(left + right) != trail.node(left, right)


@pytest.mark.parametrize(("frontier", "size"), [([], 1), ([bytes(32)], 0), ([bytes(32)] * 2, 4)])
def test_a_frontier_that_does_not_fit_its_size_is_refused(frontier, size):
    with pytest.raises(ValueError, match="does not fit"):
        trail.push(frontier, size, bytes(32))
    with pytest.raises(ValueError, match="does not fit"):
        trail.push_all(frontier, size, [bytes(32)])
    with pytest.raises(ValueError, match="does not fit"):
        trail.root(frontier, size)


@pytest.mark.parametrize("ask", [
    lambda at: trail.inclusion(8, 8, at),
    lambda at: trail.consistency(9, 8, at),
    lambda at: trail.surroundings(3, 3, 8, at),
])  # fmt: skip
def test_a_proof_outside_the_tree_is_refused(ask):
    with pytest.raises(ValueError):
        ask(trail.stored(LEAVES[:8]))
