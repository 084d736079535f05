"""Institutions: registered, reviewed each year, made to rectify, stopped by one, resumed by two."""

from dataclasses import replace
from datetime import date

from app.commands import notices
from app.commands.advance import Step, advance, done
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import File, hand_on, on_file, permitted
from app.commands.proposals import carried, require_ground
from app.domain.callers import Caller
from app.domain.criteria import Kind as InstitutionKind
from app.domain.grounds import Words
from app.domain.institutions import (
    INSTITUTION,
    ExitTrigger,
    State,
    next_review,
)
from app.domain.instruments import Kind
from app.domain.refusals import Invalid
from app.domain.stops import CONFIRM_WITHIN
from app.store.situations_institutions import institution_situation
from app.store.tables_institutions import Institution
from app.store.unit import Act, begin

BREACH = "BREACH."
USCC = r"^[0-9A-HJ-NPQRTUWXY]{18}$"


class NewInstitution(Body):
    """An institution that applies for admission."""

    name: Text = entry("机构名称", "Name", min_length=2, max_length=100)
    uscc: Text = entry("统一社会信用代码", "USCC", pattern=USCC)
    kind: InstitutionKind = entry("机构类别", "Kind")
    parent: Text = entry("上级机构", "Head office", default="", widget="select",
                         options="noun:institution", max_length=64)
    business_ref_pattern: Text = entry(
        "业务编号格式", "Form of business references", default="", max_length=40,
        pattern=r"^[A-Za-z0-9*?_-]*$", help_zh="* 代表任意字符，? 代表一个字符；留空则不校验",
        help_en="* stands for any text, ? for one character; empty checks nothing")


@command("institution.create", "登记机构", "Register an institution", creates=True)
def create(rt, caller: Caller, body: NewInstitution) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "institution", "create")
        parent = act.open(Institution, body.parent) if body.parent else None
        row = act.create(
            Institution, number=act.number("INST", 4), institution_id="", name=body.name,
            uscc=body.uscc, kind=str(body.kind), parent_id=parent.id if parent else None,
            state=str(State.APPLYING), business_ref_pattern=body.business_ref_pattern)
        row.institution_id = row.id
        act.record("institution.create", f"institution/{row.id}", institution=row.id,
                   number=row.number)
        act.affects("institution", row.id)
    return done(row)


class Evidenced(Body):
    """A move that rests on files, with the certificates valid now; a second person leaves all of
    it empty to sign the same."""

    reason: str = entry("说明", "Reason", widget="textarea", default="", max_length=2000)
    evidence: list[File] = entry("证明材料", "Evidence", default=[], widget="file", max_length=20)
    licence_expires: date | None = entry("许可证有效期至", "Licence valid to", default=None,
                                         widget="date", help_zh="不变则留空",
                                         help_en="leave empty when unchanged")
    security_expires: date | None = entry("测评有效期至", "Protection test valid to", default=None,
                                          widget="date", help_zh="不变则留空",
                                          help_en="leave empty when unchanged")


@command("institution.annual_review", "年度复核", "Annual review")
def annual_review(rt, caller: Caller, ref: str, body: Evidenced) -> Done:
    """Two persons confirm that the institution still meets the criteria; the next is in a year."""
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        step = _renewed(act, row, "annual_review", body)
        if step:
            row.review_due = next_review(act.day)
    return done(row, step)


class RectifyOrder(Body):
    """An order to rectify by a day, with or without a stop until then."""

    reason: str = entry("发现的问题", "Finding", widget="textarea", min_length=2, max_length=2000)
    due: date | None = entry("整改期限", "Rectify by", default=None, widget="date")
    stop: bool = entry("整改期间停止使用", "Stop use until rectified", default=False)


@command("institution.order_rectify", "责令限期整改", "Order to rectify")
def order_rectify(rt, caller: Caller, ref: str, body: RectifyOrder) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        given = body.model_dump(mode="json", exclude={"reason"})
        said = carried(act, row, "order_rectify", given)
        due = date.fromisoformat(said["due"]) if said["due"] else None
        situation = institution_situation(rt, act.session, caller, row, body.reason,
                                          rectify_due=due)
        step = advance(act, INSTITUTION, row, "order_rectify", situation, payload=said,
                       record={"due": said["due"], "stop": said["stop"]})
        hand_on(act, row, step, row.name)
        if step:
            row.rectify_due, row.stop_order = due, said["stop"]
            act.affects("institution", row.id, stops=said["stop"])
            _order(act, row, due, step.finding)
    return done(row, step)


def _order(act: Act, row: Institution, due: date, finding: str) -> None:
    """The numbered order: what was found, by when it is mended, and whether use stops."""
    use = (Words("整改期间停止使用", "stopped until rectified") if row.stop_order
           else Words("可以继续使用", "may go on"))
    notices.issue(act, Kind.RECTIFICATION, row, {
        "facts": {"due": notices.day_words(due)}, "particulars": [
            notices.line("发现的问题", "Finding", finding),
            notices.line("整改期限", "Rectify by", notices.day_words(due)),
            notices.line("数据产品的使用", "Use of data products", use)]})


@command("institution.accept_rectify", "整改验收", "Accept the rectification")
def accept_rectify(rt, caller: Caller, ref: str, body: Evidenced) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        step = _renewed(act, row, "accept_rectify", body)
        if step:
            row.rectify_due, row.stop_order = None, False
    return done(row, step)


class Suspension(Body):
    """A stop, on one ground of the library."""

    ground: Text = entry("暂停事由", "Ground", widget="select", options="grounds:SUSPENSION",
                         max_length=40)
    reason: str = entry("认定事实", "Facts found", widget="textarea", min_length=2,
                        max_length=2000)


@command("institution.suspend", "暂停", "Suspend", factor=True)
def suspend(rt, caller: Caller, ref: str, body: Suspension) -> Done:
    """One person stops an institution (INV-04); an automatic stop is confirmed within 72 hours."""
    require_ground(rt, body.ground, Kind.SUSPENSION)
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        situation = institution_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, INSTITUTION, row, "suspend", situation, reason_code=body.ground)
        row.suspended_for = body.ground
        row.after_breach = row.after_breach or body.ground.startswith(BREACH)
        row.automatic = caller.capacity == "SYSTEM"
        row.confirm_by = act.at + CONFIRM_WITHIN if row.automatic else None
        act.affects("institution", row.id, stops=True)
        notices.issue(act, Kind.SUSPENSION, row,
                      {"reasons": [{"code": body.ground, "text": body.reason}]})
    return done(row, step)


@command("institution.confirm_suspension", "确认自动暂停", "Confirm the automatic suspension")
def confirm_suspension(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        step = _advanced(act, row, "confirm_suspension", body.reason, {})
        if step:
            row.automatic, row.confirm_by = False, None
    return done(row, step)


@command("institution.resume", "恢复", "Resume", factor=True)
def resume(rt, caller: Caller, ref: str, body: Evidenced) -> Done:
    """Two persons resume an institution, three after a breach; terms are not extended (INV-15)."""
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        step = _renewed(act, row, "resume", body)
        if step:
            row.suspended_for, row.automatic, row.confirm_by = "", False, None
            row.after_breach = row.stop_order = False
            notices.issue(act, Kind.RESUMPTION, row)
    return done(row, step)


class ExitStart(Body):
    """What sets the exit off."""

    trigger: ExitTrigger | None = entry("退出触发", "Trigger", default=None)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("institution.start_exit", "启动退出", "Start the exit", factor=True)
def start_exit(rt, caller: Caller, ref: str, body: ExitStart) -> Done:
    """The institution's signer or a reviewer proposes, the approver confirms; use ends at once."""
    with begin(rt, caller) as act:
        row = act.open(Institution, ref)
        said = carried(act, row, "start_exit", {"trigger": str(body.trigger or "")})
        if not said["trigger"]:
            raise Invalid("请选择退出触发", "say what sets the exit off",
                          errors=[{"at": "trigger", "zh": "必填", "en": "required"}])
        step = _advanced(act, row, "start_exit", body.reason, said)
        if step:
            row.exit_trigger = said["trigger"]
    return done(row, step)


def _renewed(act: Act, row: Institution, action: str, body: Evidenced) -> Step:
    """Take the move on its evidence; certificates it brings are judged, and kept once done."""
    said = carried(act, row, action, body.model_dump(mode="json", exclude={"reason"}))
    valid = {name: date.fromisoformat(said[name]) if said[name] else getattr(row, name)
             for name in ("licence_expires", "security_expires")}
    step = _advanced(act, row, action, body.reason, said, **valid)
    if step:
        row.licence_expires, row.security_expires = valid.values()
    return step


def _advanced(act: Act, row: Institution, action: str, reason: str, said: dict,
              **valid: date | None) -> Step:
    """Take the move on what was said; ``valid`` are days judged in place of those on file."""
    evidence = on_file(act, said.get("evidence", ()))
    situation = institution_situation(act.rt, act.session, act.caller, row, reason,
                                      evidence=len(evidence))
    step = advance(act, INSTITUTION, row, action, replace(situation, **valid), payload=said,
                   evidence=evidence)
    hand_on(act, row, step, row.name)
    if step:
        act.affects("institution", row.id, stops=step.move.stops)
    return step
