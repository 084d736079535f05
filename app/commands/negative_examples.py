"""Negative examples: made where a person files a field otherwise than proposed, and ended."""

from sqlmodel import select

from app.commands.advance import advance, cascade, done
from app.commands.command import Done, Reasoned, command
from app.domain.callers import SYSTEM, Caller
from app.domain.lifecycle import Situation
from app.domain.negative_examples import GOOD_FOR, NEGATIVE_EXAMPLE, Reach, State
from app.store.situations import basics
from app.store.tables_supply import DatasetField, NegativeExample
from app.store.unit import Act, begin


def refuse_element(act: Act, field: DatasetField, reach: Reach, reason: str) -> None:
    """The element proposed for a field is refused; what already says so is good for longer."""
    same = act.first(select(NegativeExample).where(
        NegativeExample.dataset_id == field.dataset_id, NegativeExample.column == field.code,
        NegativeExample.element == field.proposed_element, NegativeExample.reach == str(reach),
        NegativeExample.state == str(State.ACTIVE)))
    if same:
        same.expires_at, same.reason = act.at + GOOD_FOR, reason
        act.touch(same)
        return
    row = act.create(
        NegativeExample, number=act.number("NEG"), element=field.proposed_element,
        reach=str(reach), department_id=field.department_id, dataset_id=field.dataset_id,
        column=field.code, reason=reason, refused_by=act.caller.name,
        expires_at=act.at + GOOD_FOR, state=str(State.ACTIVE))
    act.record("negative_example.create", f"negative_example/{row.id}", number=row.number,
               element=row.element, reach=row.reach, field=field.id, private={"reason": reason})


@command("negative_example.withdraw", "撤销", "Withdraw")
def withdraw(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The element may be proposed again, from the next proposal or scan on."""
    with begin(rt, caller) as act:
        row = act.open(NegativeExample, ref)
        situation = Situation(**basics(rt, act.session, caller, row, body.reason))
        step = advance(act, NEGATIVE_EXAMPLE, row, "withdraw", situation)
    return done(row, step)


def expire_due(rt) -> int:
    """Refusals whose year is over are moved to EXPIRED; how many. They counted no more."""
    with begin(rt, SYSTEM) as act:
        rows = act.all(select(NegativeExample).where(
            NegativeExample.state == str(State.ACTIVE),
            NegativeExample.expires_at <= act.at).with_for_update())
        for row in rows:
            cascade(act, NEGATIVE_EXAMPLE, row, "expire", because="clock",
                    reason_code="PERIOD_OVER")
    return len(rows)
