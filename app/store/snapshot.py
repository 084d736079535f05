"""From registry rows to the picture decisions are made from, whole or by what changed.

A newer snapshot shares everything untouched with the one before it. What cannot be pictured is
left out and named in `unreadable`: it is then unknown, and the unknown never permits.
"""

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Text, or_, select, type_coerce

from app.domain.picture import HoldPicture, Picture
from app.store import bundles
from app.store import snapshot_rows as rows
from app.store.columns import Instant
from app.store.db import WHOLE
from app.store.snapshot_grants import UNREADABLE, Grants, Layered, Reading, WithLines
from app.store.snapshot_grants import read as read_grants
from app.store.tables import PolicyChange
from app.store.tables_gateways import Route
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution, JointNode
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    HeadAgreement,
    Hold,
    Product,
    ProductVersion,
)
from app.store.trail import read_head

REBUILD_ABOVE = 2000
NAMED = {"dataset": Dataset, "product": Product,
         "institution": Institution, "client_app": ClientApp, "grant": Grant,
         "head_agreement": HeadAgreement, "credential": Credential, "joint_node": JointNode,
         "route": Route}
# What rows name each other by; other names are looked up when a change asks for them.
REFERRED = ("dataset", "product", "institution", "client_app", "grant")
PARTS = {"head_agreement": "agreements", "dataset": "datasets", "product": "products",
         "institution": "institutions", "client_app": "apps", "joint_node": "nodes",
         "credential": "credentials", "grant": "grants", "route": "routes"}
# The rows a change of a part reloads its owner for: table, and the column naming the owner.
OWNED = {"dataset_field": (DatasetField, DatasetField.dataset_id, "dataset"),
         "product_version": (ProductVersion, ProductVersion.product_id, "product"),
         "grant_version": (GrantVersion, GrantVersion.grant_id, "grant")}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture, the names behind it, what could not be pictured, and the digest of the rulebooks
    published last, "" before the first."""

    picture: Picture
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    published: str = ""


def full(connection: Connection, with_lines: WithLines) -> Snapshot:
    """The snapshot of everything, read in one transaction."""
    epoch = read_head(connection).epoch
    empty = Snapshot(Picture(epoch))
    with _uncollected():
        return _loaded(connection, with_lines, empty, {noun: None for noun in PARTS}, epoch)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is built holds no cycles, so it is not searched for any while it grows."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def some(connection: Connection, with_lines: WithLines,
         keys: Mapping[str, Iterable[str]]) -> Snapshot:
    """The snapshot of these rows alone, by noun and id, with every hold."""
    epoch = read_head(connection).epoch
    start = Snapshot(Picture(epoch), {("zone", "*"): "*"})
    return _loaded(connection, with_lines, start, keys, epoch)


def since(connection: Connection, with_lines: WithLines, old: Snapshot, epoch: int) -> Snapshot:
    """The snapshot at ``epoch``, from the changes after the old one."""
    changes = connection.execute(
        select(PolicyChange.noun, PolicyChange.object_id)
        .where(PolicyChange.epoch > old.picture.epoch, PolicyChange.epoch <= epoch)
        .distinct().limit(REBUILD_ABOVE + 1)).all()
    touched: dict[str, set[str] | None] = defaultdict(set)
    for noun, key in changes:
        if noun in OWNED:
            table, owner, noun = OWNED[noun]
            key = connection.execute(select(owner).where(table.id == key)).scalar() or ""
        if noun == "department":
            touched["dataset"].update(connection.execute(
                select(Dataset.id).where(Dataset.department_id == key)).scalars())
        elif noun in PARTS:
            touched[noun].add(key)
        elif noun != "hold":
            return full(connection, with_lines)
    if len(changes) > REBUILD_ABOVE:
        return full(connection, with_lines)
    return _loaded(connection, with_lines, old, touched, epoch)


def _loaded(connection: Connection, with_lines: WithLines, old: Snapshot,
            touched: Mapping[str, Iterable[str] | None], epoch: int) -> Snapshot:
    """The old snapshot with the touched rows read again; None stands for every row of a noun."""
    names = Names(connection, old.names) if old.names else Names.of_all(connection)
    parts: dict[str, Any] = {"epoch": epoch, "holds": _holds(connection, names)}
    unreadable = set(old.unreadable)
    for noun, keys in touched.items():
        if noun == "grant":
            parts |= _grants(connection, with_lines, old.picture, keys, names, unreadable)
            continue
        name = PARTS[noun]
        part = {} if keys is None else dict(getattr(old.picture, name))
        for number in () if keys is None else [names.of(noun, key) for key in keys]:
            part.pop(number, None)
        for row, build in READERS[noun](connection, keys):
            unreadable.discard(f"{noun}/{row.number}")
            try:
                picture = build(row, names)
            except UNREADABLE:
                unreadable.add(f"{noun}/{row.number}")
                continue
            part[row.prefix if noun == "credential" else row.number] = picture
        parts[name] = part
    published = bundles.newest(connection, bundles.PUBLISHED)
    return Snapshot(replace(old.picture, **parts), names.known, tuple(sorted(unreadable)),
                    published.digest if published else "")


def _grants(connection: Connection, with_lines: WithLines, old: Picture,
            keys: Iterable[str] | None, names: "Names", unreadable: set[str]) -> dict[str, Any]:
    """The grants with those of the keys, or all, read again, and where each has its place."""
    known = old.grants if isinstance(old.grants, Grants) else Grants({}, None, with_lines, {})
    placed = old.grants_of if isinstance(old.grants_of, Layered) else Layered({})
    changes: dict[str, Any] = {names.of("grant", key): None for key in keys or ()}
    before = {number: known.place(number) for number in changes}
    reading = Reading(names, with_lines)
    for row in read_grants(connection, keys):
        unreadable.discard(f"grant/{row.number}")
        try:
            changes[row.number] = reading.seed(row)
        except UNREADABLE:
            unreadable.add(f"grant/{row.number}")
    if keys is None:
        grants = Grants(changes, None, with_lines, {})
        owned: dict[tuple[str, str], Any] = defaultdict(list)
        for number in changes:
            owned[grants.place(number)].append(number)
        return {"grants": grants, "grants_of": Layered(
            {owner: tuple(numbers) for owner, numbers in owned.items()})}
    grants, moved = known.replaced(changes), {}
    for number in changes:
        owner, after = before.get(number), grants.place(number)
        if owner != after:
            for place in (owner, after):
                if place:
                    held = moved.get(place, placed.get(place, ()))
                    rest = tuple(each for each in held if each != number)
                    moved[place] = (*rest, number) if place == after else rest
    return {"grants": grants, "grants_of": placed.replaced(moved)}


class Names:
    """Numbers by id, number or code; what is not known yet is looked up once and kept."""

    def __init__(self, connection: Connection, known: Mapping[tuple[str, str], str]) -> None:
        self.connection, self.known, self.is_shared = connection, known, True

    @classmethod
    def of_all(cls, connection: Connection) -> "Names":
        """The names that rows refer to each other by. Of grants, those that a credential names."""
        names = cls(connection, {})
        for noun in REFERRED:
            names.learn(noun, None)
        return names

    def of(self, noun: str, key: str | None) -> str:
        if not key or noun not in NAMED:
            return key or ""
        if (noun, key) not in self.known:
            self.learn(noun, key)
        return self.known.get((noun, key), key)

    def learn(self, noun: str, key: str | None) -> None:
        """Read the names of one object, or of all; a code two datasets share names neither."""
        table = NAMED[noun]
        ways = [table.id] if key is None and noun not in ("dataset", "product") else [
            table.id, table.number]
        ways += [Dataset.code] if noun == "dataset" else []
        outside = Credential.prefix if noun == "credential" else table.number
        statement = select(outside, *ways)
        if key is None and noun == "grant":
            statement = statement.where(Grant.id.in_(select(Credential.grant_id)))
        if key is not None:
            statement = statement.where(or_(*(way == key for way in ways)))
        found = self.connection.execute(statement).all()
        if found and self.is_shared:
            self.known, self.is_shared = dict(self.known), False
        for number, *keys in found:
            for each in keys:
                is_taken = self.known.get((noun, each), number) != number
                self.known[noun, each] = each if is_taken else number


def _these(statement, table, keys):
    return statement if keys is None else statement.where(table.id.in_(sorted(keys)))


def _selected(table):
    """Every column that a picture may need; instants as the text they are kept as."""
    return select(*(type_coerce(column, Text).label(column.name)
                    if isinstance(column.type, Instant) else column
                    for column in table.__table__.columns
                    if column.name not in ("created_at", "updated_at")))


def _plain(noun: str, build):
    def read(connection: Connection, keys):
        statement = _these(_selected(NAMED[noun]), NAMED[noun], keys)
        for row in connection.execute(statement.execution_options(**WHOLE)):
            yield row, build
    return read


def _with_parts(noun: str, part, owner, build):
    """Rows of a noun, each with the rows it owns, read in two statements."""
    def read(connection: Connection, keys):
        owned = defaultdict(list)
        statement = select(part.__table__)
        if keys is not None:
            statement = statement.where(owner.in_(sorted(keys)))
        for row in connection.execute(statement):
            owned[getattr(row, owner.key)].append(row)
        for row in connection.execute(_these(select(NAMED[noun].__table__), NAMED[noun], keys)):
            yield row, lambda row, names: build(row, owned[row.id], names)
    return read


READERS = {
    "head_agreement": _plain("head_agreement", rows.head_agreement),
    "dataset": _with_parts("dataset", DatasetField, DatasetField.dataset_id, rows.dataset),
    "product": _with_parts("product", ProductVersion, ProductVersion.product_id, rows.product),
    "institution": _plain("institution", rows.institution),
    "client_app": _plain("client_app", rows.client_app),
    "joint_node": _plain("joint_node", rows.joint_node),
    "credential": _plain("credential", rows.credential),
    "route": _plain("route", rows.route),
}


def _holds(connection: Connection, names: Names):
    """The holds that stand, by what they lie on."""
    found = defaultdict(list)
    for row in connection.execute(select(Hold.__table__).where(Hold.state == "ACTIVE")):
        target = (row.link, "*" if row.link == "zone" else names.of(row.link, row.object_id))
        found[target].append(HoldPicture(row.number, row.kind, target))
    return {target: tuple(holds) for target, holds in found.items()}


def live_epoch(connection: Connection) -> int:
    """The policy epoch as last committed."""
    return read_head(connection).epoch


