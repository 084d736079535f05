"""授权链: the links above and inside a grant, which of them are in force, and why one is not.

Pure: whoever reads the registry hands in plain values. The decision engine judges the same links
from its own picture; this page is what people are shown and what registry acts are guarded by.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.titled import Titled

LEVELS = {
    "L0": ("授权运营协议", "Head agreement"), "L1": ("数据准接入", "Dataset onboarding"),
    "L2": ("公共数据资源登记", "Registration"), "L3": ("产品上架", "Product listing"),
    "L4": ("机构准入", "Institution admission"), "L5": ("授权", "Grant"),
    "L6": ("凭证或节点", "Credential or node"),
}


class Stoppable(Titled):
    """What an emergency stop may lie on."""

    HEAD_AGREEMENT = "head_agreement", "授权运营协议", "Head agreement"
    DEPARTMENT = "department", "数据提供部门", "Department"
    DATASET = "dataset", "数据资源", "Dataset"
    PRODUCT = "product", "数据产品", "Product"
    INSTITUTION = "institution", "应用单位", "Institution"
    GRANT = "grant", "授权", "Grant"
    CLIENT_APP = "client_app", "应用系统", "Application system"
    JOINT_NODE = "joint_node", "联合建模节点", "Joint node"
    CREDENTIAL = "credential", "凭证", "Credential"


BREAKS = {  # noun -> the command that breaks the link; `hold.place` breaks any of them
    "head_agreement": "terminate", "dataset": "freeze", "product": "pause",
    "institution": "suspend", "grant": "suspend", "credential": "revoke"}
HOLDS = {"EMERGENCY": ("紧急停用", "an emergency stop"), "INCIDENT": ("事件处置", "an incident"),
         "ORDER": ("监管指令", "an order")}
REGISTERED = frozenset({"NOT_REQUIRED", "REGISTERED", "EXPIRING", "RENEWED"})
BEING_REGISTERED = frozenset({"FILED", "ACCEPTED", "REVIEWED", "PUBLICITY"})


@dataclass(frozen=True)
class Fault:
    """Why a link is not in force, by its reason code."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Link:
    """One link of one chain. `ends` is when it stops by itself, None when it does not."""

    level: str
    noun: str
    id: str
    number: str
    name: str
    state: str
    ends: datetime | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def in_force(self) -> bool:
        return not self.faults

    def against(self, holds: bool, code: str, zh: str, en: str) -> "Link":
        """The link with a fault added when ``holds``."""
        return replace(self, faults=(*self.faults, Fault(code, zh, en))) if holds else self


@dataclass(frozen=True)
class Chain:
    """Every link a grant hangs on. A chain without links is not in force (INV-07)."""

    links: tuple[Link, ...]

    @property
    def in_force(self) -> bool:
        return bool(self.links) and not self.broken

    @property
    def broken(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if not link.in_force)

    @property
    def ends(self) -> datetime | None:
        """The earliest instant at which a link stops by itself."""
        return min((link.ends for link in self.links if link.ends), default=None)

    def only(self, *levels: str) -> "Chain":
        return Chain(tuple(link for link in self.links if link.level in levels))


def missing(level: str, noun: str, code: str) -> Link:
    """A required link that does not exist."""
    zh, en = LEVELS[level]
    return Link(level, noun, "", "", zh, "MISSING").against(
        True, code, f"没有对应的{zh}", f"there is no {en.lower()}")


def agreement(link: Link, begins: datetime | None, at: datetime, *, lists_product: bool,
              unlisted: tuple[str, ...]) -> Link:
    """L0: in force, inside its term, with the product and every dataset on its lists."""
    inside = begins is not None and link.ends is not None and begins <= at < link.ends
    code = "CHAIN.HEAD_AGREEMENT"
    link = link.against(link.state != "IN_FORCE" or not inside, code, "授权运营协议未生效或已终止",
                        "the head agreement is not in force")
    link = link.against(not lists_product, code, "产品不在协议清单内",
                        "the product is not on the agreement's list")
    return link.against(bool(unlisted), code, f"数据资源不在协议清单内：{'、'.join(unlisted)}",
                        f"not on the agreement's list: {', '.join(unlisted)}")


def dataset(link: Link, *, department_state: str, grade_class: str, risk_assessed: bool) -> Link:
    """L1: online, of an active department, and fit to be served at all (INV-10)."""
    frozen = link.state == "FROZEN" or department_state == "SUSPENDED"
    link = link.against(frozen, "CHAIN.DATASET_FROZEN", "数据资源冻结", "the dataset is frozen")
    link = link.against(not frozen and link.state != "ONLINE", "CHAIN.DATASET_RETIRED",
                        "数据资源未上线或已下线", "the dataset is not online")
    link = link.against(grade_class == "CORE", "CHAIN.DATASET_RETIRED", "核心数据不得提供",
                        "core data is never served")
    return link.against(grade_class == "IMPORTANT" and not risk_assessed, "CHAIN.DATASET_RETIRED",
                        "重要数据尚无风险评估", "important data has no risk assessment on file")


def registration(link: Link, at: datetime) -> Link:
    """L2: registered and valid, being registered, inside the filing window, or not required."""
    lives = link.ends is None or at < link.ends
    fine = (link.state in REGISTERED and lives or link.state in BEING_REGISTERED
            or link.state == "DUE" and link.ends is not None and lives)
    return link.against(not fine, "CHAIN.REGISTRATION", "登记失效", "the registration has lapsed")


def product(link: Link, *, version: str) -> Link:
    """L3: listed, in a version the grant takes."""
    link = link.against(link.state == "PAUSED", "CHAIN.PRODUCT_PAUSED", "产品暂停",
                        "the product is paused")
    link = link.against(link.state not in ("LISTED", "PAUSED"), "CHAIN.PRODUCT_DELISTED",
                        "产品未上架或已下架", "the product is not listed")
    return link.against(not version, "SCOPE.VERSION", "没有在版本范围内的上架版本",
                        "no listed version lies inside the version range")


def institution(link: Link, *, stop_order: bool, barred: bool) -> Link:
    """L4: admitted, or rectifying without a stop order, and not barred."""
    stopped = link.state == "SUSPENDED" or link.state == "RECTIFYING" and stop_order
    link = link.against(stopped, "INST.SUSPENDED", "机构暂停", "the institution is suspended")
    link = link.against(not stopped and link.state not in ("ADMITTED", "RECTIFYING"),
                        "INST.NOT_ADMITTED", "机构未准入", "the institution is not admitted")
    return link.against(barred, "INST.BARRED", "机构在禁入期内", "the institution is barred")


def grant(link: Link, begins: datetime, at: datetime) -> Link:
    """L5: active and inside its half-open term (INV-12)."""
    link = link.against(link.state == "SUSPENDED", "TERM.SUSPENDED", "授权暂停",
                        "the grant is suspended")
    link = link.against(link.state == "REVOKED", "TERM.REVOKED", "授权已撤销",
                        "the grant is revoked")
    link = link.against(link.state in ("TERMINATED", "CLOSED"), "TERM.CLOSED", "授权已终止",
                        "the grant is ended")
    link = link.against(link.state == "SCHEDULED" or at < begins, "TERM.NOT_YET", "授权未生效",
                        "the grant is not yet in force")
    ended = link.state == "EXPIRED" or link.ends is None or at >= link.ends
    return link.against(ended, "TERM.GRANT_EXPIRED", "授权已到期", "the grant has expired")


def credential(link: Link, at: datetime) -> Link:
    """L6: live and inside its dates."""
    link = link.against(link.state != "ACTIVE", "ID.CREDENTIAL_REVOKED", "凭证已吊销",
                        "the credential is revoked")
    return link.against(link.ends is None or at >= link.ends, "ID.CREDENTIAL_EXPIRED",
                        "凭证已过期", "the credential has expired")


def held(link: Link, kind: str) -> Link:
    """The link under an emergency stop, incident or order."""
    zh, en = HOLDS.get(kind, ("停用", "a hold"))
    return link.against(bool(kind), f"HOLD.{kind}", f"{zh}中", f"{en} lies on it")
