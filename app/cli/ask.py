"""`./hufu ask`: ask the running demonstration as the gateway of its first institution would."""

import json
import urllib.error
import urllib.request
from datetime import timedelta

from sqlmodel import select

from app import runtime
from app.cli.processes import settings_of
from app.demo.institutions import secret_of
from app.domain.refusals import Invalid
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Institution
from app.store.tables_supply import Product
from app.store.unit import read


def register(words) -> None:
    """Add the word to the parser."""
    ask = words.add_parser("ask", help="ask the demonstration for a decision, as a gateway")
    ask.add_argument("--port", type=int, help="port of the web process (8420)")
    ask.add_argument("--data", dest="data_dir", help="folder of the demonstration (var)")
    ask.add_argument("--purpose", default="", help="another purpose than the granted one")
    ask.set_defaults(run=run, demo=True)


def run(asked) -> int:
    """Print the question and the answer; the exit code is 0 for a permit, 1 for a denial."""
    settings = settings_of(asked)
    rt = runtime.build(settings)
    try:
        question = _question(rt, asked.purpose)
    finally:
        rt.close()
    print(json.dumps(question, ensure_ascii=False, indent=1))
    request = urllib.request.Request(
        f"http://localhost:{settings.port}/access/v1/evaluation",
        data=json.dumps(question).encode(), method="POST",
        headers={"Authorization": f"Bearer {secret_of(0)}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # nosec B310
            answer = json.load(response)
    except urllib.error.URLError as error:
        raise Invalid("演示未在运行，请先执行 ./hufu up --demo",
                      "the demonstration is not running; start it with ./hufu up --demo") from error
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0 if answer["decision"] else 1


def _question(rt, purpose: str) -> dict:
    """A question under the first institution's grant in force, within all its bounds."""
    with read(rt) as session:
        owner = session.exec(select(Institution).where(Institution.number == "INST-0001")).first()
        app = owner and session.exec(select(ClientApp).where(
            ClientApp.institution_id == owner.id).order_by(ClientApp.number)).first()
        grant = owner and session.exec(select(Grant).where(
            Grant.institution_id == owner.id, Grant.state == "ACTIVE")).first()
        if not grant:
            raise Invalid("没有演示授权，请先执行 ./hufu up --demo",
                          "there is no demonstration grant; run ./hufu up --demo first")
        rights = session.exec(select(GrantVersion).where(
            GrantVersion.grant_id == grant.id, GrantVersion.n == grant.current)).one().dimensions
        product = session.get(Product, grant.product_id).number
    way = rights["method"]["ways"][0]
    since = rt.clock().date() - timedelta(days=100)
    return {
        "subject": {"type": "client_app", "id": app.number, "properties": {
            "institution": owner.number, "user": app.users[0], "user_auth_level": 2}},
        "action": {"name": way["action"], "properties": {
            "channel": way["channel"], "environment": way["environment"], "batch_size": 1}},
        "resource": {"type": "product", "id": product, "properties": {
            "fields": [item["field"] for item in rights["scope"]["fields"][:3]],
            "region": "110000", "lookback_from": since.isoformat(),
            "data_subject": {"kind": "ENTERPRISE", "id": "91119999MADEM0001X"}}},
        "context": {"purpose": purpose or rights["purpose"]["nodes"][0]["code"],
                    "grant": grant.number, "business_ref": "LN20261122-0091"},
    }
