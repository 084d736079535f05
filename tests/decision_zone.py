"""One small zone that decisions are tested in, as a picture.

A bank asks for the risk product of one dataset; everything is in force, so that each test breaks
one thing. Names and numbers are invented.
"""

from dataclasses import replace

from app.domain.asks import Presented, read_ask
from app.domain.picture import (
    AppPicture,
    CredentialPicture,
    DatasetPicture,
    FieldPicture,
    GrantPicture,
    HeadAgreementPicture,
    InstitutionPicture,
    MethodRight,
    NodePicture,
    Picture,
    ProductFieldPicture,
    ProductPicture,
    ProductVersionPicture,
    PurposeRight,
    VersionPicture,
)
from app.engines import rulebooks

AT = "2026-11-23T02:00:00.000000Z"
BEGINS, ENDS = "2026-01-01T00:00:00.000000Z", "2026-12-31T16:00:00.000000Z"
LAW = rulebooks.load()


def version(**changes) -> VersionPicture:
    """The grant's version with its lines compiled."""
    values = {
        "number": 3, "purposes": (PurposeRight("PF.CRD", True),), "product": "PRD-RISK-002",
        "version_from": "2.0", "version_to": "2.9",
        "fields": {"ent_name": "CLEAR", "tax_grade": "PARTIAL", "penalty_count": "CLEAR"},
        "methods": (MethodRight("QUERY_ONE", "API", "PROD"),), "output_form": "MASKED_RECORD",
        "begins": BEGINS, "ends": ENDS, **changes}
    return LAW.sections.with_lines("GR-2026-000318", VersionPicture(**values))


def picture(**changes) -> Picture:
    """The zone in force; a change replaces one part of the picture."""
    fields = {name: FieldPicture(name, level) for name, level in
              (("ent_name", 1), ("tax_grade", 2), ("penalty_count", 3), ("secret_score", 4))}
    sold = {name: ProductFieldPicture(name, (("DS-0041", name),)) for name in fields}
    parts = {
        "agreements": {"HA-2023-001": HeadAgreementPicture(
            "HA-2023-001", 2, "IN_FORCE", BEGINS, "2028-01-01T00:00:00.000000Z",
            frozenset({"PRD-RISK-002"}), frozenset({"DS-0041"}))},
        "datasets": {"DS-0041": DatasetPicture("DS-0041", 7, "ONLINE", "DEPT-003", fields)},
        "products": {"PRD-RISK-002": ProductPicture(
            "PRD-RISK-002", 4, "LISTED", "2.1", {"2.1": ProductVersionPicture(
                "PRD-RISK-002", "2.1", sold, ("DS-0041",),
                frozenset({("QUERY_ONE", "API", "PROD"), ("QUERY_BATCH", "API", "PROD"),
                           ("MODEL_TRAIN", "JOINT_NODE", "PROD"), ("QUERY_ONE", "SAAS", "PROD")}),
                ("PF",), "MASKED_RECORD", "NONE")})},
        "institutions": {"INST-0007": InstitutionPicture("INST-0007", 5, "ADMITTED", key="i7")},
        "apps": {"APP-000012": AppPicture("APP-000012", "INST-0007", networks=("203.0.113.0/24",),
                                          users=frozenset({"zhang.san"}))},
        "credentials": {"k7q2": CredentialPicture(
            "CR-000001", 1, "", frozenset({"APP-000012"}), frozenset({"GR-2026-000318"}),
            BEGINS, "2027-06-01T00:00:00.000000Z")},
        "nodes": {"NODE-01": NodePicture("NODE-01", "INST-0007", "2026-11-22T03:00:00.000000Z")},
        "grants": {"GR-2026-000318": GrantPicture(
            "GR-2026-000318", "INST-0007", "ACTIVE", version())},
        "grants_of": {("INST-0007", "PRD-RISK-002"): ("GR-2026-000318",)},
        **changes}
    return Picture(epoch=9, **parts)


def granting(**changes) -> Picture:
    """The zone with another version of the grant."""
    whole = picture()
    grant = whole.grants["GR-2026-000318"]
    return replace(whole, grants={grant.id: replace(grant, current=version(**changes))})


def changed(part: str, key: str, **changes) -> Picture:
    """The zone with one object of one part changed."""
    whole = picture()
    objects = getattr(whole, part)
    return replace(whole, **{part: {**objects, key: replace(objects[key], **changes)}})


def selling(**changes) -> Picture:
    """The zone with another published version 2.1 of the product."""
    product = picture().products["PRD-RISK-002"]
    sold = {"2.1": replace(product.versions["2.1"], **changes)}
    return changed("products", product.id, versions=sold)


def body(**changes) -> dict:
    """A question that is permitted; `purpose="X"` and the like change a member where it stands."""
    question: dict = {
        "subject": {"type": "client_app", "id": "APP-000012", "properties": {}},
        "action": {"name": "QUERY_ONE", "properties": {"channel": "API", "environment": "PROD"}},
        "resource": {"type": "product", "id": "PRD-RISK-002",
                     "properties": {"fields": ["ent_name", "tax_grade"]}},
        "context": {"purpose": "PF.CRD.NEW", "grant": "GR-2026-000318"}}
    if "claimed" in changes:
        question["subject"]["properties"]["credential"] = changes.pop("claimed")
    places = {"app": ("subject", "id"), "product": ("resource", "id"), "action": ("action", "name")}
    members = {"subject": ("institution", "branch", "user", "user_auth_level", "credential"),
               "action": ("channel", "environment", "node", "batch_size"),
               "resource": ("version", "fields", "region", "industry", "lookback_from",
                            "data_subject", "filter", "limit", "made_up")}
    for name, value in changes.items():
        entity = next((each for each, names in members.items() if name in names), "")
        if name in places:
            question[places[name][0]][places[name][1]] = value
            continue
        holder = question[entity]["properties"] if entity else question["context"]
        if value is None:
            holder.pop(name, None)
        else:
            holder[name] = value
    return question


def ask(peer: str = "203.0.113.8", credential: str = "k7q2", **changes):
    """The question as read; ``credential`` is the one presented, `claimed` the one in the body."""
    return read_ask(body(**changes), Presented(credential, peer),
                    lambda kind, number: "h:" + number)

