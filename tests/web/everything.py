"""A zone that holds one of everything, for tests that walk every noun.

    whole = everything.whole(rt)      # rows of two institutions and two departments
    whole.refs["grant_case"]          # what the first institution or department owns, by noun
"""

from dataclasses import dataclass, field

from sqlmodel import SQLModel, select

from app.commands import apps, credentials, delegations, evidence, gateways, holds
from app.domain.callers import SYSTEM, Caller
from app.store.tables import Registered
from app.store.tables_people import Account
from app.store.unit import begin, read
from tests import gateway_zone, people
from tests import zone as rows
from tests.commands import applicants, supply
from tests.commands.zone_people import SEC, Walk
from tests.conftest import caller

STAFF = ("INTAKE", "BIZ_REVIEW", "COMP_REVIEW", "SEC_REVIEW", "PRICE_REVIEW", "PI_OFFICER", "DSO",
         "APPROVER", "OPS", "OPERATOR_SIGNER")


@dataclass
class Whole:
    """The zone, and what is in it by noun: ids of everything, newest last."""

    zone: rows.Zone
    department: str
    refs: dict[str, list[str]] = field(default_factory=dict)
    sessions: dict = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)  # what each stranger's own side is


def nouns() -> dict[str, type[Registered]]:
    """Every registered noun and its rows."""
    found, left = {}, [Registered]
    while left:
        model = left.pop()
        left += model.__subclasses__()
        if issubclass(model, SQLModel) and hasattr(model, "__table__"):
            found[model.noun] = model
    return found


def whole(rt) -> Whole:
    """Two banks and two departments; the second of each owns nothing. Everything the first ones
    have was made by its commands."""
    zone = rows.tiny(rt)
    with begin(rt, SYSTEM) as act:  # the numbers the tiny zone gave by hand are taken
        for series in ("DEPT", "GR"):
            for _ in range(rows.number()):
                act.next(series)
        act.record("test.numbers", "test/1")
    Walk(rt, zone).draft().submit().accept().opinions().approve()
    found = Whole(zone, supply.department(rt))
    supply.accepted(rt, found.department)
    supply.drafted(rt, found.department, code="WATER")
    applicants.submitted(rt, applicants.registered(rt))
    apps.create_node(rt, applicants.OPS, apps.NewNode(
        institution=zone.institution.number, name="联合建模节点一"))
    credentials.issue(rt, applicants.OPS, credentials.NewCredential(
        app=zone.app.number, last_day=rt.clock().date()))
    gateways.create(rt, applicants.OPS, gateways.NewGateway(
        apps=[zone.app.number], networks=["192.0.2.0/24"], last_day=rt.clock().date()))
    with begin(rt, SYSTEM) as act:
        gateway_zone.route(act, zone)
    holds.place(rt, SEC, holds.Placed(link="grant", object=zone.grant.number, reason="异常调用"))
    evidence.request(rt, caller("auditor", "AUDITOR"), evidence.PackRequest(
        kind="zone", recipient="市数据局", legal_basis="数据安全法", purpose="审计",
        expires="2027-11-30", reason="监管调取"))
    _people(rt, found)
    with read(rt) as session:
        for noun, model in nouns().items():
            found.refs[noun] = list(session.exec(select(model.id).order_by(model.id)))
    return found


def _people(rt, found: Whole) -> None:
    """Those who walk: staff, and a maker and a liaison of each side."""
    bank, other = found.zone.institution.id, applicants.registered(
        rt, "邻市银行", "91110000000000009X")
    desk = supply.department(rt, "市水务局")
    found.own = {"foreign_maker": other, "foreign_liaison": desk}
    told = {"staff": (STAFF, {}), "maker": (("INST_MAKER", "INST_SIGNER"), {"institution": bank}),
            "foreign_maker": (("INST_MAKER", "INST_SIGNER"), {"institution": other}),
            "liaison": (("DEPT_LIAISON",), {"department": found.department}),
            "foreign_liaison": (("DEPT_LIAISON",), {"department": desk}),
            "sysadm": (("SYS_ADMIN",), {}), "auditor": (("AUDITOR",), {})}
    for name, (roles, scope) in told.items():
        found.sessions[name] = people.signed_in(
            rt, people.enrolled(rt, f"walker.{name}", *roles, **scope), "127.0.0.1")
    with read(rt) as session:
        account = session.exec(select(Account).where(Account.login == "walker.staff")).one()
    people.enrolled(rt, "walker.deputy", "OPS", qualified=("OPS",))
    asking = Caller(account.id, account.person_id, account.name, frozenset({"OPS"}))
    delegations.create(rt, asking, delegations.NewDelegation(
            delegate="walker.deputy", roles=["OPS"], begins=rt.clock().date(),
            ends=rt.clock().date(), reason="年休假"))
