"""Emergency stop: one person stops any link of the chain, two persons lift it."""

from collections.abc import Mapping

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.confirmations import await_two, confirmed
from app.commands.filing import hand_on, permitted
from app.domain.callers import Caller
from app.domain.chain import Stoppable
from app.domain.holds import HOLD, Kind, State
from app.store.chain import Moment
from app.store.impact import Impact, find_link, impact_of
from app.store.situations_grants import hold_situation
from app.store.tables_supply import Hold
from app.store.unit import Act, begin


class Placed(Body):
    """Which link is stopped, and why."""

    link: Stoppable = entry("链路", "Link", widget="select", options="chain.Stoppable")
    object: Text = entry("对象编号", "Object number", min_length=1, max_length=64)
    kind: Kind = entry("停用类型", "Kind", default=Kind.EMERGENCY, widget="select",
                       options="holds.Kind")
    reason: str = entry("事由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("hold.place", "紧急停用", "Emergency stop", creates=True, factor=True)
def place(rt, caller: Caller, body: Placed) -> Done:
    """One person stops the link; everything below is denied from the next decision on."""
    with begin(rt, caller) as act:
        permitted(act, "hold", "place")
        row, impact = placed(act, str(body.link), body.object, body.kind, body.reason)
    return done(row, impact=impact.as_document())


def placed(act: Act, link: str, ref: str, kind: Kind, reason: str, *,
           automatic: bool = False, record: Mapping | None = None) -> tuple[Hold, Impact]:
    """A stop inside an act, with the list of what it hits, recorded and made to count; ``record``
    is what the entry of an automatic one says of its rule."""
    target = find_link(act.session, link, ref)
    impact = impact_of(act.session, target, Moment(act.at, act.day))
    row = act.create(
        Hold, number=act.number("HOLD"), kind=str(kind), link=link, object_id=target.id,
        object_number=target.number, reason_code=f"HOLD.{kind}", state=str(State.ACTIVE),
        automatic=automatic, impact=impact.as_document())
    act.record("hold.place", f"hold/{row.id}", private={"reason": reason}, number=row.number,
               link=link, object=target.number, reason_code=row.reason_code,
               automatic=automatic, grants=len(impact.grants), calls=impact.calls,
               **(record or {}))
    act.affects("hold", row.id, stops=True)
    for hit in impact.all():
        act.affects(hit.noun, hit.id, stops=True)
    if automatic:
        await_two(act, row, "confirm", target.number)
    return row, impact


@command("hold.confirm", "确认自动停用", "Confirm")
def confirm(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons confirm within 72 hours what a rule stopped."""
    with begin(rt, caller) as act:
        row = act.open(Hold, ref)
        step = confirmed(act, HOLD, row, "confirm", row.object_number,
                         hold_situation(rt, act.session, caller, row, body.reason))
    return done(row, step)


@command("hold.lift", "解除停用", "Lift")
def lift(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons lift a stop; what it lay on counts again if nothing else stands against it."""
    with begin(rt, caller) as act:
        row = act.open(Hold, ref)
        step = advance(act, HOLD, row, "lift",
                       hold_situation(rt, act.session, caller, row, body.reason))
        hand_on(act, row, step, row.object_number, row.confirm_by)
        if step:
            row.lifted_at, row.confirm_by = act.at, None
            close_tasks(act, row)
            act.affects("hold", row.id)
            target = find_link(act.session, row.link, row.object_id)
            for hit in impact_of(act.session, target, Moment(act.at, act.day)).all():
                act.affects(hit.noun, hit.id)
    return done(row, step)


def keep_probe(rt, caller: Caller, hold_id: str, decision_id: str) -> None:
    """The decision that proved the stop is written beside it."""
    with begin(rt, caller) as act:
        row = act.open(Hold, hold_id)
        row.probe_decision = decision_id
        act.record("hold.probe", f"hold/{row.id}", decision=decision_id)
