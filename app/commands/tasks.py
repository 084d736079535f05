"""Tasks: claimed from the pool, given back, or handed to somebody else with a reason (转办)."""

from sqlmodel import select

from app.commands.command import Body, Done, Empty, Text, command, entry
from app.commands.filing import permitted
from app.domain.callers import Caller
from app.domain.refusals import IllegalMove, Invalid, NotAllowed, NotFound
from app.domain.roles import Role
from app.store.tables import Task
from app.store.tables_people import Account
from app.store.unit import Act, begin


@command("task.claim", "认领", "Claim")
def claim(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """A task of the caller's role becomes the caller's own; a second claimer is refused."""
    with begin(rt, caller) as act:
        task = _open(act, ref, "claim")
        if task.assignee not in (None, caller.account):
            raise IllegalMove("该待办已由他人认领", "somebody else has claimed it", noun="task",
                              state="CLAIMED", action="claim")
        task.assignee = caller.account
        _recorded(act, task, "claim", caller.account)
    return _done(task)


@command("task.release", "退回", "Release")
def release(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The caller's own task goes back to the pool of its role."""
    with begin(rt, caller) as act:
        task = _open(act, ref, "release")
        if task.assignee != caller.account:
            raise NotAllowed("只能退回自己认领的待办", "only one's own task can be given back")
        task.assignee = None
        _recorded(act, task, "release", "")
    return _done(task)


class Handover(Body):
    """Who takes the task over, and why."""

    account: Text = entry("转办给", "Hand to", min_length=1, max_length=64,
                          help_zh="登录名", help_en="login name")
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("task.reassign", "转办", "Reassign")
def reassign(rt, caller: Caller, ref: str, body: Handover) -> Done:
    """A task is handed to an account that holds its role, in the same institution or department."""
    with begin(rt, caller) as act:
        task = _open(act, ref, "reassign")
        account = act.first(select(Account).where(
            (Account.login == body.account) | (Account.id == body.account)))
        if account is None or not _fits(task, account):
            raise Invalid("该账号不存在、已停用或不具备所需岗位",
                          "no open account of that name holds the role", errors=[
                              {"at": "account", "zh": "请另选账号", "en": "choose another"}])
        task.assignee = account.id
        _recorded(act, task, "reassign", account.id, body.reason)
    return _done(task)


def _open(act: Act, ref: str, action: str) -> Task:
    """The open task, if it is this caller's to see.

    Raises:
        NotFound, NotAllowed
    """
    permitted(act, "task", action)
    task = act.find(Task, ref)
    if task is None or task.done_at is not None or not _visible(act.caller, task):
        raise NotFound("没有这项待办，或不在您的可见范围", "no such task within your view",
                       noun="task")
    if action != "reassign" and task.role not in act.caller.roles:
        role = Role(task.role)
        raise NotAllowed(f"该待办属于{role.zh}", f"the task belongs to {role.en}")
    return task


def _visible(caller: Caller, task: Task) -> bool:
    if caller.is_staff:
        return True
    return bool(caller.institution and caller.institution == task.institution_id
                or caller.department and caller.department == task.department_id)


def _fits(task: Task, account: Account) -> bool:
    """Whether the account may do what the task asks, on the side the task lies on."""
    if account.state != "ACTIVE" or task.role not in account.roles:
        return False
    if task.role.startswith("INST_"):
        return account.institution_id == task.institution_id
    if task.role == "DEPT_LIAISON":
        return account.department_id == task.department_id
    return account.institution_id is None and account.department_id is None


def _recorded(act: Act, task: Task, action: str, account: str, reason: str = "") -> None:
    act.record(f"task.{action}", f"{task.noun}/{task.object_id}", task=task.id, to=account,
               institution=task.institution_id, private={"reason": reason} if reason else None)


def _done(task: Task) -> Done:
    return Done("task", task.id, task.number, "CLAIMED" if task.assignee else "OPEN", 1)
