"""The grants of a snapshot, kept small: most grants say the same and differ in their times.

A grant is kept as a `Seed`: what its documents say apart from instants, shared with every grant
that says the same, and what sets it apart. It becomes its picture, with its lines compiled, when a
decision first asks for it; of those as many are kept as are asked for, within a bound. Whether a
grant can be pictured at all is found out when it is read, not when it is asked for.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, cast, select, type_coerce

from app.domain.picture import GrantPicture, VersionPicture
from app.store import snapshot_rows as rows
from app.store.db import WHOLE
from app.store.tables_grants import Grant, GrantVersion

INSTANT = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"')
MOST_BUILT, MOST_CHANGED = 50_000, 2_000
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)
WithLines = Callable[[str, VersionPicture], VersionPicture]
STATEMENT = select(
    Grant.id, Grant.number, Grant.institution_id, Grant.state,
    type_coerce(Grant.valid_from, Text).label("valid_from"),
    type_coerce(Grant.valid_to, Text).label("valid_to"), GrantVersion.n,
    cast(GrantVersion.dimensions, Text).label("dimensions"), GrantVersion.scope_digest,
    cast(GrantVersion.quota, Text).label("quota"),
    cast(GrantVersion.obligations, Text).label("obligations"),
).outerjoin(GrantVersion, (Grant.id == GrantVersion.grant_id) & (Grant.current == GrantVersion.n))


class Seed(NamedTuple):
    """What sets a grant apart from those that say the same: `like` is the version of one such."""

    like: VersionPicture
    number: int
    begins: str
    ends: str
    scope_digest: str
    institution: str
    state: str


class Layered(Mapping):
    """A mapping that shares another and differs from it in a few keys; it is never changed."""

    def __init__(self, base: dict, changed: dict | None = None) -> None:
        self._base, self._changed = base, changed or {}

    def replaced(self, changes: Mapping) -> "Layered":
        """The mapping with these keys changed; None takes a key away."""
        changed = {**self._changed, **changes}
        if len(changed) <= MOST_CHANGED:
            return self._like(self._base, changed)
        base = {**self._base, **changed}
        return self._like({key: kept for key, kept in base.items() if kept is not None}, {})

    def _like(self, base: dict, changed: dict) -> "Layered":
        return type(self)(base, changed)

    def _kept(self, key: Any) -> Any:
        return self._changed[key] if key in self._changed else self._base.get(key)

    def __getitem__(self, key: Any) -> Any:
        found = self._kept(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return self._kept(key) is not None

    def __iter__(self) -> Iterator:
        for key in self._base:
            if key not in self._changed:
                yield key
        yield from (key for key, kept in self._changed.items() if kept is not None)

    def __len__(self) -> int:
        return len(self._base) + sum(
            (kept is not None) - (key in self._base) for key, kept in self._changed.items())


class Grants(Layered):
    """Grants by number, each a picture when it is asked for."""

    def __init__(self, base: dict, changed: dict | None, with_lines: WithLines,
                 built: dict[str, tuple[Seed, GrantPicture]]) -> None:
        super().__init__(base, changed)
        self._with_lines, self._built = with_lines, built

    def _like(self, base: dict, changed: dict) -> "Grants":
        return Grants(base, changed, self._with_lines, self._built)

    def __getitem__(self, key: Any) -> GrantPicture:
        kept = self._built.get(key)
        seed = self._kept(key)
        if kept is not None and kept[0] is seed:
            return kept[1]
        if seed is None:
            raise KeyError(key)
        picture = seed if isinstance(seed, GrantPicture) else grown(key, seed, self._with_lines)
        if len(self._built) >= MOST_BUILT:
            self._built.clear()
        self._built[key] = seed, picture
        return picture

    def place(self, number: str) -> tuple[str, str] | None:
        """Institution and product of a grant, without its picture; None where there is none."""
        seed = self._kept(number)
        if isinstance(seed, GrantPicture):
            return seed.institution, seed.current.product
        return seed and (seed.institution, seed.like.product)


def grown(number: str, seed: Seed, with_lines: WithLines) -> GrantPicture:
    """The picture of a grant."""
    version = replace(seed.like, number=seed.number, begins=seed.begins, ends=seed.ends,
                      scope_digest=seed.scope_digest)
    return GrantPicture(number, seed.institution, seed.state, with_lines(number, version))


@dataclass(frozen=True, slots=True)
class Row:
    """A grant and its version in force with the documents read, as `snapshot_rows` takes them."""

    number: str
    institution_id: str
    state: str
    valid_from: str
    valid_to: str
    n: int
    dimensions: dict
    scope_digest: str
    quota: dict
    obligations: list


class Reading:
    """Rows to seeds. What is said is read once, however many grants say it."""

    def __init__(self, names: rows.Names, with_lines: WithLines) -> None:
        self.names, self.with_lines = names, with_lines
        self.said: dict[tuple, VersionPicture | None] = {}

    def seed(self, row: Any) -> Seed | GrantPicture:
        """The grant of a row; whole where its term is not two instants of its own.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it cannot be pictured.
        """
        texts = INSTANT.split(row.dimensions)
        said = (*texts[::2], row.quota, row.obligations)
        if said not in self.said:
            self.said[said] = self._said(row, texts)
        like = self.said[said]
        if like is None:
            return grant_of(self._read(row), self.names, self.with_lines)
        begins, ends, valid_from, valid_to = map(
            _checked, (texts[1], texts[3], row.valid_from, row.valid_to))
        return Seed(like, row.n, max(begins, valid_from), min(ends, valid_to), row.scope_digest,
                    self.names.of("institution", row.institution_id), row.state)

    def _said(self, row: Any, texts: list[str]) -> VersionPicture | None:
        """What is said, when its lines can be compiled; None where more than two instants or
        other instants than those of its term are said."""
        read = self._read(row)
        term = read.dimensions["term"]
        if texts[1::2] != [term["from"], term["to"]] or not (
                texts[0].rstrip().endswith('"from":') and texts[2].rstrip().endswith('"to":')):
            return None
        version = rows.grant_version(read, read, self.names)
        self.with_lines(row.number, version)
        return version

    def _read(self, row: Any) -> Row:
        return Row(row.number, row.institution_id, row.state, row.valid_from, row.valid_to, row.n,
                   json.loads(row.dimensions), row.scope_digest, json.loads(row.quota),
                   json.loads(row.obligations))


def grant_of(read: Row, names: rows.Names, with_lines: WithLines) -> GrantPicture:
    """The picture of a grant, made at once."""
    version = rows.grant_version(read, read, names)
    return rows.grant(read, with_lines(read.number, version), names)


@lru_cache(4096)
def _checked(time: str) -> str:
    """The instant, when it is one; many grants share it.

    Raises:
        TypeError, ValueError
    """
    datetime.fromisoformat(time)
    return time


def read(connection: Connection, keys: Any) -> Iterator[Any]:
    """Rows of these grants, or of all, each with its version in force, a piece at a time."""
    statement = STATEMENT if keys is None else STATEMENT.where(Grant.id.in_(sorted(keys)))
    yield from connection.execute(statement.execution_options(**WHOLE))
