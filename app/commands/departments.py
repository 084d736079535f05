"""Departments: named, activated, suspended with everything they supply, resumed, withdrawn."""

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.domain.callers import Caller
from app.domain.departments import DEPARTMENT, State
from app.domain.refusals import NotAllowed
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
        if not act.may("department", "create"):
            raise NotAllowed("您的岗位不能新增部门", "your roles do not cover `department.create`")
        row = named(act, **body.model_dump())
    return done(row)


def named(act, **values) -> Department:
    """A candidate department inside an act, recorded."""
    row = act.create(Department, number=act.number("DEPT", 3), department_id="",
                     state=str(State.CANDIDATE), **values)
    row.department_id = row.id
    act.record("department.create", f"department/{row.id}", number=row.number)
    return row


class ProvisionAgreement(Body):
    """The signed data provision agreement (数据提供协议)."""

    signed_on: Text = entry("签署日期", "Signed on", widget="date",
                            pattern=r"^\d{4}-\d{2}-\d{2}$")
    clauses: list[Text] = entry("条款清单", "Clauses", widget="multiselect",
                                options="clauses:8.2", min_length=1, max_length=30)
    liaison: Text = entry("联系人", "Liaison", min_length=1, max_length=50)


@command("department.file_agreement", "登记数据提供协议", "File agreement")
def file_agreement(rt, caller: Caller, ref: str, body: ProvisionAgreement) -> Done:
    """The agreement and the liaison are put on file; activation asks for both."""
    with begin(rt, caller) as act:
        row = act.open(Department, ref)
        if not act.may("department", "file_agreement"):
            raise NotAllowed("您的岗位不能登记协议", "your roles do not cover this")
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
        step = advance(act, DEPARTMENT, row, action, situation)
        if step:
            act.affects("department", row.id, stops=step.move.stops)
            if action == "suspend":
                _freeze_all(act, row)
    return done(row, step)


def _freeze_all(act, row: Department) -> None:
    for dataset in act.all(select(Dataset).where(
            Dataset.department_id == row.id, Dataset.state == "ONLINE").with_for_update()):
        dataset.state = "FROZEN"
        act.touch(dataset)
        act.record("dataset.freeze", f"dataset/{dataset.id}", was="ONLINE", now="FROZEN",
                   because=f"department/{row.id}")
        act.affects("dataset", dataset.id, stops=True)
