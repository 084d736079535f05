"""The what-if job: a queued run, or one whose process died, is played stretch by stretch.

Each stretch is counted in a transaction of its own, so that a run which is cut off anywhere goes
on behind its last stretch. Decisions of one shape are made again once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import SimpleNamespace

from sqlalchemy import Connection

from app.commands import what_ifs
from app.commands.what_ifs import Held
from app.domain.dimensions import in_window
from app.domain.dimensions_of_scope import earliest_day
from app.domain.law import Law
from app.domain.picture import Picture, VersionPicture
from app.domain.replays import again, was_heard
from app.domain.what_ifs import LEASE, MOST_TRIES, Kind, Tally, Verdict
from app.domain.workdays import start_of
from app.engines import rulebooks
from app.engines.decision_shapes import Shape, shape_of
from app.jobs import runs
from app.jobs.runs import Alive, Left, Runs, Stopping
from app.queries.replay import law_then
from app.store import snapshot_rows
from app.store import what_ifs as rows
from app.store.bundles import texts_of
from app.store.past import NamesThen, Past, Then, with_version
from app.store.tables_grants import Grant
from app.store.tables_played import WhatIf
from app.store.unit import read

STRETCH = 10_000
EARLY, LATE = "0001-01-01T00:00:00+00:00", "9999-12-31T00:00:00+00:00"


@dataclass(frozen=True)
class Draft:
    """What is tried: another law, or another version of one grant."""

    law: Law | None = None
    grant: str = ""
    version: VersionPicture | None = None

    def moment(self, shape: Shape) -> tuple:
        """What of a decision's instant and look-back the draft looks at itself."""
        version = self.version
        if version is None:
            return ()
        is_inside = version.window is None or in_window(shape.at, version.window)
        is_recent = version.lookback_months is None or (
            shape.lookback_from >= earliest_day(shape.at, version.lookback_months))
        return shape.at < version.ends, is_inside, is_recent


class Player:
    """Plays one draft; verdicts on shapes last as long as it does."""

    def __init__(self, rt, draft: Draft) -> None:
        self._rt, self._draft = rt, draft
        self._past: Past | None = None
        self._laws: dict[str, Law] = {}
        self._drafted: dict[int, tuple[Picture, Picture]] = {}
        self.verdicts: dict[tuple, Verdict | None] = {}

    def play(self, connection: Connection, decisions, alive: Callable[[], None]) -> Tally:
        """What came of these decisions."""
        if self._past is None:
            self._past = Past(connection)
        self._past.connection = connection
        tally, moment, verdicts = Tally(), self._draft.moment, self.verdicts
        for seq, decision, institution, body in decisions:
            shape = shape_of(body)
            if shape is None:
                tally.left_out += 1
                continue
            key = (*shape.key, *moment(shape))
            if key not in verdicts:
                alive()
                verdicts[key] = self._verdict(seq, json.loads(body)["facts"])
            verdict = verdicts[key]
            if verdict is None:
                tally.left_out += 1
            else:
                tally.count(verdict, institution, decision)
        return tally

    def _verdict(self, seq: int, facts: dict) -> Verdict | None:
        """What the draft makes of one decision; None where it was not evaluated then."""
        if not was_heard(facts):
            return None
        then, told = Then(seq, facts["at"]), facts["input"]
        law = self._law(facts["rulebook"])
        picture = self._past.picture(told, then, law)
        unchanged = again(facts, picture, law)
        sealed = {reason[0] for reason in facts["reasons"]}
        is_sure = (unchanged.permits == facts["permits"]
                   and {reason.code for reason in unchanged.reasons} == sealed)
        if self._draft.law:
            law, picture = self._draft.law, self._past.picture(told, then, self._draft.law)
        else:
            picture = self._with_draft(picture, law)
        drafted = again(facts, picture, law)
        against = {reason.code for reason in drafted.reasons} if facts["permits"] else sealed
        return Verdict(is_sure, facts["permits"], drafted.permits,
                       tuple(sorted(against - {"SCOPE.FIELD_REDUCED"})))

    def _law(self, digest: str) -> Law:
        if digest not in self._laws:
            self._laws[digest] = law_then(self._rt, self._past.connection, digest)[0]
        return self._laws[digest]

    def _with_draft(self, picture: Picture, law: Law) -> Picture:
        """The picture with the draft in force, worked out once a picture."""
        if id(picture) not in self._drafted:
            held, draft = picture.grants.get(self._draft.grant), self._draft.version
            if held is None:
                drafted = picture
            else:
                now = held.current
                drafted = with_version(picture, held.id, law.sections.with_lines(held.id, replace(
                    draft, number=now.number, begins=min(now.begins, draft.begins),
                    quota=now.quota, obligations=now.obligations)))
            self._drafted[id(picture)] = (picture, drafted)
        return self._drafted[id(picture)][1]


def turn(rt, holder: str, stopping: Stopping) -> bool:
    """Take up the oldest run that nobody plays; whether there was one."""
    return runs.turn(rt, WHAT_IFS, holder, stopping)


def _played(rt, held: Held, alive: Alive) -> None:
    """The whole run, stretch by stretch, behind what an earlier holder counted."""
    with read(rt) as session:
        run = session.get(WhatIf, held.run)
        if run.started_at is None:
            first, last, total = rows.bounds(session.connection(), run, *_days(run))
        else:
            first, last, total = run.first, run.last, run.total
    if not what_ifs.begin_run(rt, held, first, last, total):
        return
    with read(rt) as session:
        run = session.get(WhatIf, held.run)
        reached = rows.reached(session.connection(), run.id)
        draft = draft_of(rt, session, run)
    if draft is None:
        what_ifs.fail(rt, held, "草案已不能装载", "the draft does not load any more")
        return
    player = Player(rt, draft)
    while True:
        alive.now()
        with rt.db.reading() as connection:
            stretch = rows.stretch(connection, run, reached, STRETCH)
            tally = player.play(connection, stretch, alive) if stretch else None
        if tally is None:
            break
        reached = stretch[-1].seq
        _counted(rt, held, reached, tally)
    what_ifs.finish(rt, held)


def _days(run: WhatIf) -> tuple:
    """The first instant of the first day, and that after the last; None where none is named."""
    begins = start_of(date.fromisoformat(run.begins)) if run.begins else None
    ends = start_of(date.fromisoformat(run.ends) + timedelta(days=1)) if run.ends else None
    return begins, ends


def draft_of(rt, session, run: WhatIf) -> Draft | None:
    """The draft a run plays; None for rulebooks that this release cannot read."""
    connection = session.connection()
    if run.kind == Kind.RULEBOOKS:
        try:
            return Draft(law=rulebooks.law_of(texts_of(connection, run.bundle)))
        except (ValueError, KeyError, TypeError):
            return None
    grant = session.get(Grant, run.grant_id)
    term = SimpleNamespace(number=grant.number, valid_from=EARLY, valid_to=LATE)
    said = SimpleNamespace(n=0, dimensions=run.rights, quota={}, obligations=[], scope_digest="")
    names = NamesThen(Past(connection), Then(0, LATE))
    return Draft(grant=grant.number, version=snapshot_rows.grant_version(term, said, names))


def _counted(rt, held: Held, reached: int, tally: Tally) -> None:
    """A stretch is counted, if the run is still this holder's."""
    with rt.db.writing() as connection:
        played = WhatIf.played + tally.heard + tally.left_out
        if not rows.beat(connection, held.run, held.holder, rt.clock(), tries=0, played=played):
            raise Left
        rows.add_part(connection, held.run, reached, tally)


WHAT_IFS = Runs("推演", "what-if", rows, what_ifs, _played, LEASE, MOST_TRIES,
                ("没有进展", "nothing counted"))
