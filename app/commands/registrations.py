"""The registration of datasets and products as public data resources, recorded as it moves on."""

from datetime import date

from app.commands.advance import done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Text, command, entry
from app.commands.filing import after_last, permitted, refuse
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import IllegalMove
from app.domain.registrations import CODED, FILING_DAYS, FOLLOWS, Registration, longest
from app.store.tables_supply import Dataset, Product
from app.store.unit import Act, begin

FILED = (Registration.FILED, Registration.NOT_REQUIRED)


class RegistrationStep(Body):
    """Where the registration stands now. Code and days belong to a code that was issued."""

    state: Registration = entry("登记状态", "State")
    code: Text = entry("登记结果查询码", "Query code", default="", max_length=100)
    issued_on: date | None = entry("赋码日期", "Issued on", default=None, widget="date")
    valid_to: date | None = entry("有效期截止日", "Valid to", default=None, widget="date")
    reference: Text = entry("受理编号或说明", "Reference", default="", max_length=200)


@command("dataset.record_registration", "登记公共数据资源登记结果", "Record the registration")
def record_dataset_registration(rt, caller: Caller, ref: str, body: RegistrationStep) -> Done:
    return _record(rt, caller, ref, body, Dataset)


@command("product.record_registration", "登记公共数据产品登记结果", "Record the registration")
def record_product_registration(rt, caller: Caller, ref: str, body: RegistrationStep) -> Done:
    return _record(rt, caller, ref, body, Product)


def opened(act: Act, row: Dataset | Product) -> None:
    """The duty to register starts with delivery: 20 working days to file, and somebody owes it."""
    if row.registration != Registration.DUE:
        return
    clock = start_clock(act, row, "registration", FILING_DAYS)
    row.registration_due = clock.due_at
    open_task(act, row, "record_registration", "OPS", f"申报公共数据资源登记：{row.name}",
              due=clock.due_at)


def _record(rt, caller: Caller, ref: str, body: RegistrationStep, model) -> Done:
    with begin(rt, caller) as act:
        row = act.open(model, ref)
        permitted(act, row.noun, "record_registration")
        state = str(body.state)
        if state not in FOLLOWS[row.registration]:
            raise IllegalMove("登记状态不能这样变更", "the registration does not move there",
                              noun=row.noun, state=row.registration, action=state,
                              possible=list(FOLLOWS[row.registration]))
        refuse(_faults(act, body), "INPUT.INVALID")
        was, row.registration = row.registration, state
        if body.state in CODED:
            row.registration_code = body.code
            row.registration_valid_to = after_last(act, body.valid_to)
        if body.state in FILED:
            close_tasks(act, row, "record_registration")
            stop_clocks(act, row, "registration")
        act.touch(row)
        act.record(f"{row.noun}.record_registration", f"{row.noun}/{row.id}", was=was,
                   now=state, code=row.registration_code, reference=body.reference,
                   valid_to=instant(row.registration_valid_to)
                   if row.registration_valid_to else "")
        act.affects(row.noun, row.id, stops=body.state is Registration.CANCELLED)
    return done(row)


def _faults(act: Act, body: RegistrationStep):
    if body.state not in CODED:
        return
    if not body.code:
        yield "code", "须填写登记结果查询码", "the query code is missing"
    if not body.issued_on or body.issued_on > act.day:
        yield "issued_on", "须填写赋码日期，且不晚于今日", "the day of issue is missing or ahead"
    elif not body.valid_to or not body.issued_on <= body.valid_to <= longest(body.issued_on):
        yield "valid_to", "有效期自赋码起不超过三年", "a code is valid for at most three years"
