"""Roles people may hold, whose they are, and which of them one natural person may not combine.

Three administrators kept apart (三员分立, INV-20): each is one role set, and none of them
decides business. Source: GB/T 22239-2019 8.1.4.2.d and 8.1.7.2.b.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.titled import Titled


class Role(Titled):
    """What a person may be. INVITEE and SYSTEM are nobody's to hold."""

    DEPT_LIAISON = "DEPT_LIAISON", "数据提供部门联系人", "Department liaison"
    INST_MAKER = "INST_MAKER", "机构经办", "Institution maker"
    INST_SIGNER = "INST_SIGNER", "机构授权签字人", "Institution signer"
    INTAKE = "INTAKE", "受理岗", "Intake"
    BIZ_REVIEW = "BIZ_REVIEW", "业务审核岗", "Business review"
    COMP_REVIEW = "COMP_REVIEW", "合规审核岗", "Compliance review"
    SEC_REVIEW = "SEC_REVIEW", "数据安全审核岗", "Data security review"
    PRICE_REVIEW = "PRICE_REVIEW", "定价岗", "Pricing"
    PI_OFFICER = "PI_OFFICER", "个人信息保护负责人", "Personal information officer"
    APPROVER = "APPROVER", "审批人", "Approver"
    DSO = "DSO", "数据安全负责人", "Data security officer"
    OPERATOR_SIGNER = "OPERATOR_SIGNER", "运营机构签字人", "Operator signer"
    OPS = "OPS", "技术实施岗", "Operations"
    AUDITOR = "AUDITOR", "审计岗", "Auditor"
    REGULATOR_VIEW = "REGULATOR_VIEW", "监管查看", "Regulator view"
    SYS_ADMIN = "SYS_ADMIN", "系统管理员", "System administrator"
    SEC_ADMIN = "SEC_ADMIN", "安全管理员", "Security administrator"
    AUD_ADMIN = "AUD_ADMIN", "审计管理员", "Audit administrator"
    INVITEE = "INVITEE", "受邀人", "Invitee"
    SYSTEM = "SYSTEM", "系统", "System"


ADMINISTRATORS = (Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUD_ADMIN)
INSTITUTION = (Role.INST_MAKER, Role.INST_SIGNER)
DEPARTMENT = (Role.DEPT_LIAISON,)
UNASSIGNABLE = (Role.INVITEE, Role.SYSTEM)
STAFF = tuple(role for role in Role
              if role not in (*INSTITUTION, *DEPARTMENT, *UNASSIGNABLE))
ASSIGNABLE = tuple(role for role in Role if role not in UNASSIGNABLE)
# The same roles as a vocabulary that forms offer.
Assignable = Titled("Assignable", {role.name: (role.value, role.zh, role.en)
                                   for role in ASSIGNABLE})

# Who holds one of these holds nothing else.
ALONE = (*ADMINISTRATORS, Role.AUDITOR, Role.REGULATOR_VIEW)
WHY = {
    Role.SYS_ADMIN: ("系统、安全、审计三员分立，且不得办理业务",
                     "the three administrators are kept apart and do no business"),
    Role.AUDITOR: ("审计岗只出具发现与证据，不得兼任",
                   "an auditor writes findings and exports, and is nothing else"),
    Role.REGULATOR_VIEW: ("监管查看为只读岗位，不得兼任",
                          "the regulator's view reads only and is not combined"),
}
SIDES = ("岗位须属同一方：专区、机构或部门",
         "roles belong to one side: the zone, an institution or a department")


@dataclass(frozen=True)
class Clash:
    """Two roles one natural person may not hold together, and why."""

    first: Role
    second: Role
    zh: str
    en: str


def side(role: Role) -> str:
    """Whose role it is: `institution`, `department` or `staff`."""
    if role in INSTITUTION:
        return "institution"
    return "department" if role in DEPARTMENT else "staff"


def clash(first: Role, second: Role) -> Clash | None:
    """Why one person may not hold both, None when they may."""
    if first == second:
        return None
    for role in (first, second):
        if role in ALONE:
            return Clash(first, second, *WHY[Role.SYS_ADMIN if role in ADMINISTRATORS else role])
    return Clash(first, second, *SIDES) if side(first) != side(second) else None


def clashes(roles: Iterable[Role]) -> tuple[Clash, ...]:
    """Every forbidden pair among the roles of one natural person."""
    held = [role for role in Role if role in set(roles)]
    pairs = ((first, second) for at, first in enumerate(held) for second in held[at + 1:])
    return tuple(found for pair in pairs if (found := clash(*pair)))


def known(codes: Iterable[str]) -> tuple[Role, ...]:
    """The assignable roles with these codes, in the order of the list.

    Raises:
        ValueError: a code is no role, or one that nobody holds.
    """
    wanted = set(codes)
    strange = wanted - set(ASSIGNABLE)
    if strange:
        raise ValueError(f"not a role: {', '.join(sorted(strange))}")
    return tuple(role for role in ASSIGNABLE if role in wanted)
