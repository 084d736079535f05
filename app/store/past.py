"""The registry as it was: a picture of what one decision looked at, rebuilt from versions.

A version counts by when it was recorded (its place in the trail) or by when it was valid: an act
that had begun before an instant and was recorded after it counts by the second only. Versions are
read once and kept, so that many decisions are played over few reads.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from pydantic_core import PydanticUndefined
from sqlalchemy import Connection, Date, select

from app.domain.canonical import instant, parse_instant
from app.domain.law import Law
from app.domain.picture import GrantPicture, HoldPicture, Picture
from app.store import snapshot_rows as rows
from app.store.columns import Instant
from app.store.snapshot import NAMED
from app.store.tables import ObjectVersion, Registered
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_supply import Dataset, DatasetField, HeadAgreement, Hold, ProductVersion

MODELS = {**NAMED, "dataset_field": DatasetField, "product_version": ProductVersion,
          "grant_version": GrantVersion, "hold": Hold}
KEYS_AT_ONCE = 500
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Then:
    """Which versions count: recorded before the place `seq`, or valid at the instant `at`."""

    seq: int
    at: str
    by_validity: bool = False


@dataclass(frozen=True)
class History:
    """The versions of one object in order: places, instants and what each said."""

    seqs: tuple[int, ...]
    instants: tuple[str, ...]
    said: tuple[SimpleNamespace, ...]

    def found(self, then: Then) -> int:
        """Which version counts, -1 for none."""
        if then.by_validity:
            return bisect_right(self.instants, then.at) - 1
        return bisect_left(self.seqs, then.seq) - 1


NEVER = History((), (), ())


class Past:
    """What was registered, as far as it was asked for. `connection` may be replaced by a newer
    transaction; what was read stays."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._histories: dict[tuple[str, str], History] = {}
        self._lists: dict[tuple, tuple[str, ...]] = {}
        self._pictures: dict[tuple, Picture] = {}
        self._numbers: dict[tuple[str, str], str] = {}
        self._codes: dict[str, list[tuple[str, str]]] | None = None

    def picture(self, told: Mapping[str, Any], then: Then, law: Law) -> Picture:
        """Everything a question about a product, sealed as ``told``, may look at."""
        seen = _Seen(self, then)
        credential = seen.row("credential", self.key("credential", told.get("credential", "")))
        app = seen.row("client_app", self.key("client_app", told.get("app", "")))
        institution = seen.row("institution", app.institution_id) if app else None
        node = seen.row("joint_node", self.key("joint_node", told.get("node", "")))
        product = seen.row("product", self.key("product", told.get("product", "")))
        versions = seen.owned(ProductVersion, ProductVersion.product_id, product)
        names = NamesThen(self, then)
        sources = {names.of("dataset", key) for each in versions for key in each.datasets}
        datasets = [(row, seen.owned(DatasetField, DatasetField.dataset_id, row))
                    for name in sorted(sources)
                    if (row := seen.row("dataset", self.key("dataset", name)))]
        agreements = seen.rows(HeadAgreement)
        holds = [row for row in seen.rows(Hold) if row.state == "ACTIVE"]
        grants = self._grants(seen, told, app, product)
        key = (law.digest, tuple(seen.versions))
        if key not in self._pictures:
            self._pictures[key] = Picture(
                epoch=0,
                agreements=_built(rows.head_agreement, [(row,) for row in agreements], names),
                institutions=_built(rows.institution, [(institution,)], names),
                apps=_built(rows.client_app, [(app,)], names),
                nodes=_built(rows.joint_node, [(node,)], names),
                credentials=_built(rows.credential, [(credential,)], names),
                datasets=_built(rows.dataset, datasets, names),
                products=_built(rows.product, [(product, versions)], names),
                holds=_held(holds, names), **_granted(grants, names, law))
        return self._pictures[key]

    def _grants(self, seen: "_Seen", told: Mapping[str, Any], app, product) -> list[tuple]:
        """The grant named, else those of the institution for the product, each with its version
        in force."""
        keys: Iterable[str] = ()
        if told.get("grant"):
            keys = (self.key("grant", told["grant"]),)
        elif app and product:
            keys = self.listed((app.institution_id, product.id), lambda: select(Grant.id).where(
                Grant.institution_id == app.institution_id, Grant.product_id == product.id))
        found = []
        for row in filter(None, [seen.row("grant", key) for key in keys]):
            current = [version for version in seen.owned(
                GrantVersion, GrantVersion.grant_id, row) if version.n == row.current]
            found += [(row, current[0])] if current else []
        return found

    def key(self, noun: str, number: str) -> str:
        """The id of the object with this number (a credential's prefix), "" for none."""
        if not number:
            return ""
        table = NAMED[noun]
        outside = table.prefix if noun == "credential" else table.number
        found = self.listed((noun, number), lambda: select(table.id).where(outside == number))
        return found[0] if found else ""

    def number(self, noun: str, key: str) -> str:
        """The number of the object with this id or number; the text itself for none."""
        if (noun, key) not in self._numbers:
            table = NAMED[noun]
            outside = table.prefix if noun == "credential" else table.number
            found = self.connection.execute(select(outside).where(
                (table.id == key) | (table.number == key))).scalar()
            self._numbers[noun, key] = found or ""
        return self._numbers[noun, key]

    def codes(self) -> Mapping[str, list[tuple[str, str]]]:
        """Datasets by code: when each was made, and its number."""
        if self._codes is None:
            self._codes = defaultdict(list)
            for code, made, number in self.connection.execute(select(
                    Dataset.code, Dataset.created_at, Dataset.number)):
                self._codes[code].append((instant(made), number))
        return self._codes

    def listed(self, key: tuple, statement: Callable[[], Any]) -> tuple[str, ...]:
        """Ids found by a statement, asked once: what belongs together never parts."""
        if key not in self._lists:
            self._lists[key] = tuple(self.connection.execute(statement()).scalars())
        return self._lists[key]

    def histories(self, noun: str, keys: Iterable[str]) -> list[History]:
        """The versions of these objects, those not read yet in one statement."""
        wanted = [key for key in keys if key]
        fresh = [key for key in wanted if (noun, key) not in self._histories]
        for start in range(0, len(fresh), KEYS_AT_ONCE):
            some, found = fresh[start:start + KEYS_AT_ONCE], defaultdict(list)
            for row in self.connection.execute(select(
                    ObjectVersion.object_id, ObjectVersion.seq, ObjectVersion.valid_from,
                    ObjectVersion.body).where(
                        ObjectVersion.noun == noun, ObjectVersion.object_id.in_(some))
                    .order_by(ObjectVersion.object_id, ObjectVersion.version)):
                found[row.object_id].append(row)
            for key in some:
                lines = found[key]
                self._histories[noun, key] = History(
                    tuple(line.seq for line in lines),
                    tuple(instant(line.valid_from) for line in lines),
                    tuple(said(MODELS[noun], line.body) for line in lines)) if lines else NEVER
        return [self._histories[noun, key] for key in wanted]


class NamesThen:
    """Numbers by id, number or code; a code two datasets shared then names neither."""

    def __init__(self, past: Past, then: Then) -> None:
        self._past, self._then = past, then

    def of(self, noun: str, key: str | None) -> str:
        if not key or noun not in NAMED:
            return key or ""
        found = self._past.number(noun, key)
        if not found and noun == "dataset":
            coded = [number for made, number in self._past.codes().get(key, ())
                     if made <= self._then.at]
            found = coded[0] if len(coded) == 1 else ""
        return found or key


class _Seen:
    """The rows of one instant, and which version of each object was looked at."""

    def __init__(self, past: Past, then: Then) -> None:
        self._past, self._then = past, then
        self.versions: list[tuple[str, int]] = []

    def row(self, noun: str, key: str) -> SimpleNamespace | None:
        found = self._of(noun, [key])
        return found[0] if found else None

    def rows(self, model: type[Registered]) -> list[SimpleNamespace]:
        return self._of(model.noun, self._past.listed(
            (model.noun,), lambda: select(model.id).order_by(model.id)))

    def owned(self, model: type[Registered], owner, row) -> list[SimpleNamespace]:
        """The rows of a model that belong to a row."""
        if row is None:
            return []
        return self._of(model.noun, self._past.listed(
            (model.noun, row.id),
            lambda: select(model.id).where(owner == row.id).order_by(model.id)))

    def _of(self, noun: str, keys: Iterable[str]) -> list[SimpleNamespace]:
        keys = [key for key in keys if key]
        found = []
        for key, history in zip(keys, self._past.histories(noun, keys), strict=True):
            at = history.found(self._then)
            self.versions.append((key, at))
            if at >= 0:
                found.append(history.said[at])
        return found


def said(model: type[Registered], body: Mapping[str, Any]) -> SimpleNamespace:
    """A version as the row it was kept from; a column that is younger stands as a new row's."""
    values = {}
    for column in model.__table__.columns:
        name = column.key
        if name not in body:
            value = model.model_fields[name].get_default(call_default_factory=True)
            values[name] = None if value is PydanticUndefined else value
        elif isinstance(column.type, Instant) and body[name]:
            values[name] = parse_instant(body[name])
        elif isinstance(column.type, Date) and body[name]:
            values[name] = date.fromisoformat(body[name])
        else:
            values[name] = body[name]
    return SimpleNamespace(**values)


def _built(build: Callable, found: Iterable[tuple], names: NamesThen) -> dict[str, Any]:
    """Pictures of rows by number, credentials by prefix; what cannot be pictured is left out, as
    the snapshot leaves it out."""
    made = {}
    for row, *parts in found:
        with suppress(*UNREADABLE):
            if row is not None:
                made[getattr(row, "prefix", row.number)] = build(row, *parts, names)
    return made


def _held(holds: Iterable[SimpleNamespace], names: NamesThen) -> dict:
    found = defaultdict(list)
    for row in holds:
        target = (row.link, "*" if row.link == "zone" else names.of(row.link, row.object_id))
        found[target].append(HoldPicture(row.number, row.kind, target))
    return {target: tuple(each) for target, each in found.items()}


def _granted(found: Iterable[tuple], names: NamesThen, law: Law) -> dict[str, dict]:
    grants: dict[str, GrantPicture] = {}
    owned: dict[tuple[str, str], tuple[str, ...]] = {}
    for row, version in found:
        with suppress(*UNREADABLE):
            lines = law.sections.with_lines(row.number, rows.grant_version(row, version, names))
            grant = grants[row.number] = rows.grant(row, lines, names)
            owner = (grant.institution, grant.current.product)
            owned[owner] = (*owned.get(owner, ()), row.number)
    return {"grants": grants, "grants_of": owned}


def with_version(picture: Picture, grant: str, version) -> Picture:
    """The picture with another version of a grant in force, where it holds that grant."""
    held = picture.grants.get(grant)
    if held is None:
        return picture
    return replace(picture, grants={**picture.grants, grant: replace(held, current=version)})
