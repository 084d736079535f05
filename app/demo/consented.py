"""A product that needs the subject's authorization: who gave one, who withdrew, and calls of both.

Companies and tokens are invented; evidence names no file.
"""

from datetime import timedelta

from app.commands.decide import Gate, Question
from app.demo import names
from app.demo.dice import Dice
from app.demo.institutions import place_grant
from app.demo.simulation import Simulation, placed
from app.domain.asks import Presented
from app.domain.canonical import instant
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_supply import PriceEntry, Product, ProductVersion

KEY, NUMBER = "consented", "PRD-CREDIT-QUERY-013"
OWNERS = (0, 1)
SUBJECTS, KNOWN = 70, 56  # companies asked about, and those of them that were ever asked
MOST_CALLS = 240
PURPOSES = ("PF.CRD.NEW", "PF.PLM.CHK")
STATES = ("ACTIVE",) * 7 + ("WITHDRAWN", "EXPIRED", "REFUSED", "REQUESTED", "SUPERSEDED")


def product(story: Simulation) -> None:
    """What the first product offers, on the subject's authorization only."""
    with story.act() as act:
        like = act.first(ProductVersion.__table__.select().where(
            ProductVersion.product_id == story.rows["product:0"].id))
        row = placed(act, Product, number=NUMBER, name="企业经营数据授权查询",
                     category="CREDIT_QUERY", public_use="PUBLIC_BENEFIT", owner="数据产品部",
                     state="LISTED", current="1.0", registration="REGISTERED",
                     registration_code="REGP0012", registration_valid_to=story.day(420))
        placed(act, ProductVersion, product_id=row.id, text="1.0", state="LISTED",
               fields=like.fields, datasets=like.datasets, actions=["QUERY_ONE"],
               output_form=like.output_form, purposes=list(PURPOSES),
               methods=[way for way in like.methods if way["action"] == "QUERY_ONE"],
               subject_authorization="REQUIRED", service_level=like.service_level,
               published_at=act.at)
        placed(act, PriceEntry, product_id=row.id, price_class="FREE", unit="", list_price=0,
               effective_from=act.day, published_on=act.day)
        story.rows[f"product:{KEY}"] = row


def grants(story: Simulation) -> None:
    """Two banks may use it. Their calls are told apart from the rest of the history."""
    dice = Dice(KEY)
    with story.act() as act:
        versions = {KEY: act.first(ProductVersion.__table__.select().where(
            ProductVersion.product_id == story.rows[f"product:{KEY}"].id))}
        for owner in OWNERS:
            place_grant(story, act, dice, KEY, owner, KEY, "ACTIVE", versions)
            story.rows[f"{KEY}:{owner}"] = story.rows.pop(f"grant:{KEY}")


def share(total: int) -> int:
    """How many of the zone's decisions are about this product."""
    return min(MOST_CALLS, total // 10)


def authorizations(story: Simulation) -> None:
    """What companies agreed to, refused, withdrew or have yet to answer."""
    dice = Dice("consents")
    with story.act() as act:
        for at in range(KNOWN):
            state = dice.pick(STATES)
            owner = story.rows[f"institution:{dice.pick(OWNERS)}"]
            begins = act.at - timedelta(days=20 + dice.below(300))
            ends = act.at - timedelta(days=3) if state == "EXPIRED" else begins + timedelta(365)
            is_open = state in ("ACTIVE", "REQUESTED")
            row = act.create(
                SubjectAuthorization, token=f"sa_demo_company_{at:04d}", institution_id=owner.id,
                subject=story.rt.subject_hash("ENTERPRISE", names.uscc(1000 + at)),
                subject_kind="ENTERPRISE", state=state, purposes=" ".join(PURPOSES),
                products=NUMBER, noted=state != "REQUESTED",
                mode=dice.pick(("VIEW", "STORE")), max_uses=dice.pick((None, 2, 3, 12)),
                retention_days=180, valid_from=begins, valid_to=ends,
                notice="2026-1 sha256:" + "0" * 64, ended_at=None if is_open else act.at,
                evidence={} if state in ("REQUESTED", "REFUSED") else {
                    "channel": dice.pick(("APP", "COUNTER")), "proofing": "LEVEL_2",
                    "certificate": f"demo-{1000 + at}", "at": instant(begins), "file": "",
                    "authority": "LEGAL_REPRESENTATIVE"})
            act.record("subject_authorization.import", f"subject_authorization/{row.id}",
                       institution=owner.id, subject=row.subject)


def calls(story: Simulation, gate: Gate, count: int) -> None:
    """Yesterday's calls about these companies; most have agreed, some have not."""
    dice = Dice("consented calls")
    for _ in range(count):
        story.later(seconds=20 + dice.below(40))
        gate.answer(_question(story, dice, dice.pick(OWNERS)))


def _question(story: Simulation, dice: Dice, owner: int) -> Question:
    grant, _, _, document = story.rows[f"{KEY}:{owner}"]
    app, credential = story.rows[f"app:{owner}"], story.rows[f"credential:{owner}"]
    way = document["method"]["ways"][0]
    fields = [item["field"] for item in document["scope"]["fields"]]
    return Question({
        "subject": {"type": "client_app", "id": app.number, "properties": {
            "user": app.users[0], "user_auth_level": 2}},
        "action": {"name": way["action"], "properties": {
            "channel": way["channel"], "environment": "PROD"}},
        "resource": {"type": "product", "id": NUMBER, "properties": {
            "fields": dice.some(fields, 1 + dice.below(4)), "region": "110000",
            "lookback_from": story.now.date().replace(day=1).isoformat(),
            "data_subject": {"kind": "ENTERPRISE",
                             "id": names.uscc(1000 + dice.below(SUBJECTS))}}},
        "context": {"purpose": document["purpose"]["nodes"][0]["code"], "grant": grant.number,
                    "business_ref": f"LN{dice.below(10**8):08d}", "time": instant(story.now),
                    "trace_id": f"tr-{dice.below(16**8):08x}"}},
        Presented(credential.prefix, "127.0.0.1"))
