"""The tree's inner hashes, from stored tiles and, beyond them, from the leaves themselves."""

from sqlalchemy import Connection, func, select

from app.store.tables import TrailEntry
from app.store.tables_evidence import TrailTile
from app.store.trail import insert_many
from audit.trail import node

WIDTH = 256
HEIGHT = 8


class Tiles:
    """The hash of any complete subtree at (level, index); what was read once is kept.

    With `stored=False` nothing but the leaves is believed.
    """

    def __init__(self, connection: Connection, *, stored: bool = True):
        self._connection, self._stored = connection, stored
        self._kept: dict[tuple[int, int], list[bytes]] = {}

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
        if (row, position) not in self._kept:
            self._kept[row, position] = (self._read(row, position) if self._stored else []) or (
                self._computed(row, position))
        return self._kept[row, position]

    def _read(self, row: int, position: int) -> list[bytes]:
        found = self._connection.execute(select(TrailTile.hashes).where(
            TrailTile.row == row, TrailTile.position == position)).scalar() or b""
        return [found[at:at + 32] for at in range(0, len(found), 32)]

    def _computed(self, row: int, position: int) -> list[bytes]:
        begin, end = position * WIDTH, (position + 1) * WIDTH
        if row == 0:
            return list(self._connection.execute(select(TrailEntry.leaf).where(
                TrailEntry.seq >= begin, TrailEntry.seq < end).order_by(TrailEntry.seq)).scalars())
        found: list[bytes] = []
        for index in range(begin, end):
            below = self.row(row - 1, index)
            if len(below) < WIDTH:
                break
            found.append(_folded(below))
        return found


def complete(connection: Connection, size: int, tiles: Tiles) -> int:
    """Write every tile that is complete in a tree of this size and not stored; how many."""
    written, row = 0, 0
    while size >> HEIGHT * (row + 1):
        known = connection.execute(select(func.count()).where(TrailTile.row == row)).scalar() or 0
        made = [{"row": row, "position": at, "hashes": b"".join(tiles.row(row, at))}
                for at in range(known, size >> HEIGHT * (row + 1))]
        insert_many(connection, TrailTile, made)
        written, row = written + len(made), row + 1
    return written


def _folded(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node(*hashes[at:at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]
