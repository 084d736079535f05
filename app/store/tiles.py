"""The tree's inner hashes, from stored tiles and, beyond them, from the leaves themselves."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Connection, func, select

from app.store.tables import TrailEntry
from app.store.tables_evidence import TrailTile
from app.store.trail import insert_many
from audit.trail import frontier, node

WIDTH = 256
HEIGHT = 8
Place = tuple[int, int]  # the row of a tile and its position there


class Tiles:
    """The hash of any complete subtree at (level, index); what was read once is kept.

    With `stored=False` nothing but the leaves is believed; tiles that were `begun` before are not
    read again, and go on from where they ended then.
    """

    def __init__(self, connection: Connection, *, stored: bool = True,
                 begun: Mapping[Place, list[bytes]] | None = None):
        self._connection, self._stored = connection, stored
        self._kept: dict[Place, list[bytes]] = {}
        self._begun = begun or {}

    @property
    def kept(self) -> Mapping[Place, list[bytes]]:
        """What was read or hashed, by its place."""
        return self._kept

    @property
    def inner(self) -> Mapping[Place, list[bytes]]:
        """The tiles above the lowest row that are not complete: hashed of many tiles, and not
        stored anywhere."""
        return {place: hashes for place, hashes in self._kept.items()
                if place[0] and len(hashes) < WIDTH}

    def __call__(self, level: int, index: int) -> bytes:
        row, above = divmod(level, HEIGHT)
        begin = index << above
        hashes = self.row(row, begin // WIDTH)
        wanted = hashes[begin % WIDTH:begin % WIDTH + (1 << above)]
        if len(wanted) != 1 << above:
            raise LookupError(f"the tree has no complete subtree {index} of level {level}")
        return _folded(wanted)

    def row(self, row: int, position: int) -> list[bytes]:
        """What a tile holds, or would hold so far."""
        place = row, position
        if place not in self._kept:
            begun = self._begun.get(place, [])
            self._kept[place] = begun if len(begun) == WIDTH else (
                self._stored and self._read(row, position)) or self._computed(row, position, begun)
        return self._kept[place]

    def read_leaves(self, size: int) -> None:
        """Read the leaves below the stored tiles, up to this size, at once."""
        begin = _stored(self._connection, 0) * WIDTH
        leaves = self._leaves(begin, size)
        for at in range(0, len(leaves), WIDTH):
            self._kept[0, (begin + at) // WIDTH] = list(leaves[at:at + WIDTH])

    def _leaves(self, begin: int, end: int) -> Sequence[bytes]:
        return self._connection.execute(select(TrailEntry.leaf).where(
            TrailEntry.seq >= begin, TrailEntry.seq < end).order_by(TrailEntry.seq)).scalars().all()

    def _read(self, row: int, position: int) -> list[bytes]:
        found = self._connection.execute(select(TrailTile.hashes).where(
            TrailTile.row == row, TrailTile.position == position)).scalar() or b""
        return [found[at:at + 32] for at in range(0, len(found), 32)]

    def _computed(self, row: int, position: int, begun: list[bytes]) -> list[bytes]:
        begin, end = position * WIDTH + len(begun), (position + 1) * WIDTH
        found = list(begun)
        if row == 0:
            return [*found, *self._leaves(begin, end)]
        for index in range(begin, end):
            below = self.row(row - 1, index)
            if len(below) < WIDTH:
                break
            found.append(_folded(below))
        return found


def read_ahead(connection: Connection, size: int, begun: Mapping[Place, list[bytes]]) -> Tiles:
    """The tiles of a tree of this size that are not stored, read and hashed: whoever needs them
    under the lock of the head reads there what came since, and no more."""
    tiles = Tiles(connection, begun=begun)
    tiles.read_leaves(size)
    for row, position in _unstored(connection, size):
        tiles.row(row, position)
    with suppress(LookupError):  # what is missing is told by whoever needs it
        frontier(size, tiles)
    return tiles


def complete(connection: Connection, size: int, tiles: Tiles) -> int:
    """Write every tile that is complete in a tree of this size and not stored; how many."""
    made = [{"row": row, "position": position, "hashes": b"".join(tiles.row(row, position))}
            for row, position in _unstored(connection, size)]
    insert_many(connection, TrailTile, made)
    return len(made)


def _unstored(connection: Connection, size: int) -> Iterator[tuple[int, int]]:
    row = 0
    while size >> HEIGHT * (row + 1):
        for position in range(_stored(connection, row), size >> HEIGHT * (row + 1)):
            yield row, position
        row += 1


def _stored(connection: Connection, row: int) -> int:
    """How many tiles of a row are stored."""
    return connection.execute(select(func.count()).where(TrailTile.row == row)).scalar() or 0


def _folded(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node(*hashes[at:at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]
