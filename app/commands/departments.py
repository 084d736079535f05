"""Departments: named, activated, suspended with everything they supply, resumed, withdrawn."""

from sqlmodel import select

from app.commands.advance import advance, cascade, done
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import hand_on, impact, permitted
from app.domain.callers import Caller
from app.domain.datasets import DATASET
from app.domain.departments import DEPARTMENT, State
from app.store.situations_supply import department_situation
from app.store.tables_supply import Dataset, Department
from app.store.unit import begin


class NewDepartment(Body):
    """A candidate department."""

    name: Text = entry("部门名称", "Name", min_length=2, max_length=100)
    uscc: Text = entry("统一社会信用代码", "USCC", default="", max_length=18)
    liaison: Text = entry("联系人", "Liaison", default="", max_length=50)
    contact: Text = entry("联系方式", "Contact", default="", max_length=100)


@command("department.create", "新增部门", "New department", creates=True)
def create(rt, caller: Caller, body: NewDepartment) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "department", "create")
        row = named(act, **body.model_dump())
    return done(row)


def named(act, **values) -> Department:
    """A candidate department inside an act, recorded."""
    row = act.create(Department, number=act.number("DEPT", 3), department_id="",
                     state=str(State.CANDIDATE), **values)
    row.department_id = row.id
    act.record("department.create", f"department/{row.id}", number=row.number)
    return row


class DepartmentParticulars(Body):
    """Who a department is and how it is reached; what is left out stays."""

    uscc: Text | None = entry("统一社会信用代码", "USCC", default=None, max_length=18)
    liaison: Text | None = entry("联系人", "Liaison", default=None, min_length=1, max_length=50)
    contact: Text | None = entry("联系方式", "Contact", default=None, max_length=100)


@command("department.edit", "修改部门信息", "Edit")
def edit(rt, caller: Caller, ref: str, body: DepartmentParticulars) -> Done:
    """Particulars change; name and state do not."""
    with begin(rt, caller) as act:
        row = act.open(Department, ref)
        permitted(act, "department", "edit")
        changes = body.model_dump(exclude_none=True)
        for name, value in changes.items():
            setattr(row, name, value)
        act.touch(row)
        act.record("department.edit", f"department/{row.id}", changed=sorted(changes))
    return done(row)


class ProvisionAgreement(Body):
    """The signed data provision agreement (数据提供协议)."""

    signed_on: Text = entry("签署日期", "Signed on", widget="date",
                            pattern=r"^\d{4}-\d{2}-\d{2}$")
    clauses: list[Text] = entry("条款清单", "Clauses", widget="multiselect",
                                options="clauses:provision-agreement", min_length=1, max_length=30)
    liaison: Text = entry("联系人", "Liaison", min_length=1, max_length=50)


@command("department.file_agreement", "登记数据提供协议", "File agreement")
def file_agreement(rt, caller: Caller, ref: str, body: ProvisionAgreement) -> Done:
    """The agreement and the liaison are put on file; activation asks for both."""
    with begin(rt, caller) as act:
        row = act.open(Department, ref)
        permitted(act, "department", "file_agreement")
        row.agreement = {"signed_on": body.signed_on, "clauses": body.clauses}
        row.liaison = body.liaison
        act.record("department.file_agreement", f"department/{row.id}",
                   signed_on=body.signed_on, clauses=body.clauses)
    return done(row)


@command("department.activate", "接入", "Activate")
def activate(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    return _move(rt, caller, ref, body, "activate")


@command("department.suspend", "暂停供数", "Suspend", factor=True)
def suspend(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """One person stops a department; its datasets freeze in the same act."""
    return _move(rt, caller, ref, body, "suspend")


@command("department.resume", "恢复", "Resume")
def resume(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons resume a department; datasets stay frozen until each is thawed."""
    return _move(rt, caller, ref, body, "resume")


@command("department.withdraw", "退出", "Withdraw", factor=True)
def withdraw(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    return _move(rt, caller, ref, body, "withdraw")


def _move(rt, caller: Caller, ref: str, body: Reasoned, action: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Department, ref)
        situation = department_situation(rt, act.session, caller, row, body.reason)
        record = {"impact": impact(act, row)} if action == "suspend" else {}
        step = advance(act, DEPARTMENT, row, action, situation, record=record)
        hand_on(act, row, step, row.name)
        if step:
            act.affects("department", row.id, stops=step.move.stops)
            if action == "suspend":
                _freeze_all(act, row)
    return done(row, step)


def _freeze_all(act, row: Department) -> None:
    for dataset in act.all(select(Dataset).where(
            Dataset.department_id == row.id, Dataset.state == "ONLINE").with_for_update()):
        cascade(act, DATASET, dataset, "freeze", f"department/{row.id}")
