"""Head agreements: drafted, signed, put in force, amended with their difference kept, ended."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import (
    File,
    after_last,
    first_instant,
    hand_on,
    impact,
    on_file,
    permitted,
    proposed,
)
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import digest, instant
from app.domain.grounds import Checklist
from app.domain.head_agreements import HEAD_AGREEMENT, Paper, State
from app.domain.refusals import GuardFailed, IllegalMove, Invalid
from app.store.situations_supply import head_agreement_situation
from app.store.tables_supply import Dataset, HeadAgreement, Product
from app.store.unit import Act, begin, read


class Attached(Body):
    """One attached file with what it is."""

    kind: Paper = entry("材料种类", "Kind")
    file: File = entry("文件", "File", widget="file")


class AgreementText(Body):
    """What an agreement says. Days are first and last day of the term, both inside it."""

    title: Text = entry("名称", "Title", min_length=2, max_length=200)
    authority: Text = entry("授权主体", "Authority", min_length=2, max_length=100)
    authority_uscc: Text = entry("授权主体统一社会信用代码", "Authority USCC", default="",
                                 max_length=18)
    operator: Text = entry("运营机构", "Operator", min_length=2, max_length=100)
    operator_uscc: Text = entry("运营机构统一社会信用代码", "Operator USCC", default="",
                                max_length=18)
    related_parties: list[Text] = entry("关联方", "Related parties", default=[], max_length=500,
                                        widget="textarea")
    signed_on: date | None = entry("签订日期", "Signed on", default=None, widget="date")
    first_day: date = entry("起始日", "First day", widget="date")
    last_day: date = entry("截止日", "Last day", widget="date")
    resources: list[Text] = entry("资源清单", "Resources", default=[], widget="multiselect",
                                  options="noun:dataset", max_length=5000)
    products: list[Text] = entry("产品清单", "Products", default=[], widget="multiselect",
                                 options="noun:product", max_length=2000)
    clauses: list[Text] = entry("已载明的条款", "Clauses", default=[], widget="multiselect",
                                options="clauses:head-agreement", max_length=30)
    signatories: list[Text] = entry("签署人", "Signatories", default=[], max_length=10,
                                    widget="textarea")
    files: list[Attached] = entry("附件", "Files", default=[], max_length=50)
    filing_reference: Text = entry("备案编号", "Filing reference", default="", max_length=100)


@command("head_agreement.create", "起草授权运营协议", "Draft a head agreement", creates=True)
def create(rt, caller: Caller, body: AgreementText) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "head_agreement", "create")
        row = act.create(HeadAgreement, number=act.number("HA", 4), state=str(State.DRAFT),
                         **_columns(act, body))
        act.record("head_agreement.create", f"head_agreement/{row.id}", number=row.number)
        _owe_signature(act, row)
    return done(row)


@command("head_agreement.edit", "修改草案", "Edit the draft")
def edit(rt, caller: Caller, ref: str, body: AgreementText) -> Done:
    """A draft is rewritten; anything signed is only ever amended (INV-06)."""
    with begin(rt, caller) as act:
        row = act.open(HeadAgreement, ref)
        permitted(act, "head_agreement", "edit")
        if row.state != State.DRAFT:
            raise IllegalMove("已签署的协议不能修改，只能变更",
                              "a signed agreement is only amended", noun="head_agreement",
                              state=row.state, action="edit")
        columns = _columns(act, body)
        diff = _diff(row.model_dump(), columns)
        for name, value in columns.items():
            setattr(row, name, value)
        act.touch(row)
        act.record("head_agreement.edit", f"head_agreement/{row.id}", diff=diff)
        _owe_signature(act, row)
    return done(row)


def _owe_signature(act: Act, row: HeadAgreement) -> None:
    """A draft that can be signed is owed the first signature; one that lacks something is not.

    What was signed of an older draft is void, and so are the tasks of who was to sign next.
    """
    close_tasks(act, row, "sign")
    situation = head_agreement_situation(act.rt, act.session, SYSTEM, row)
    if HEAD_AGREEMENT.find(row.state, "sign").failing(situation):
        return
    for role in sorted(act.rt.staff.roles_for("head_agreement", "sign", "make")):
        open_task(act, row, "sign", role, f"签署授权运营协议：{row.title}")


@command("head_agreement.sign", "签署", "Sign")
def sign(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Three persons sign for the operator; checklist, term, minutes and text stand on file."""
    return _move(rt, caller, ref, "sign", body.reason)


@command("head_agreement.activate", "生效", "Put in force")
def activate(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The agreement comes into force with the digests of both lists on record."""
    return _move(rt, caller, ref, "activate", body.reason)


class Amendment(Body):
    """The agreement as it shall read; left empty by whoever signs what is already proposed."""

    text: AgreementText | None = entry("变更后的内容", "Amended text", default=None)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("head_agreement.amend", "变更", "Amend")
def amend(rt, caller: Caller, ref: str, body: Amendment) -> Done:
    """A new version takes the old one's place on the route of the original, with the difference."""
    with begin(rt, caller) as act:
        row = act.open(HeadAgreement, ref)
        given = {"text": body.text.model_dump(mode="json") if body.text else None}
        payload = proposed(act, row, "amend", given)
        columns = _columns(act, AgreementText.model_validate(payload["text"]))
        diff = _diff(row.model_dump(), columns)
        situation = head_agreement_situation(rt, act.session, caller, row, body.reason, columns)
        step = advance(act, HEAD_AGREEMENT, row, "amend", situation, payload=payload,
                       record={"diff": diff})
        hand_on(act, row, step, row.title)
        if step:
            for name, value in columns.items():
                setattr(row, name, value)
            act.affects("head_agreement", row.id, stops=False)
    return done(row, step, diff=diff)


@command("head_agreement.terminate", "终止", "Terminate", factor=True)
def terminate(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The agreement ends before its term; everything under it becomes ineffective at once."""
    return _move(rt, caller, ref, "terminate", body.reason)


def expire_due(rt) -> int:
    """Every agreement whose term has ended is moved to EXPIRED by the system; how many.

    Decisions compare the clock themselves and never wait for this (INV-12).
    """
    now = rt.clock()
    with read(rt) as session:
        rows = session.exec(select(HeadAgreement.id, HeadAgreement.valid_to).where(
            HeadAgreement.state == str(State.IN_FORCE))).all()
    due = [key for key, until in rows if until is not None and until <= now]
    return sum(_expired(rt, key) for key in due)


def _expired(rt, key: str) -> bool:
    """Whether this one could be moved; one that cannot does not hold up the others."""
    try:
        return _move(rt, SYSTEM, key, "expire", "").state == State.EXPIRED
    except (IllegalMove, GuardFailed):
        return False


def _move(rt, caller: Caller, ref: str, action: str, reason: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(HeadAgreement, ref)
        situation = head_agreement_situation(rt, act.session, caller, row, reason)
        step = advance(act, HEAD_AGREEMENT, row, action, situation,
                       record=_record(act, row, action))
        hand_on(act, row, step, row.title)
        if step:
            close_tasks(act, row)
            if action == "sign":
                open_task(act, row, "activate", "OPS", f"办理协议生效：{row.title}")
            act.affects("head_agreement", row.id, stops=step.move.stops)
    return done(row, step)


def _record(act: Act, row: HeadAgreement, action: str) -> dict:
    """What each move puts on record beyond the common facts."""
    lists = {"resources": digest(row.resources), "products": digest(row.products)}
    if action == "sign":
        return {"files": [item["file"] for item in row.files],
                "signatories": len(row.signatories), "template": row.clause_template}
    if action == "activate":
        return {**lists, "filing": row.filing_reference}
    return {"impact": impact(act, row)}


def _columns(act: Act, body: AgreementText) -> dict:
    values = body.model_dump(exclude={"first_day", "last_day", "files", "resources", "products"})
    if body.last_day < body.first_day:
        raise Invalid("截止日早于起始日", "the last day lies before the first",
                      errors=[{"at": "last_day", "zh": "早于起始日", "en": "before the first day"}])
    checklist = act.rt.cases.checklists["head-agreement"]
    missing = missing_from(checklist, body.clauses)
    on_file(act, [item.file for item in body.files])
    return {**values, "valid_from": first_instant(act, body.first_day),
            "valid_to": after_last(act, body.last_day),
            "files": [{"kind": str(item.kind), "file": item.file} for item in body.files],
            "resources": _ids(act, Dataset, body.resources, "resources"),
            "products": _ids(act, Product, body.products, "products"),
            "clause_template": checklist.version, "clauses_missing": missing}


def missing_from(checklist: Checklist, ticked: list[str]) -> list[str]:
    """The ids of the items of a checklist that are not ticked.

    Raises:
        Invalid: a tick is for an item the checklist does not have.
    """
    try:
        return [item.id for item in checklist.missing(frozenset(ticked))]
    except ValueError as error:
        raise Invalid("条款清单中没有所选条款", f"the checklist has no such item: {error}",
                      code="G-CLAUSE") from error


def _ids(act: Act, model, refs: list[str], where: str) -> list[str]:
    """Ids of the objects named by id or number, in the order given.

    Raises:
        Invalid: one is not known.
    """
    known = {}
    for row_id, number in act.all(select(model.id, model.number).where(
            model.id.in_(refs) | model.number.in_(refs))):
        known[row_id] = known[number] = row_id
    lost = [ref for ref in refs if ref not in known]
    if lost:
        raise Invalid(f"清单中有 {len(lost)} 项不存在", f"{len(lost)} items are not known",
                      errors=[{"at": where, "zh": "不存在", "en": "not known"}], unknown=lost[:20])
    return list(dict.fromkeys(known[ref] for ref in refs))


def _diff(before: Mapping, after: Mapping) -> dict:
    """What changed between two readings: ids added and removed, and the ends of the term."""
    diff = {}
    for name in ("resources", "products", "clauses"):
        was, now = set(before[name]), set(after[name])
        if was != now:
            diff[name] = {"added": sorted(now - was), "removed": sorted(was - now)}
    for name in ("valid_from", "valid_to"):
        if before[name] != after[name]:
            diff[name] = {"was": instant(before[name]) if before[name] else "",
                          "now": instant(after[name])}
    return diff
