"""A random zone as plain documents: what a registry could hold, good and broken, by the thousand.

The documents are told twice: to the database (`rows.py`), and to the plain reading (`reading.py`).
Nothing of the product is imported here, so that a wrong word of ours cannot agree with itself.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - seeded, so that a failing case can be shown again
from typing import Any, TypeVar

T = TypeVar("T")

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
TINY = timedelta(microseconds=1)
# Every end and beginning lies on one of these, so that one instant is a boundary of many objects.
EDGES = tuple(sorted(NOW + timedelta(days=days, hours=hours) for days in (
    -400, -200, -60, -7, -1, 0, 1, 7, 60, 200, 400) for hours in (-10, 0, 14)))
WINDOWS = (("08:00", "20:00"), ("10:00", "10:01"), ("22:00", "06:00"), ("00:00", "10:00"))

ACTIONS = ("VERIFY", "QUERY_ONE", "QUERY_BATCH", "MONITOR", "REPORT_VIEW", "MODEL_TRAIN",
           "AGG_STATS")
CHANNELS, ENVIRONMENTS = ("API", "SAAS", "JOINT_NODE"), ("PROD", "SANDBOX")
FORMS = ("VERIFY", "SCORE", "AGGREGATE", "DERIVED", "MASKED_RECORD")
TREATMENTS = ("CLEAR", "PARTIAL", "GENERALIZE", "TOKENIZE", "BOOLEAN", "REDACT", "DROP")
FIELDS = ("ent_name", "ent_code", "tax_grade", "tax_owed", "penalty", "legal_person", "phone")
LEAVES = ("PF.CRD.NEW", "PF.CRD.REN", "PF.CRD.INC", "PF.PLM.CHK", "PF.ADM.KYB", "PF.MDL.TRN",
          "CM.DEF.STL", "RG.STA.AGG", "OP.TST.INT", "PF.RSK.WRN")
NODES = ("PF", "PF.CRD", "PF.PLM", "CM", "OP", "RG.STA")
REGIONS = ("110000", "110100", "110105", "310000", "310115")
INDUSTRIES = ("I65", "C13")
KINDS = ("ENTERPRISE", "SOLE_TRADER", "PERSON")
LADDER = ("2.0", "2.1", "2.9", "2.10", "3.0")


class Draw:
    """Chance from a seed."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)

    def often(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def pick(self, items: Sequence[T]) -> T:
        return self.random.choice(items)

    def some(self, items: Sequence[T], least: int = 0) -> list[T]:
        """Some of the items, in their own order."""
        return sorted(self.random.sample(items, self.random.randint(least, len(items))),
                      key=list(items).index)

    def mostly(self, usual: T, *others: T, percent: float = 94) -> T:
        """The usual one, or now and then another."""
        return usual if self.often(percent) else self.pick(others)

    def edge(self, before: bool) -> datetime:
        """An edge before now, or after; now and then on the other side, often the farthest."""
        if self.often(50):
            return EDGES[0] if before else EDGES[-1]
        return self.pick([each for each in EDGES if (each <= NOW) is (before is self.often(93))])


def world(seed: str, grants: int) -> dict[str, Any]:
    """A zone with that many grants; one seed gives one zone."""
    draw = Draw(seed)
    few = max(4, min(60, grants // 20))
    zone: dict[str, Any] = {"departments": ["DEPT-1", "DEPT-2", "DEPT-3"]}
    zone["datasets"] = {f"DS-{at}": _dataset(draw, zone, at < 8) for at in range(12)}
    zone["products"] = {f"PRD-{at}": _product(draw, zone["datasets"])
                        for at in range(max(3, few // 3))}
    zone["agreements"] = {f"HA-{at}": _agreement(draw, zone, at) for at in range(3)}
    zone["institutions"] = {}
    for at in range(few):
        zone["institutions"][f"INST-{at}"] = _institution(draw, list(zone["institutions"]))
    numbers = list(zone["institutions"])
    zone["apps"] = {f"APP-{at}": _app(draw, numbers[at % few]) for at in range(few * 2)}
    zone["nodes"] = {f"NODE-{at}": _node(draw, numbers[at]) for at in range(few)}
    zone["grants"] = {f"GR-{at}": _grant(draw, zone) for at in range(grants)}
    zone["credentials"] = {f"key{at:05d}": _credential(draw, zone, number)
                           for at, number in enumerate([*zone["apps"], *zone["apps"]])}
    zone["credentials"]["gateway1"] = {
        **_credential(draw, zone, ""), "app": "", "apps": list(zone["apps"])[::2], "grant": None,
        "state": "ACTIVE", "from": EDGES[0], "to": EDGES[-1], "networks": ["198.51.100.0/24"]}
    zone["consents"] = {f"sa_{at}": _consent(draw, zone, at) for at in range(few * 8)}
    zone["holds"] = _holds(draw, zone)
    return zone


def _dataset(draw: Draw, zone: dict, is_sound: bool) -> dict:
    """A dataset; a sound one may be served, whatever its fields are."""
    said = {
        "department": draw.pick(zone["departments"]),
        "state": draw.mostly("ONLINE", "FROZEN", "RETIRING", "RETIRED", percent=90),
        "class": draw.mostly("GENERAL", "IMPORTANT", "CORE", percent=85),
        "assessed": draw.often(60), "allowed": draw.some(NODES) if draw.often(8) else [],
        "forbidden": draw.some(LEAVES)[:2] if draw.often(20) else [],
        **_registration(draw), "fields": {name: _field(draw) for name in FIELDS}}
    return said | SOUND if is_sound else said


SOUND = {"state": "ONLINE", "class": "GENERAL", "allowed": [], "registration": "REGISTERED",
         "registered_to": EDGES[-1]}


def _field(draw: Draw) -> dict:
    return {"grade": draw.mostly(draw.pick((1, 2)), 3, 4, 5, None, percent=80),
            "class": draw.mostly("GENERAL", "IMPORTANT", percent=97),
            "kind": draw.mostly("ENTERPRISE", "PERSON", percent=93),
            "mask": draw.mostly("CLEAR", *TREATMENTS, percent=70),
            "prohibited": draw.often(3), "negative": draw.often(15)}


def _registration(draw: Draw) -> dict:
    return {"registration": draw.mostly(
        "REGISTERED", "NOT_REQUIRED", "DUE", "FILED", "PUBLICITY", "EXPIRING", "CANCELLED",
        "RETURNED", "OBJECTED", percent=90), "registered_to": draw.edge(before=False)}


def _product(draw: Draw, datasets: dict) -> dict:
    versions: dict[str, dict] = {}
    ways = sorted({(draw.pick(ACTIONS), draw.pick(CHANNELS), draw.pick(ENVIRONMENTS))
                   for _ in range(18)} | {("QUERY_ONE", "API", "PROD")})
    for text in draw.some(LADDER, least=2):
        behind = draw.some(list(datasets)[:draw.mostly(8, 12)], least=1)[-2:]
        fields = [{"field": name, "dataset": draw.pick(behind) if draw.often(98) else "DS-0",
                   "source": name if draw.often(98) else "gone",
                   "treatment": draw.mostly("CLEAR", *TREATMENTS, percent=70)}
                  for name in draw.some(FIELDS, least=3)]
        versions[text] = {
            "state": draw.mostly("LISTED", "SUPERSEDED", "DRAFT", "REJECTED", percent=70),
            "fields": fields, "datasets": behind,
            "bases": {each["field"]: "征信业管理条例" for each in fields if draw.often(40)},
            "methods": [list(way) for way in ways if draw.often(90)],
            "form": draw.mostly(draw.pick(FORMS[:4]), "MASKED_RECORD", "RAW_RECORD", percent=90),
            "purposes": draw.mostly(["PF", "CM", "RG", "OP"], ["PF.CRD"], ["PF.CRD.NEW", "OP"]),
            "consent": draw.mostly("NONE", "REQUIRED", percent=88)}
    return {"state": draw.mostly("LISTED", "PAUSED", "DELISTING", "DELISTED"),
            "current": draw.pick(list(versions)), "versions": versions, **_registration(draw),
            "quota": {"per_month": 40} if draw.often(6) else {}}


def _agreement(draw: Draw, zone: dict, at: int) -> dict:
    every = at == 0
    return {"state": "IN_FORCE" if every else draw.mostly("IN_FORCE", "SIGNED", "TERMINATED"),
            "from": EDGES[0] if every else draw.edge(before=True),
            "to": EDGES[-2] if every else draw.edge(before=False),
            "products": [number for number in zone["products"] if every or draw.often(80)],
            "resources": [number for number in zone["datasets"] if draw.often(97)]}


def _institution(draw: Draw, others: list) -> dict:
    return {"state": draw.mostly("ADMITTED", "RECTIFYING", "SUSPENDED", "EXITING", "EXITED",
                                 "APPLYING"),
            "stop_order": draw.often(30),
            "barred_until": draw.edge(before=True).date() if draw.often(6) else None,
            "pattern": draw.mostly("", "LN*", "LN????", percent=70),
            "parent": draw.pick(others) if others and draw.often(20) else "",
            "quota": {"per_day": 30} if draw.often(6) else {}}


def _app(draw: Draw, institution: str) -> dict:
    return {"institution": institution, "state": draw.mostly("ACTIVE", "RETIRED", percent=96),
            "networks": draw.mostly(["203.0.113.0/24"], [], ["198.51.100.7/32", "2001:db8::/32"]),
            "users": ["zhang.san"], "quota": {"per_minute": 3} if draw.often(6) else {}}


def _node(draw: Draw, institution: str) -> dict:
    attested = draw.mostly(NOW - timedelta(hours=2), *EDGES, percent=60)
    return {"institution": institution, "state": draw.mostly("ACTIVE", "RETIRED"),
            "result": draw.mostly("PASS", "FAIL"), "attested_at": attested}


def _credential(draw: Draw, zone: dict, app: str) -> dict:
    owner = zone["apps"][app]["institution"] if app else ""
    own = [number for number, each in zone["grants"].items() if each["institution"] == owner]
    return {"app": app, "apps": [], "networks": ["203.0.113.0/24"] if draw.often(10) else [],
            "grant": draw.pick(own) if own and draw.often(12) else None,
            "state": draw.mostly("ACTIVE", "REVOKED", "ISSUED", "EXPIRED"),
            "from": draw.edge(before=True), "to": draw.edge(before=False),
            "overdue": draw.mostly(0, 3, 500, percent=96),
            "kinds": draw.some(("mask_fields", "drop_fields", "filter_rows", "delete_after",
                                "receipt", "human_review", "watermark", "min_group"))
            if draw.often(8) else None}


def _grant(draw: Draw, zone: dict) -> dict:
    begins, ends = draw.edge(before=True), draw.edge(before=False)
    product = draw.pick(list(zone["products"]))
    ladder = draw.mostly(("2.0", "3.0"), ("2.0", "2.9"), ("2.1", "2.10"), ("3.0", "3.0"),
                         percent=75)
    return {"institution": draw.pick(list(zone["institutions"])), "product": product,
            "state": draw.mostly("ACTIVE", "SCHEDULED", "SUSPENDED", "EXPIRED", "REVOKED",
                                 "TERMINATED", "CLOSING", "CLOSED", percent=88),
            "from": begins, "to": ends, "n": draw.mostly(1, 2, 7, percent=70),
            "dimensions": {"purpose": _purpose(draw), "scope": _scope(draw, product, ladder),
                           "method": _method(draw, zone, product),
                           "term": _term(draw, begins, ends)},
            "quota": {word: draw.pick((1, 2, 9)) for word in draw.some(
                ("per_day", "total", "per_minute", "per_second", "per_month"), least=1)}
            if draw.often(15) else {"per_fortnight": 3} if draw.often(1) else {},
            "obligations": draw.pick(([{"kind": "watermark"}], [{"kind": "human_review"}],
                                      [{"kind": "step-up", "level": 2}], [{"kind": "dance"}],
                                      [{"kind": "delete_after", "days": 30}],
                                      [{"kind": "min_group", "k": 9}])) if draw.often(8) else []}


def _purpose(draw: Draw) -> dict:
    nodes = [{"code": leaf, "descend": False, "except": []} for leaf in draw.some(LEAVES)[:3]]
    if draw.often(45):
        nodes.append({"code": "PF", "descend": True, "except": draw.mostly(
            [], ["PF.CRD.INC"], ["PF.CRD", "PF.MDL.TRN"], percent=55)})
    elif not nodes or draw.often(30):
        nodes.append({"code": draw.pick(NODES), "descend": draw.often(85), "except": []})
    return {"nodes": nodes, "business_ref_required": draw.often(30)}


def _scope(draw: Draw, product: str, ladder: tuple[str, str]) -> dict:
    fields = [{"field": name, "treatment": draw.mostly("CLEAR", *TREATMENTS, percent=80)}
              for name in draw.some((*FIELDS, "ent_*", "tax*", "*"), least=2)]
    rows = {"regions": draw.some(REGIONS)[:2] if draw.often(35) else [],
            "industries": draw.some(INDUSTRIES, least=1) if draw.often(12) else [],
            "population": draw.mostly(draw.pick(("ALL", "OWN_CUSTOMERS")), "LISTED", "MOST"),
            "lookback_months": draw.pick((0, 1, 24)) if draw.often(30) else None,
            "subject_kinds": draw.some(KINDS, least=1) if draw.often(20) else []}
    return {"product": product, "version_from": ladder[0], "version_to": ladder[1],
            "fields": fields, "rows": rows}


def _method(draw: Draw, zone: dict, product: str) -> dict:
    sold = next(iter(zone["products"][product]["versions"].values()))["methods"]
    ways = [dict(zip(("action", "channel", "environment"), draw.mostly(
        draw.pick(sold), [draw.pick(ACTIONS), draw.pick(CHANNELS), "PROD"], percent=80),
        strict=True)) | {"node": "-", "max_batch": draw.pick((1, 1, 10))}
        for _ in range(draw.pick((1, 2, 4)))]
    if draw.often(75):
        ways.append({"action": "QUERY_ONE", "channel": "API", "environment": "PROD", "node": "-",
                     "max_batch": 1})
    for way in ways:
        if way["channel"] == "JOINT_NODE":
            way["node"] = draw.mostly("*", draw.pick(list(zone["nodes"])), percent=85)
    return {"ways": ways, "output_form": draw.mostly("MASKED_RECORD", *FORMS, percent=85)}


def _term(draw: Draw, begins: datetime, ends: datetime) -> dict:
    window = draw.pick(WINDOWS) if draw.often(10) else None
    return {"from": begins.isoformat(), "to": ends.isoformat(),
            "window": window and {"from": window[0], "to": window[1]},
            "retention_days": draw.pick((None, 30, 180)), "data_life_days": draw.pick((None, 7))}


def _consent(draw: Draw, zone: dict, at: int) -> dict:
    return {"institution": draw.pick(list(zone["institutions"])), "subject": f"9111{at:06d}",
            "kind": draw.mostly("ENTERPRISE", "PERSON"),
            "state": draw.mostly("ACTIVE", "EXPIRED", "EXHAUSTED", "WITHDRAWN", "SUPERSEDED",
                                 "INVALID", "REQUESTED", "REFUSED", "LAPSED", percent=85),
            "purposes": draw.some(LEAVES, least=6), "fields": draw.some(FIELDS)
            if draw.often(25) else [], "products": draw.some(list(zone["products"]), least=1)
            if draw.often(25) else list(zone["products"]),
            "from": draw.edge(before=True), "to": draw.edge(before=False),
            "max_uses": draw.pick((1, 3)) if draw.often(30) else None,
            "earliest": "2025-01-01" if draw.often(15) else "", "noted": draw.often(96),
            "separate": ["CM.DEF.STL"] if draw.often(50) else [], "holds": draw.often(96),
            "mode": draw.mostly("VIEW", "MONITOR", percent=60)}


def _holds(draw: Draw, zone: dict) -> list[dict]:
    """Stops over one object of each kind; the last one was lifted."""
    places = {"grant": "grants", "institution": "institutions", "client_app": "apps",
              "credential": "credentials", "joint_node": "nodes", "product": "products"}
    found = [{"kind": draw.pick(("EMERGENCY", "INCIDENT", "ORDER")), "link": link,
              "object": draw.pick(list(zone[part])), "state": "ACTIVE"}
             for link, part in places.items() if link != "product" or len(zone[part]) > 5]
    return [*found, {**found[0], "object": draw.pick(list(zone["grants"])), "state": "LIFTED"}]
