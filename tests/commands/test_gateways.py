"""A gateway's credential speaks for the systems it lists and is live when another activates it."""

import pytest
from sqlmodel import select

from app.commands import credentials, gateways
from app.commands.command import Empty, Reasoned
from app.domain.refusals import GuardFailed, Invalid, NotAllowed, NotFound
from app.queries import apps
from app.queries import gateways as shown
from app.queries.query import Filters
from app.store.tables_institutions import Credential
from app.store.unit import read
from tests import zone
from tests.commands.zone_people import COMP, OPS, SEC
from tests.conftest import caller


def form(rt, *numbers, **changes):
    return gateways.NewGateway(**{"apps": list(numbers), "networks": ["192.0.2.0/24"],
                                  "last_day": rt.clock().date(), **changes})


def test_a_gateway_is_issued_by_one_and_activated_by_another(rt):
    z = zone.tiny(rt)
    done = gateways.create(rt, OPS, form(rt, z.app.number))
    assert done.detail["secret"].startswith("hufu_")
    with pytest.raises(GuardFailed, match="another person"):
        credentials.activate(rt, OPS, done.id, Empty())
    assert credentials.activate(rt, SEC, done.id, Empty()).state == "ACTIVE"
    with read(rt) as session:
        row = session.exec(select(Credential).where(Credential.id == done.id)).one()
    assert (row.kind, row.apps, row.networks) == ("GATEWAY", [z.app.id], ["192.0.2.0/24"])
    assert done.detail["secret"] not in str(row)
    sheet = apps.credential(rt, OPS, row.number)
    assert (sheet.apps, sheet.app, sheet.institution, sheet.networks) == (
        (z.app.number,), "", "", ("192.0.2.0/24",))
    [line] = shown.gateways(rt, OPS, Filters()).items
    assert (line.apps, line.state) == ((z.app.number,), "ACTIVE")
    assert apps.credentials(rt, OPS, Filters()).total == 2
    assert credentials.revoke(rt, COMP, done.id, Reasoned(reason="网关下线")).state == "REVOKED"


def test_an_institution_sees_and_issues_no_gateway(rt):
    z = zone.tiny(rt)
    theirs = caller("wang", "INST_MAKER", institution=z.institution.id)
    with pytest.raises(NotAllowed):
        gateways.create(rt, theirs, form(rt, z.app.number))
    done = gateways.create(rt, OPS, form(rt, z.app.number))
    with pytest.raises(NotFound):
        apps.credential(rt, theirs, done.id)


@pytest.mark.parametrize("changes", [{"networks": ["0.0.0.0/0"]}, {"networks": ["x"]}])
def test_a_gateway_calls_from_stated_networks(rt, changes):
    z = zone.tiny(rt)
    with pytest.raises(Invalid):
        gateways.create(rt, OPS, form(rt, z.app.number, **changes))


def test_a_gateway_speaks_for_open_systems_only(rt):
    z = zone.tiny(rt)
    zone.set_state(rt, z.app, "CLOSED")
    with pytest.raises(GuardFailed):
        gateways.create(rt, OPS, form(rt, z.app.number))
