"""Grants ended before their term and without breach: by both parties, or by the operator alone
after notice of ten working days. A stop in an emergency is no removal and needs no notice.

Source: domain rule §6.10.
"""

from datetime import date

from app.commands import notices
from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task, running, start_notice, stop_clocks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import hand_on, proposed
from app.commands.grants import over
from app.commands.proposals import require_ground
from app.domain.callers import Caller
from app.domain.grants import GRANT, REMOVAL_CLOCK
from app.domain.grounds import Words
from app.domain.instruments import Kind
from app.domain.refusals import Invalid
from app.domain.workdays import deadline
from app.store.situations_grants import grant_situation
from app.store.tables_grants import Grant
from app.store.unit import Act, begin

ACT_WITHIN_DAYS = 5
AGREED = Words("双方协商一致", "agreed by both parties")


class Announcement(Body):
    """Why and when a right will be taken away. The second hand may leave all but the reason
    empty."""

    ground: Text = entry("事由代码", "Ground", default="", widget="select",
                         options="grounds:REMOVAL", max_length=60)
    last_day: Text = entry("最后使用日", "Last day of use", default="", widget="date",
                           pattern=r"^(\d{4}-\d{2}-\d{2})?$",
                           help_zh="须在十个工作日以后",
                           help_en="ten working days from now or later")
    reason: str = entry("认定的事实", "Fact found", widget="textarea", min_length=2,
                         max_length=2000)


@command("grant.announce_removal", "预告终止", "Announce removal")
def announce_removal(rt, caller: Caller, ref: str, body: Announcement) -> Done:
    """Two of the operator announce that a right ends on a last day; use goes on until then."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        said = proposed(act, row, "announce_removal",
                        {"ground": body.ground, "last_day": body.last_day})
        require_ground(rt, said["ground"], Kind.REMOVAL)
        last_day = _day(said["last_day"])
        step = advance(act, GRANT, row, "announce_removal", grant_situation(
            rt, act.session, caller, row, body.reason, ground=said["ground"], last_day=last_day),
            payload=said, reason_code=said["ground"], record={"last_day": said["last_day"]})
        hand_on(act, row, step, row.number)
        if step:
            clock = start_notice(act, row, REMOVAL_CLOCK, last_day)
            open_task(act, row, "remove", "BIZ_REVIEW", f"预告期满后办理终止：{row.number}",
                      due=deadline(rt.holidays, clock.due_at, ACT_WITHIN_DAYS).at)
            notices.issue(act, Kind.REMOVAL, row, {
                "facts": {"until": notices.day_words(last_day)},
                "reasons": [{"code": said["ground"], "text": step.finding}]})
    return done(row, step)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("请填写最后使用日", "`last_day` is no calendar day", errors=[
            {"at": "last_day", "zh": "无效日期", "en": "no such day"}]) from error


@command("grant.cancel_removal", "撤回终止预告", "Withdraw the announcement")
def cancel_removal(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two of the operator take an announcement back; the right stays as it was."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        step = advance(act, GRANT, row, "cancel_removal",
                       grant_situation(rt, act.session, caller, row, body.reason))
        hand_on(act, row, step, row.number)
        if step:
            stop_clocks(act, row, REMOVAL_CLOCK)
            close_tasks(act, row, "remove")
            notices.issue(act, Kind.REMOVAL_WITHDRAWN, row)
    return done(row, step)


@command("grant.remove", "按预告终止", "Remove as announced", factor=True)
def remove(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two of the operator end a right whose announced notice has run out."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        ends = next((clock.due_at for clock in running(act, row, REMOVAL_CLOCK)), None)
        step = advance(act, GRANT, row, "remove",
                       grant_situation(rt, act.session, caller, row, body.reason),
                       reason_code="ANNOUNCED")
        if step:
            last = notices.end_words(ends)
            _terminated(act, row, Words(f"经预告，最后使用日为{last.zh}",
                                        f"announced, with {last.en} as the last day of use"))
    return done(row, step)


@command("grant.terminate", "终止", "Terminate", factor=True)
def terminate(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Both parties end a grant before its term; no notice is needed."""
    with begin(rt, caller) as act:
        row = act.open(Grant, ref)
        step = advance(act, GRANT, row, "terminate",
                       grant_situation(rt, act.session, caller, row, body.reason),
                       reason_code="AGREED")
        if step:
            _terminated(act, row, AGREED)
    return done(row, step)


def _terminated(act: Act, row: Grant, basis: Words) -> None:
    over(act, row, "TERMINATED")
    notices.issue(act, Kind.TERMINATION, row, {
        "particulars": [notices.line("终止依据", "Basis", basis)]})
