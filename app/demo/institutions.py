"""Who uses the zone in the demonstration: 68 institutions, their systems, people and rights."""

import hashlib

from app.commands.advance import cascade
from app.demo import cast, names
from app.demo.dice import Dice
from app.demo.simulation import Simulation, placed
from app.domain.canonical import digest, instant
from app.domain.grants import GRANT
from app.store.tables_grants import Contract, Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution, JointNode
from app.store.tables_supply import ProductVersion

GRANTS = 90
# How many grants stand in each state today; the rest is ACTIVE.
STATES = (("EXPIRED", 9), ("SUSPENDED", 5), ("REVOKED", 3), ("TERMINATED", 3), ("SCHEDULED", 5))
# How grants that are no longer in force ended: action and reason on file.
ENDINGS = {"EXPIRED": ("expire", ""), "REVOKED": ("revoke", "超出约定目的使用数据，经查实"),
           "TERMINATED": ("terminate", "双方协商一致终止"),
           "SUSPENDED": ("suspend", "数据安全检查发现接口密钥外泄风险")}


def institutions(story: Simulation) -> None:
    """30 banks, 12 guarantee companies, 10 insurers, 16 others; two are related parties."""
    with story.act() as act:
        for at, (name, kind) in enumerate(names.INSTITUTIONS):
            row = placed(act, Institution, institution_id="", number=f"INST-{at + 1:04d}",
                         name=name, uscc=names.uscc(at), kind=kind, state="ADMITTED",
                         related_party=at in (4, 33), licence_no=f"B{at:04d}H1100",
                         licence_expires=story.on(3, 12, 31), security_level=3,
                         security_expires=story.on(2, 6, 30), contact=names.person(200 + at),
                         security_officer=names.person(300 + at), criteria_version="2024-1",
                         admitted_at=act.at, business_ref_pattern="LN*")
            story.rows[f"institution:{at}"] = row
            app = placed(act, ClientApp, number=f"APP-{at + 1:06d}", institution_id=row.id,
                         name="信贷业务系统" if kind != "INSURER" else "核保系统",
                         networks=["127.0.0.0/8", f"203.0.113.{at}/32"],
                         users=[f"user{at:02d}a", f"user{at:02d}b"])
            story.rows[f"app:{at}"] = app
            _credential(story, act, row, app, at)
        for at in (0, 3, 7):
            owner = story.rows[f"institution:{at}"]
            placed(act, JointNode, number=f"NODE-{at + 1:03d}", institution_id=owner.id,
                   name=f"{owner.name}联合建模节点",
                   attestation={"image": "sha256:" + "ab" * 32, "network": "sha256:" + "cd" * 32,
                                "verifier": story.rows["account:ops"].name, "result": "PASS"},
                   attested_at=act.at)


def secret_of(at: int) -> str:
    """The secret of an institution's demonstration credential: no secret at all, and the same in
    every demonstration, so that guides can name it."""
    prefix = f"demo{at:04d}"
    return f"hufu_{prefix}_{hashlib.sha256(prefix.encode()).hexdigest()[:43]}"


def _credential(story: Simulation, act, owner, app, at: int) -> None:
    secret = secret_of(at)
    prefix = secret.split("_")[1]
    story.rows[f"credential:{at}"] = placed(
        act, Credential, number=f"CRED-{at + 1:06d}", institution_id=owner.id, app_id=app.id,
        prefix=prefix, secret_hash="sha256:" + hashlib.sha256(secret.encode()).hexdigest(),
        issued_at=act.at, expires_at=story.day(365))


def people(story: Simulation) -> None:
    """Makers and signers of the first four institutions, liaisons of three departments."""
    for at in range(4):
        owner = story.rows[f"institution:{at}"]
        for role, offset in (("maker", 400), ("signer", 430)):
            cast.users(story, owner.id, f"{role}{at + 1}", (f"INST_{role.upper()}",), offset + at,
                       institution_id=owner.id)
    found = [row for key, row in story.rows.items() if key.startswith("department:")]
    for at, office in enumerate(sorted(found, key=lambda row: row.number)[:3]):
        cast.users(story, office.id, f"liaison{at + 1}", ("DEPT_LIAISON",), 460 + at,
                   department_id=office.id)


def grants(story: Simulation) -> None:
    """90 grants, each with its contract and first version, in every state."""
    dice = Dice("grants")
    states = [state for state, count in STATES for _ in range(count)]
    states += ["ACTIVE"] * (GRANTS - len(states))
    with story.act() as act:
        versions = {at: act.first(ProductVersion.__table__.select().where(
            ProductVersion.product_id == story.rows[f"product:{at}"].id))
            for at in range(len(names.PRODUCTS))}
        for at in range(GRANTS):
            # Every fourth institution holds two; the states spread over all of them.
            owner = (at * 7) % len(names.INSTITUTIONS)
            place_grant(story, act, dice, at, owner, (at * 5 + owner) % len(names.PRODUCTS),
                   states[(at * 11) % GRANTS], versions)


def place_grant(story: Simulation, act, dice: Dice, at: int | str, owner: int,
                product: int | str, state: str, versions: dict) -> None:
    """A grant with its contract and first version, kept in the story under `grant:{at}`."""
    institution, sold = story.rows[f"institution:{owner}"], story.rows[f"product:{product}"]
    begins, ends = _term(story, dice, state)
    document = _dimensions(dice, sold, versions[product], begins, ends)
    scope = digest({**document, "conditions": [], "quota": {}, "obligations": []})
    row = placed(act, Grant, number=act.number("GR"),
                 institution_id=institution.id, product_id=sold.id, current=1,
                 state="SCHEDULED" if state == "SCHEDULED" else "ACTIVE",
                 valid_from=begins, valid_to=ends)
    if state in ENDINGS:
        ended = (ends - story.today).days if state == "EXPIRED" else -5 - dice.below(120)
        story.rows.setdefault(f"endings:{ended}", []).append((row.id, state))
    clauses = [item.id for item in story.rt.cases.checklists["application-contract"].items]
    contract = placed(act, Contract, number=act.number("HT"),
                      institution_id=institution.id, case_id="", grant_id=row.id,
                      template="application-contract@2026-1", clauses=clauses, scope_digest=scope,
                      signatures=[], signed_on=min(begins, act.at).date(), state="SIGNED")
    placed(act, GrantVersion, grant_id=row.id, institution_id=institution.id, n=1,
           dimensions=document, conditions=[], quota={"per_day": 500 + 100 * dice.below(20)},
           scope_digest=scope, contract_id=contract.id, case_id="", effective_from=begins)
    story.rows[f"grant:{at}"] = (row, owner, product, document)


def ended(story: Simulation, day: int) -> None:
    """The grants that end on this day of the story."""
    for grant_id, state in story.rows.pop(f"endings:{day}", ()):
        with story.act() as act:
            row = act.get(Grant, grant_id)
            action, why = ENDINGS[state]
            row.suspended_for = why if state == "SUSPENDED" else ""
            row.ended_reason = "" if state == "SUSPENDED" else why
            cascade(act, GRANT, row, action, because=f"grant/{row.id}", reason_code="HISTORY")


def _term(story: Simulation, dice: Dice, state: str):
    if state == "EXPIRED":
        return story.day(-726, 0), story.day(-20 - dice.below(200), 0)
    if state == "SCHEDULED":
        return story.day(5 + dice.below(20), 0), story.day(365, 0)
    return story.day(-726 + dice.below(300), 0), story.day(6 + dice.below(600), 0)


def _dimensions(dice: Dice, sold, version, begins, ends) -> dict:
    nodes = dice.some(version.purposes, 1 + dice.below(2))
    ways = [way for way in version.methods if way["environment"] == "PROD"]
    fields = version.fields[:max(3, len(version.fields) - dice.below(4))]
    return {
        "purpose": {"nodes": [{"code": code, "descend": False, "except": []} for code in nodes],
                    "business_ref_required": dice.chance(60)},
        "scope": {"product": sold.number, "version_from": "1.0", "version_to": "1.9",
                  "fields": [{"field": item["field"], "treatment": item["treatment"]}
                             for item in fields],
                  "rows": {"regions": ["110000"] if dice.chance(70) else [], "industries": [],
                           "population": dice.pick(("OWN_CUSTOMERS", "OWN_CUSTOMERS", "ALL")),
                           "lookback_months": dice.pick((12, 24, 36)),
                           "subject_kinds": ["ENTERPRISE"]}},
        "method": {"ways": [{**way, "node": "*" if way["channel"] == "JOINT_NODE" else "-",
                             "max_batch": 100 if way["action"] == "QUERY_BATCH" else 1}
                            for way in dice.some(ways, 1 + dice.below(2))],
                   "output_form": version.output_form},
        "term": {"from": instant(begins), "to": instant(ends), "window": None,
                 "retention_days": dice.pick((90, 180, 365)), "data_life_days": 30},
    }

