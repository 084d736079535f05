"""What commands here check alike: who may file, what is attached, what was signed."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import select

from app.commands.advance import Step
from app.commands.clocks import close_tasks, open_task, running
from app.domain.refusals import Invalid, NotAllowed
from app.store.attachments import may_use
from app.store.chain import Moment
from app.store.impact import impact_of
from app.store.tables import Attachment, Endorsement, Registered
from app.store.unit import Act

File = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,127}$")]


def permitted(act: Act, noun: str, action: str) -> None:
    """Refuse unless the caller's roles cover an action that is no move.

    Raises:
        NotAllowed
    """
    if not act.may(noun, action):
        raise NotAllowed("您的岗位不能办理此项", f"your roles do not cover `{noun}.{action}`",
                         noun=noun, action=action)


def on_file(act: Act, digests: Iterable[str]) -> tuple[str, ...]:
    """The digests, each of them a file that was handed in.

    Raises:
        Invalid: one is not, or belongs to somebody else.
    """
    found = tuple(dict.fromkeys(digests))
    for digest in found:
        row = act.session.get(Attachment, digest)
        if row is None or not may_use(act.session, act.caller, row):
            raise Invalid("附件未上传或不可用，请先上传",
                          "a file was not handed in: upload it first",
                          code="G-EVIDENCE", file=digest)
    return found


def proposed(act: Act, row: Registered, action: str, given: Mapping, *,
             needed: bool = True) -> dict:
    """What the move proposes: what is given, or else what the open hands already signed.

    Raises:
        Invalid: nothing is given, nobody proposed anything yet, and something is needed.
    """
    if any(given.values()):
        return dict(given)
    payload = act.first(select(Endorsement.payload).where(
        Endorsement.noun == row.noun, Endorsement.object_id == row.id,
        Endorsement.action == action, Endorsement.state == "OPEN"))
    if needed and not payload:
        raise Invalid("请填写办理内容", "say what is proposed: nobody has yet", action=action)
    return dict(payload or given)


def hand_on(act: Act, row: Registered, step: Step, name: str,
            due: datetime | None = None) -> None:
    """Where a move still waits, the roles of the next seat owe their hand; else nobody does.

    The time limit of the case, where one runs, is theirs too, unless `due` says another.
    """
    close_tasks(act, row, step.move.action)
    if step:
        return
    due = due or min((clock.due_at for clock in running(act, row)), default=None)
    for role in sorted(act.rt.staff.roles_for(row.noun, step.move.action, step.waiting[0])):
        open_task(act, row, step.move.action, role, f"会签「{step.move.zh}」：{name}", due=due)


def impact(act: Act, row: Registered) -> dict:
    """What a stop of this link hits, by numbers, as it is recorded with the move."""
    return impact_of(act.session, row, Moment.of(act.rt)).as_document()


def first_instant(act: Act, day: date) -> datetime:
    """The first instant of a day of the zone."""
    return datetime.combine(day, time(), act.rt.settings.zone)


def after_last(act: Act, day: date) -> datetime:
    """The first instant after a last day, so that a term is half-open."""
    return first_instant(act, day + timedelta(days=1))


def refuse(errors: Iterable[tuple[str, str, str]], code: str) -> None:
    """Refuse with every place to mend, given as (place, zh, en); nothing where there is none.

    Raises:
        Invalid
    """
    found = [{"at": at, "zh": zh, "en": en} for at, zh, en in errors]
    if found:
        raise Invalid("；".join(item["zh"] for item in found[:3]),
                      "; ".join(item["en"] for item in found[:3]), code=code, errors=found)
