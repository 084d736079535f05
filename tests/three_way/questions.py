"""Random questions about a random zone: some that fit a grant, some bent in one place or three.

Words nobody registered, empty texts and wrong types stand among them, and the instants lie on the
boundaries of terms, windows and attestations, and one microsecond before and after.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.three_way.reading import order
from tests.three_way.reading_rights import earliest
from tests.three_way.world import (
    ACTIONS,
    CHANNELS,
    EDGES,
    ENVIRONMENTS,
    FIELDS,
    INDUSTRIES,
    KINDS,
    LADDER,
    LEAVES,
    NOW,
    REGIONS,
    TINY,
    WINDOWS,
    Draw,
)

PUBLISHED = ("LISTED", "SUPERSEDED")


class Asked(NamedTuple):
    """A question with the credential and address it is presented from."""

    entities: dict[str, Any]
    prefix: str
    peer: str


def instant(draw: Draw) -> datetime:
    """Now and then just now; mostly a boundary of something, or a hair beside it."""
    if draw.often(25):
        return NOW + timedelta(minutes=draw.random.randrange(-600, 600))
    near = [each for each in EDGES if abs(each - NOW) < timedelta(days=30)]
    edge = draw.pick(near if draw.often(85) else EDGES)
    if draw.often(25):  # a minute a daily window begins or ends
        hour, minute = draw.pick(draw.pick(WINDOWS)).split(":")
        edge = NOW.replace(hour=0, minute=0) + timedelta(hours=int(hour) - 8, minutes=int(minute))
    elif draw.often(10):  # the hour an attestation ends
        edge += timedelta(hours=24)
    return edge + draw.pick((timedelta(), TINY, -TINY))


class Asker:
    """Makes up questions about one zone."""

    def __init__(self, draw: Draw, zone: dict) -> None:
        self.draw, self.zone = draw, zone
        self.grants, self.prefixes = list(zone["grants"]), list(zone["credentials"])
        self.keys: dict[str, list[str]] = {}
        for prefix, each in zone["credentials"].items():
            for app in each["apps"] or [each["app"]]:
                self.keys.setdefault(app, []).append(prefix)
        self.of: dict[tuple[str, str], list[str]] = {}
        for part in ("apps", "nodes", "consents"):
            for name, each in zone[part].items():
                self.of.setdefault((part, each["institution"]), []).append(name)

    def asked(self, at: datetime) -> Asked:
        """A question made to fit one of the grants, then bent in some places."""
        draw, number = self.draw, self.draw.pick(self.grants)
        app = draw.pick(self.of["apps", self.zone["grants"][number]["institution"]])
        question = self._fitting(number, app, at)
        held = [prefix for prefix in self.keys.get(app, ()) if self._is_live(prefix, number, at)]
        prefix = draw.pick(held or self.prefixes)
        peer = "203.0.113.8"
        if prefix == "gateway1":
            peer, question["context"]["ip"] = "198.51.100.9", "203.0.113.8"
        for _ in range(draw.pick((0, 0, 0, 0, 1, 1, 2, 3))):
            _bend(draw, question, at)
        return Asked(question, draw.mostly(prefix, draw.pick(self.prefixes), "unknown", percent=96),
                     draw.mostly(peer, "198.51.100.7", "192.0.2.1", "2001:db8::7", percent=96))

    def _is_live(self, prefix: str, grant: str, at: datetime) -> bool:
        each = self.zone["credentials"][prefix]
        return (each["state"] == "ACTIVE" and each["from"] <= at < each["to"]
                and each["grant"] in (None, grant))

    def _fitting(self, number: str, app: str, at: datetime) -> dict:
        """What the grant allows, as far as one can tell from grant and product alone."""
        draw, grant = self.draw, self.zone["grants"][number]
        rights, versions = grant["dimensions"], self.zone["products"][grant["product"]]["versions"]
        inside = [text for text, each in versions.items() if each["state"] in PUBLISHED and order(
            rights["scope"]["version_from"]) <= order(text) <= order(rights["scope"]["version_to"])]
        version = versions[max(inside or versions, key=order)]
        way = draw.pick([each for each in rights["method"]["ways"] if [
            each["action"], each["channel"], each["environment"]] in version["methods"]]
            or rights["method"]["ways"])
        resource, context = self._scope(grant, version, at)
        return {"subject": {"type": "client_app", "id": app,
                            "properties": self._caller(way, grant["institution"])},
                "action": {"name": way["action"], "properties": self._way(way, grant)},
                "resource": {"type": "product", "id": grant["product"], "properties": resource},
                "context": context | ({"grant": number} if draw.often(85) else {})}

    def _caller(self, way: dict, institution: str) -> dict:
        user = {"user": "zhang.san"} if (
            way["channel"] == "SAAS" or way["action"].startswith("REPORT")) else {}
        said = {"institution": institution, "user_auth_level": 2}
        return user | (said if self.draw.often(20) else {})

    def _way(self, way: dict, grant: dict) -> dict:
        action = {"channel": way["channel"], "environment": way["environment"]}
        if way["channel"] == "JOINT_NODE":
            own = self.of.get(("nodes", grant["institution"]), ["NODE-0"])
            action["node"] = way["node"] if way["node"] != "*" else self.draw.pick(own)
        if way["max_batch"] > 1 and self.draw.often(60):
            action["batch_size"] = self.draw.pick((1, way["max_batch"], way["max_batch"] + 1))
        return action

    def _scope(self, grant: dict, version: dict, at: datetime) -> tuple[dict, dict]:
        """Resource properties and context inside the bounds of the grant."""
        draw, rights = self.draw, grant["dimensions"]
        rows = rights["scope"]["rows"]
        resource: dict = {"region": rows["regions"][0]} if rows["regions"] else {}
        if rows["industries"]:
            resource["industry"] = rows["industries"][0]
        if rows["lookback_months"] is not None or draw.often(20):
            day = (at + timedelta(hours=8)).date()
            resource["lookback_from"] = draw.pick((
                day, earliest(at, rows["lookback_months"] or 0))).isoformat()
        if draw.often(85):
            named = [each["field"] for each in rights["scope"]["fields"]]
            fitting = [each["field"] for each in version["fields"]
                       if "*" in named or each["field"] in named]
            resource["fields"] = draw.some(fitting or FIELDS, least=1)[:draw.pick((1, 2, 5))]
        context = {"purpose": self._purpose(rights), "field_mode": draw.pick(("strict", "reduce"))}
        if rights["purpose"]["business_ref_required"] or rows["population"] != "ALL":
            context["business_ref"] = draw.mostly("LN0001", "LN000001", "X")
        self._about(grant["institution"], rows, resource, context)
        return resource, context

    def _about(self, institution: str, rows: dict, resource: dict, context: dict) -> None:
        """Whom the call is about: the subject of an authorization of this institution, or any."""
        draw, own = self.draw, self.of.get(("consents", institution), [])
        token = draw.pick(own) if own else ""
        one = self.zone["consents"].get(token)
        if one and draw.often(90 if one["kind"] in (rows["subject_kinds"] or KINDS) else 10):
            resource["data_subject"] = {"kind": one["kind"], "id": one["subject"]}
            if draw.often(50):
                context["subject_authorization"] = token
        elif rows["subject_kinds"] or draw.often(30):
            resource["data_subject"] = {"kind": draw.pick(rows["subject_kinds"] or KINDS),
                                        "id": "91110000"}

    def _purpose(self, rights: dict) -> str:
        node = self.draw.pick([node["code"] for node in rights["purpose"]["nodes"]])
        return self.draw.pick([leaf for leaf in LEAVES if leaf.startswith(node)] or LEAVES)


# Where a question can be bent: entity, member (of its properties, but for `id` and `name`), and
# what is put there. None takes the member away.
STRANGE: tuple[Any, ...] = (None, "", "x", "*", "PF.CRD.NEW ", "企业", 0, 1.5, True, [], {}, ["x"])
PLACES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("subject", "id"): ("APP-0", "APP-none", "*"), ("subject", "institution"): ("INST-0", "INST-1"),
    ("subject", "branch"): ("INST-0", "INST-1", "INST-2"),
    ("subject", "user"): ("zhang.san", "li.si", None), ("subject", "user_auth_level"): (0, 1, 2),
    ("subject", "credential"): ("CRED-key00000", "CRED-key00001"),
    ("action", "name"): (*ACTIONS, "DELETE", "*"), ("action", "channel"): (*CHANNELS, "FAX"),
    ("action", "environment"): (*ENVIRONMENTS, "MOON"), ("action", "node"): ("NODE-0", "NODE-1"),
    ("action", "batch_size"): (1, 2, 10, 11), ("resource", "id"): ("PRD-0", "PRD-1", "PRD-none"),
    ("resource", "version"): (*LADDER, "9.9"), ("resource", "region"): (*REGIONS, "1101", "440000"),
    ("resource", "industry"): (*INDUSTRIES, "A01"),
    ("resource", "fields"): ([*FIELDS], ["ent_name", "nobody"], ["ent_*"], ["*"], ["ent_name", ""]),
    ("resource", "lookback_from"): ("2025-01-01", "2026-11-23", "2026-13-01"),
    ("resource", "data_subject"): ({"kind": "PERSON", "id": "110105"}, {"kind": "SHIP", "id": "1"},
                                   {"kind": "ENTERPRISE"}, {"id": "91110000"}),
    ("resource", "filter"): ("all",), ("resource", "limit"): (3,), ("resource", "colour"): ("red",),
    ("context", "purpose"): (*LEAVES, "PF.CRD", "X.MKT", "X", "QQ", "pf.crd.new"),
    ("context", "grant"): ("GR-0", "GR-1", "GR-none"),
    ("context", "subject_authorization"): ("sa_0", "sa_1", "sa_none"),
    ("context", "business_ref"): ("LN01", "ZZ", "LN00001"),
    ("context", "field_mode"): ("strict", "reduce", "lazy"),
    ("context", "ip"): ("203.0.113.8", "198.51.100.7", "192.0.2.1", "300.1.1.1"),
    ("context", "supported_kinds"): (["receipt"], ["mask_fields", "filter_rows", "delete_after"])}


def _bend(draw: Draw, question: dict, at: datetime) -> None:
    if draw.often(6):
        seconds = draw.pick((0, 120, -120, 120.000001, -120.000001, 3600))
        question["context"]["time"] = (at + timedelta(seconds=seconds)).isoformat()
        return
    entity, name = draw.pick(list(PLACES))
    value = draw.pick(PLACES[entity, name] if draw.often(75) else STRANGE)
    if name in ("id", "name"):  # a shape without them never gets as far as a decision
        question[entity][name] = value if isinstance(value, str) and value else "?"
        return
    if name == "data_subject" and not isinstance(value, dict):
        value = None
    holder = question["context"] if entity == "context" else question[entity]["properties"]
    if name == "supported_kinds" and not (isinstance(value, list) or value is None):
        value = []
    holder[name] = value
