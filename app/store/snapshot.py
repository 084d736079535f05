"""From registry rows to the picture decisions are made from, whole or by what changed.

A newer snapshot shares everything untouched with the one before it. What cannot be pictured is
left out and named in `unreadable`: it is then unknown, and the unknown never permits.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, or_, select

from app.domain.picture import HoldPicture, Picture, VersionPicture
from app.store import snapshot_rows as rows
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

WithLines = Callable[[str, VersionPicture], VersionPicture]
REBUILD_ABOVE = 2000
NAMED = {"dataset": Dataset, "product": Product,
         "institution": Institution, "client_app": ClientApp, "grant": Grant,
         "head_agreement": HeadAgreement, "credential": Credential, "joint_node": JointNode,
         "route": Route}
PARTS = {"head_agreement": "agreements", "dataset": "datasets", "product": "products",
         "institution": "institutions", "client_app": "apps", "joint_node": "nodes",
         "credential": "credentials", "grant": "grants", "route": "routes"}
# The rows a change of a part reloads its owner for: table, and the column naming the owner.
OWNED = {"dataset_field": (DatasetField, DatasetField.dataset_id, "dataset"),
         "product_version": (ProductVersion, ProductVersion.product_id, "product"),
         "grant_version": (GrantVersion, GrantVersion.grant_id, "grant")}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture, the names behind it, and where each row's picture stands."""

    picture: Picture
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()


def full(connection: Connection, with_lines: WithLines) -> Snapshot:
    """The snapshot of everything, read in one transaction."""
    epoch = read_head(connection).epoch
    empty = Snapshot(Picture(epoch))
    return _loaded(connection, with_lines, empty, {noun: None for noun in PARTS}, epoch)


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
        name = PARTS[noun]
        part = {} if keys is None else dict(getattr(old.picture, name))
        for number in () if keys is None else [names.of(noun, key) for key in keys]:
            part.pop(number, None)
        for row, build in READERS[noun](connection, keys):
            unreadable.discard(f"{noun}/{row.number}")
            try:
                picture = build(row, names, with_lines)
            except (KeyError, TypeError, ValueError, AttributeError):
                unreadable.add(f"{noun}/{row.number}")
                continue
            part[row.prefix if noun == "credential" else row.number] = picture
        parts[name] = part
    if "grant" in touched:
        parts["grants_of"] = _grants_of(old.picture, parts["grants"], touched["grant"], names)
    return Snapshot(replace(old.picture, **parts), names.known, tuple(sorted(unreadable)))


class Names:
    """Numbers by id, number or code; what is not known yet is looked up once and kept."""

    def __init__(self, connection: Connection, known: Mapping[tuple[str, str], str]) -> None:
        self.connection, self.known, self.is_shared = connection, known, True

    @classmethod
    def of_all(cls, connection: Connection) -> "Names":
        names = cls(connection, {})
        for noun in NAMED:
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
        ways = [table.id, table.number] + ([Dataset.code] if noun == "dataset" else [])
        outside = Credential.prefix if noun == "credential" else table.number
        statement = select(outside, *ways)
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


def _plain(noun: str, build):
    def read(connection: Connection, keys):
        table = NAMED[noun].__table__
        for row in connection.execute(_these(select(table), NAMED[noun], keys)):
            yield row, lambda row, names, _: build(row, names)
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
            yield row, lambda row, names, _: build(row, owned[row.id], names)
    return read


def _grants(connection: Connection, keys):
    """Grant rows, each with its version in force."""
    statement = select(GrantVersion.grant_id, GrantVersion.n, GrantVersion.dimensions,
                       GrantVersion.scope_digest, GrantVersion.quota,
                       GrantVersion.obligations).join(
        Grant, (Grant.id == GrantVersion.grant_id) & (Grant.current == GrantVersion.n))
    current = {row.grant_id: row for row in connection.execute(_these(statement, Grant, keys))}

    def build(row, names, with_lines):
        version = rows.grant_version(row, current[row.id], names)
        return rows.grant(row, with_lines(row.number, version), names)

    for row in connection.execute(_these(select(Grant.__table__), Grant, keys)):
        yield row, build


READERS = {
    "head_agreement": _plain("head_agreement", rows.head_agreement),
    "dataset": _with_parts("dataset", DatasetField, DatasetField.dataset_id, rows.dataset),
    "product": _with_parts("product", ProductVersion, ProductVersion.product_id, rows.product),
    "institution": _plain("institution", rows.institution),
    "client_app": _plain("client_app", rows.client_app),
    "joint_node": _plain("joint_node", rows.joint_node),
    "credential": _plain("credential", rows.credential),
    "grant": _grants,
    "route": _plain("route", rows.route),
}


def _holds(connection: Connection, names: Names):
    """The holds that stand, by what they lie on."""
    found = defaultdict(list)
    for row in connection.execute(select(Hold.__table__).where(Hold.state == "ACTIVE")):
        target = (row.link, "*" if row.link == "zone" else names.of(row.link, row.object_id))
        found[target].append(HoldPicture(row.number, row.kind, target))
    return {target: tuple(holds) for target, holds in found.items()}


def _grants_of(old: Picture, grants: Mapping, keys, names: Names):
    """Grant numbers by institution and product, with the touched ones placed anew."""
    numbers = grants if keys is None else {names.of("grant", key) for key in keys}
    placed = {} if keys is None else dict(old.grants_of)
    for number in numbers:
        before = old.grants.get(number)
        if before and keys is not None:
            owner = (before.institution, before.current.product)
            placed[owner] = tuple(each for each in placed.get(owner, ()) if each != number)
        after = grants.get(number)
        if after:
            owner = (after.institution, after.current.product)
            placed[owner] = (*placed.get(owner, ()), number)
    return placed


def live_epoch(connection: Connection) -> int:
    """The policy epoch as last committed."""
    return read_head(connection).epoch


