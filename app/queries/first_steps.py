"""What a new zone still lacks, in the order it is built up: the steps of whoever asks, with what
is done ticked from the facts. Nothing is kept; with the last step done the list is gone."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.roles import ADMINISTRATORS
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution
from app.store.tables_people import Account
from app.store.tables_supply import Dataset, Department, HeadAgreement, PriceEntry, Product

Fact = Callable[[Session], bool]


@dataclass(frozen=True)
class FirstStep:
    """One step: what to do, on which page, and whether it is done."""

    zh: str
    en: str
    href: str
    done: bool


@dataclass(frozen=True)
class _Step:
    """A step is of those who may fill `seat` of the action; an empty seat is any of them."""

    noun: str
    action: str
    seat: str
    zh: str
    en: str
    href: str
    is_done: Fact


def _has(model, *conditions) -> Fact:
    """Whether there is an object for which the conditions hold."""
    statement = select(model.id).where(*conditions).limit(1)
    return lambda session: session.exec(statement).first() is not None


def _staff_named(session: Session) -> bool:
    """Whether anybody but the administrators has an account."""
    return any(not set(ADMINISTRATORS) & set(roles) for roles in _roles(session))


def _staff_confirmed(session: Session) -> bool:
    return any(set(roles) - set(ADMINISTRATORS) for roles in _roles(session))


def _roles(session: Session) -> list[list[str]]:
    return session.exec(select(Account.roles).where(
        Account.institution_id.is_(None), Account.department_id.is_(None)).limit(50)).all()


STEPS = (
    _Step("account", "create", "", "为工作人员建账号并提出岗位",
          "Make accounts for the staff and propose their roles", "/accounts/new", _staff_named),
    _Step("account", "grant_roles", "check", "确认提出的岗位",
          "Confirm the roles proposed", "/accounts", _staff_confirmed),
    _Step("department", "create", "", "登记数据提供部门",
          "Register the departments that supply data", "/departments/new", _has(Department)),
    _Step("department", "activate", "", "核对并启用数据提供部门",
          "Check a department and put it in use", "/departments",
          _has(Department, Department.state == "ACTIVE")),
    _Step("catalogue", "import", "", "导入部门的资源目录", "Import a department's catalogue",
          "/catalogue/import", _has(Dataset)),
    _Step("onboarding_case", "approve", "", "审批第一项数据准接入，使其上线",
          "Decide on the first onboarding, so that a dataset goes online", "/onboarding-cases",
          _has(Dataset, Dataset.state == "ONLINE")),
    _Step("product", "create", "", "以上线的数据资源设立产品",
          "Make a product of the datasets online", "/products/new", _has(Product)),
    _Step("price_entry", "publish", "", "登记并公布产品价格", "File and publish its price",
          "/price-entries",
          _has(PriceEntry, PriceEntry.published_on.is_not(None))),
    _Step("head_agreement", "create", "", "起草授权运营协议，列明资源与产品",
          "Draft the head agreement with its resources and products", "/head-agreements/new",
          _has(HeadAgreement)),
    _Step("head_agreement", "activate", "", "签署协议并办理生效",
          "Have the agreement signed and put in force", "/head-agreements",
          _has(HeadAgreement, HeadAgreement.state == "IN_FORCE")),
    _Step("institution", "create", "", "登记申请用数的机构",
          "Register an institution that asks for data", "/institutions/new", _has(Institution)),
    _Step("admission_case", "accept", "", "受理并办结第一家机构的准入",
          "See the first institution admitted", "/admission-cases",
          _has(Institution, Institution.state == "ADMITTED")),
    _Step("grant_case", "approve", "", "审批第一项授权申请", "Decide on the first application",
          "/grant-cases", _has(Grant)),
)


def first_steps(rt, session: Session, caller: Caller) -> tuple[FirstStep, ...]:
    """The caller's steps in order; none for guests, and none once all of them are done."""
    if not caller.is_staff:
        return ()
    mine = [FirstStep(step.zh, step.en, step.href, step.is_done(session)) for step in STEPS
            if _is_of(rt, caller, step)]
    return () if all(step.done for step in mine) else tuple(mine)


def _is_of(rt, caller: Caller, step: _Step) -> bool:
    if not step.seat:
        return rt.staff.covers(caller.roles, step.noun, step.action)
    return rt.staff.permits(caller.roles, step.noun, step.action, step.seat)
