"""An act is one transaction: rows, trail entries, transitions and versions, together or not at all.

Leaving `begin` without error seals and commits; rows changed with nothing recorded are refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import event, exc, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, SQLModel, select

from app.domain.callers import Caller
from app.domain.canonical import digest, instant
from app.domain.refusals import Invalid, NotFound, NotRecorded, Stale
from app.domain.wire import is_ref
from app.store import replica, trail
from app.store.scope import visible
from app.store.tables import NumberSeries, ObjectVersion, Registered, Transition

# What is not recorded in the trail: sessions, challenges, counters, leases, drafts of packs.
UNRECORDED = frozenset({"session", "rate_counter", "sign_in_attempt", "key_challenge",
                        "job_lease", "job_run", "number_series", "task", "clock", "inbox_item",
                        "saved_filter", "process_beat"})


class UnrecordedChange(Exception):
    """Rows were changed and no entry says so: a defect of ours, the act is rolled back."""


@dataclass
class Act:
    """What a command may do while its transaction is open. `at` and `day` never move."""

    rt: object
    caller: Caller
    session: Session
    at: datetime
    day: date
    drafts: list[trail.Draft] = field(default_factory=list)
    moves: list[tuple[int, dict]] = field(default_factory=list)
    changes: dict[tuple[str, str], bool] = field(default_factory=dict)
    touched: dict[int, SQLModel] = field(default_factory=dict)

    def new_id(self) -> str:
        return self.rt.new_id()

    def may(self, noun: str, action: str, seat: str = "do") -> bool:
        return self.rt.staff.permits(self.caller.roles, noun, action, seat)

    def add(self, row: SQLModel) -> SQLModel:
        self.session.add(row)
        return row

    def touch(self, row: Registered) -> None:
        """The object gets a new version with this act even where no column of it changes."""
        self.session.add(row)
        flag_modified(row, "updated_at")
        self.session.flush()

    def create(self, model: type[Registered], **values) -> Registered:
        """A new registered object with its id and instants, added to the act."""
        return self.add(model(id=self.new_id(), version=1, created_at=self.at,
                              updated_at=self.at, **values))

    def get(self, model: type[SQLModel], key: str) -> SQLModel:
        """The row, locked for this act, within the caller's scope.

        Raises:
            NotFound: there is none, or it is not the caller's to know of.
        """
        row = self.find(model, key)
        if row is None or not visible(row, self.caller):
            raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                           noun=getattr(model, "noun", ""))
        return row

    def find(self, model: type[SQLModel], key: str) -> SQLModel | None:
        """The row, locked, whoever may see it; None when there is none."""
        return self.session.get(model, key, with_for_update=True, populate_existing=True)

    def open(self, model: type[Registered], ref: str) -> Registered:
        """The main object of the act, by id or number, checked against the version the caller saw.

        Raises:
            NotFound, Stale
        """
        row = None
        if not is_ref(ref):
            raise NotFound("没有这个对象，或不在您的可见范围", "no such object within your view",
                           noun=model.noun)
        if hasattr(model, "number"):
            key = self.session.exec(select(model.id).where(model.number == ref)).first()
            row = self.get(model, key) if key else None
        row = row or self.get(model, ref)
        if self.caller.expects is not None and self.caller.expects != row.version:
            raise Stale("您看到的版本已被更新，请刷新后再办理",
                        "the object has changed since you saw it; reload and try again",
                        version=row.version, seen=self.caller.expects)
        return row

    def all(self, statement) -> list:
        return list(self.session.exec(statement).all())

    def first(self, statement):
        return self.session.exec(statement).first()

    def number(self, series: str, width: int = 6) -> str:
        """The next number of a series this year, `GR-2026-000318`; taken inside the act, so no
        number is lost or given twice."""
        return f"{series}-{self.day.year}-{self.next(series):0{width}d}"

    def next(self, series: str) -> int:
        """The next integer of a series of this year, starting at 1."""
        # Two acts may take the first number of a year at once: the row is there before the lock.
        insert_new = sqlite.insert if self.rt.db.is_sqlite else postgresql.insert
        self.session.connection().execute(insert_new(NumberSeries).values(
            series=series, year=self.day.year, last=0).on_conflict_do_nothing())
        row = self.session.get(NumberSeries, (series, self.day.year), with_for_update=True,
                               populate_existing=True)
        row.last += 1
        self.session.flush()
        return row.last

    def record(self, kind: str, ref: str, /, *, institution: str | None = None,
               private: dict | None = None, **facts) -> int:
        """Put one entry on the trail when the act commits; its index among the act's entries."""
        self.drafts.append(trail.Draft(kind, ref, self.actor(), facts, private or {},
                                       trail.stream_of(institution)))
        return len(self.drafts) - 1

    def actor(self) -> dict:
        """Who acts, as ids only."""
        who = {"account": self.caller.account, "person": self.caller.person,
               "capacity": self.caller.capacity}
        if self.caller.on_behalf_of:
            who["on_behalf_of"] = self.caller.on_behalf_of
        return who

    def moved(self, draft: int, **columns) -> None:
        """Keep a transition that belongs to the entry at this index."""
        self.moves.append((draft, columns))

    def affects(self, noun: str, object_id: str, *, stops: bool = False) -> None:
        """The object matters to decisions: the policy epoch rises with this act."""
        key = (noun, object_id)
        self.changes[key] = self.changes.get(key, True) and stops


@contextmanager
def begin(rt, caller: Caller) -> Iterator[Act]:
    """The only writing session. One instant, one caller, one transaction.

    Raises:
        NotRecorded: the store could not take the act; nothing has changed.
        Invalid: a value that must be unique is taken.
        Stale: somebody else changed the same rows first.
    """
    at = rt.clock()
    try:
        with rt.db.writing() as connection:
            session = Session(bind=connection, autoflush=True, expire_on_commit=False)
            act = Act(rt, caller, session, at, at.astimezone(rt.settings.zone).date())
            event.listen(session, "before_flush", lambda s, *_: _touch(act, s))
            try:
                yield act
                session.flush()
                _seal(act, connection)
            finally:
                session.close()
        replica.wrote()
    except exc.IntegrityError as error:
        raise Invalid("编号、名称或标识已被占用", "a value that must be unique is already taken",
                      code="OBJECT.DUPLICATE") from error
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError) as error:
        if "deadlock" in str(error).lower() or "serialize" in str(error).lower():
            raise Stale("与他人的办理冲突，请重试", "met another act on the same object; try again",
                        ) from error
        raise NotRecorded("登记库暂不可用，未作任何更改，请稍后重试",
                          "the registry cannot take a record now; nothing was changed") from error
    if act.changes:
        rt.changed()


@contextmanager
def read(rt) -> Iterator[Session]:
    """The read-only session: one consistent picture, nothing can be written through it. A query of
    a page that only shows may be answered by the read replica.

    Raises:
        NotRecorded: the store cannot be read now.
    """
    try:
        with replica.reading(rt) as connection:
            session = Session(bind=connection, autoflush=False, expire_on_commit=False)
            try:
                yield session
            finally:
                session.close()
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise NotRecorded("登记库暂不可用，请稍后重试",
                          "the registry cannot be read now") from error


def _touch(act: Act, session: Session) -> None:
    """Note every row that is written; a registered row's version rises once an act."""
    for row in (*session.new, *session.dirty, *session.deleted):
        if row in session.dirty and not session.is_modified(row):
            continue
        first = id(row) not in act.touched
        act.touched[id(row)] = row
        if first and isinstance(row, Registered) and row in session.dirty:
            row.version += 1
            row.updated_at = act.at


def plain(row: SQLModel) -> dict:
    """A row as canonical values: instants and days as text, nothing hidden."""
    values = {}
    for column in row.__table__.columns:
        value = getattr(row, column.key)
        if isinstance(value, datetime):
            value = instant(value)
        elif isinstance(value, date):
            value = value.isoformat()
        values[column.key] = value
    return values


def _seal(act: Act, connection) -> None:
    recorded = [row for row in act.touched.values() if row.__tablename__ not in UNRECORDED]
    if recorded and not act.drafts:
        names = sorted({row.__tablename__ for row in recorded})
        raise UnrecordedChange(f"changed without an entry: {', '.join(names)}")
    if not act.drafts:
        return
    # Everything that needs no seq is computed before the head is locked.
    kept = [(row, plain(row)) for row in recorded
            if isinstance(row, Registered) and row.history]
    digests = {(row.noun, row.id): digest(body) for row, body in kept}
    head = trail.lock_head(connection)
    head, seqs = trail.append(connection, head, act.drafts, act.at, act.rt.salt)
    trail.insert_many(connection, ObjectVersion, [
        {"noun": row.noun, "object_id": row.id, "version": row.version, "seq": seqs[-1],
         "valid_from": act.at, "digest": digests[row.noun, row.id], "body": body}
        for row, body in kept])
    if act.moves:
        connection.execute(insert(Transition.__table__), [
            {"id": act.new_id(), "seq": seqs[draft], "at": act.at, **columns,
             "after": digests.get((columns["noun"], columns["object_id"]), "")}
            for draft, columns in act.moves])
    if act.changes:
        trail.raise_epoch(connection, head, act.changes)
