"""Gateways of the zone: each has a credential of its own that speaks for several applications.

The credential is activated by another person and revoked like every other.
"""

from datetime import date, timedelta

from app.commands.advance import done
from app.commands.apps import blocks
from app.commands.command import Body, Done, Text, command, entry
from app.commands.credentials import fresh_secret, require_term, require_usable, secret_hash
from app.commands.filing import permitted
from app.domain.callers import Caller
from app.domain.credentials import GATEWAY, State
from app.domain.workdays import start_of
from app.store.tables_institutions import ClientApp, Credential
from app.store.unit import begin


class NewGateway(Body):
    """For whom a gateway speaks, from where it calls, and until when."""

    apps: list[Text] = entry("代表的应用系统", "Applications it speaks for", widget="multiselect",
                             options="noun:client_app", min_length=1, max_length=500)
    networks: list[Text] = entry(
        "网关来源网段", "Networks of the gateway", widget="textarea", min_length=1, max_length=50,
        help_zh="每行一个 CIDR 网段，不宽于 /16",
        help_en="one CIDR block a line, no wider than /16")
    last_day: date = entry("有效期至", "Last day", widget="date")


@command("gateway.create", "签发网关凭证", "Issue a gateway's credential", creates=True,
         factor=True)
def create(rt, caller: Caller, body: NewGateway) -> Done:
    """The secret is in the answer and nowhere else. Every application it speaks for is still
    asked for its own grant, network and state at each decision."""
    with begin(rt, caller) as act:
        permitted(act, "gateway", "create")
        apps = [act.open(ClientApp, ref) for ref in dict.fromkeys(body.apps)]
        for app in apps:
            require_usable(act, app)
        require_term(act, body.last_day)
        prefix, secret = fresh_secret(act)
        row = act.create(
            Credential, number=act.number("CRED"), institution_id="", app_id="", kind=GATEWAY,
            apps=[app.id for app in apps], networks=blocks(body.networks), prefix=prefix,
            secret_hash=secret_hash(secret), issued_by=caller.person, state=str(State.ISSUED),
            issued_at=act.at, expires_at=start_of(body.last_day + timedelta(days=1)))
        act.record("gateway.create", f"credential/{row.id}", number=row.number, prefix=prefix,
                   apps=[app.number for app in apps], networks=row.networks,
                   last_day=body.last_day.isoformat())
        act.affects("credential", row.id)
    return done(row, secret=secret)
