"""A decision as the document reads, in plain Python: every dimension in its order, every reason.

Written from the decision model (evaluation order §9.3, combination §9.5, reasons §9.6) and nothing
of the product: it shares the published tables, and not one line of code. Where the document leaves
a word open, the rule taken stands beside the line that takes it.
"""

import ipaddress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

SHANGHAI = timezone(timedelta(hours=8))
RESTRICTING = {"filter", "limit"}  # those this test asks with; other strange members are ignored


@dataclass
class Case:
    """One question at one instant, what it names in the registry, and what speaks against it."""

    zone: dict[str, Any]
    judge: Any
    used: dict
    held_by: dict[str, dict[str, dict]]
    at: datetime
    said: dict[str, Any]
    prefix: str
    peer: str
    codes: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    grant: str = ""
    consent: str = ""
    left: list[int] = field(default_factory=list)
    counters: list[tuple] = field(default_factory=list)
    kinds: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        zone = self.zone
        self.app = zone["apps"].get(self.said["app"])
        self.credential = zone["credentials"].get(self.prefix)
        self.owner = self.app["institution"] if self.app else ""
        self.institution = zone["institutions"].get(self.owner)
        self.product = zone["products"].get(self.said["product"])

    def against(self, code: str) -> None:
        self.codes.append(code)

    @property
    def right(self) -> dict[str, Any] | None:
        return self.zone["grants"][self.grant]["dimensions"] if self.grant else None

    def resolve(self) -> None:
        """5: the grant; then the product version: the newest published one in its range."""
        self.is_ambiguous = False
        held = self.held_by.get(self.owner, {})
        if named := self.said["grant"]:
            self.grant = named if named in held else ""
        else:
            self._the_only_one({number: each for number, each in held.items()
                                if each["product"] == self.said["product"]})
        scope = self.right["scope"] if self.right else None
        self.versions = {text: each for text, each in (
            self.product["versions"].items() if self.product else ())
            if each["state"] in ("LISTED", "SUPERSEDED")}
        self.newest = self.product["current"] if self.product else ""
        if self.product and scope:
            inside = [text for text in self.versions if order(scope["version_from"])
                      <= order(text) <= order(scope["version_to"])]
            self.newest = max(inside, key=order, default="")
        self.text = self.said["version"] or self.newest
        self.version = self.versions.get(self.text)
        self.datasets = {name: self.zone["datasets"][name] for name in (
            self.version["datasets"] if self.version else ())}

    def _the_only_one(self, held: dict[str, dict]) -> None:
        """The unique eligible grant: active, in its term, bound to the credential. Of several that
        are not eligible the one that ends last explains the refusal (the document is silent)."""
        bound = self.credential["grant"] if self.credential else "nothing"
        live = [number for number, each in held.items() if each["state"] == "ACTIVE"
                and each["from"] <= self.at < each["to"] and bound in (None, number)]
        self.is_ambiguous = len(live) > 1
        if len(live) == 1:
            self.grant = live[0]
        elif not live and held:
            self.grant = max(held, key=lambda number: held[number]["to"])


def order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def members(question: dict[str, Any]) -> dict[str, Any]:
    """What the question says, member by member; what is not in form is not said, and listed."""
    wrong: list[str] = []

    def take(holder: dict, name: str, is_good, default: Any = "") -> Any:
        value = holder.get(name)
        if value is None:
            return default
        if not is_good(value):
            wrong.append(name)
            return default
        return value

    who, how = (question[part].get("properties", {}) for part in ("subject", "action"))
    what, why = question["resource"].get("properties", {}), question.get("context", {})
    about = what.get("data_subject") or {}
    said = {
        "app": question["subject"]["id"], "action": question["action"]["name"],
        "product": question["resource"]["id"],
        **{name: take(who, name, is_text) for name in ("institution", "branch", "user",
                                                       "credential")},
        "level": take(who, "user_auth_level", lambda value: is_count(value, 0), 0),
        **{name: take(how, name, is_text) for name in ("channel", "environment", "node")},
        "batch": take(how, "batch_size", lambda value: is_count(value, 1), 1),
        **{name: take(what, name, is_text) for name in ("version", "region", "industry")},
        "fields": take(what, "fields", is_texts, None),
        "lookback": take(what, "lookback_from", is_date),
        "kind": take(about, "kind", is_text), "number": take(about, "id", is_text),
        "purpose": take(why, "purpose", lambda value: value == "" or is_text(value)),
        **{name: take(why, name, is_text) for name in ("grant", "subject_authorization",
                                                       "business_ref")},
        "time": take(why, "time", is_instant), "ip": take(why, "ip", is_address),
        "mode": take(why, "field_mode", lambda value: value in ("strict", "reduce"), "strict"),
        "kinds": take(why, "supported_kinds", lambda value: isinstance(value, list), None)}
    wrong += [name for name in ("channel", "environment") if how.get(name) is None]
    said["wrong"], said["restricts"] = wrong, bool(RESTRICTING & what.keys())
    return said


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


def is_count(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


def is_date(value: Any) -> bool:
    return is_read(date.fromisoformat, value)


def is_instant(value: Any) -> bool:
    return is_read(datetime.fromisoformat, value) and (
        datetime.fromisoformat(value).tzinfo is not None)


def is_address(value: Any) -> bool:
    return is_read(ipaddress.ip_address, value)


def is_read(reader, value: Any) -> bool:
    try:
        return is_text(value) and reader(value) is not None
    except ValueError:
        return False


def request(case: Case) -> None:
    """1 request shape."""
    if case.said["wrong"]:
        case.against("REQ.MALFORMED")
    if case.said["restricts"]:
        case.against("REQ.UNKNOWN_ATTRIBUTE")
    if case.said["time"]:
        apart = abs(datetime.fromisoformat(case.said["time"]) - case.at)
        if apart > timedelta(seconds=120):
            case.against("REQ.CLOCK_SKEW")


def identity(case: Case) -> None:
    """2 identity and credential: what the body claims is cross-checked, never trusted."""
    said, held, app = case.said, case.credential, case.app
    apps = (held["apps"] or [held["app"]]) if held else []
    begun = held is not None and held["state"] != "ISSUED" and held["from"] <= case.at
    branch = said["branch"]
    agrees = (said["credential"] in ("", f"CRED-{case.prefix}")
              and said["institution"] in ("", case.owner)
              and (branch in ("", case.owner) or (
                  case.zone["institutions"].get(branch, {}).get("parent") == case.owner)))
    if app is None or said["app"] not in apps or not begun or not agrees:
        case.against("ID.CREDENTIAL_UNKNOWN")
    if held and (held["state"] == "REVOKED" or (app and app["state"] != "ACTIVE")):
        case.against("ID.CREDENTIAL_REVOKED")
    if held and case.at >= held["to"]:
        case.against("ID.CREDENTIAL_EXPIRED")
    if held and app and case.grant and held["grant"] not in (None, case.grant):
        case.against("ID.APP_NOT_BOUND")
    if not said["user"] and (said["channel"] == "SAAS" or said["action"].startswith("REPORT_")):
        case.against("ID.USER_REQUIRED")
    if said["user"] and app and said["user"] not in app["users"]:
        case.against("ID.USER_NOT_ENROLLED")


def institution(case: Case) -> None:
    """3 institution (L4)."""
    found = case.institution
    if found is None:
        return
    codes = {"SUSPENDED": "INST.SUSPENDED", "EXITING": "INST.EXITING", "ADMITTED": "",
             "RECTIFYING": "INST.SUSPENDED" if found["stop_order"] else ""}
    if code := codes.get(found["state"], "INST.NOT_ADMITTED"):
        case.against(code)
    until = found["barred_until"]  # its last day is barred too
    if until and case.at.astimezone(SHANGHAI).date() <= until:
        case.against("INST.BARRED")


def chain(case: Case) -> None:
    """4 upper chain: L0 head agreement, L1 datasets, L2 registrations, L3 listing."""
    product = case.product
    if product is None:
        return
    if not any(each["state"] == "IN_FORCE" and each["from"] <= case.at < each["to"]
               and case.said["product"] in each["products"]
               and set(case.datasets) <= set(each["resources"])
               for each in case.zone["agreements"].values()):
        case.against("CHAIN.HEAD_AGREEMENT")
    for each in case.datasets.values():
        if each["state"] != "ONLINE":
            frozen = each["state"] == "FROZEN"
            case.against("CHAIN.DATASET_FROZEN" if frozen else "CHAIN.DATASET_RETIRED")
    if not all(is_registered(each, case.at) for each in (*case.datasets.values(), product)):
        case.against("CHAIN.REGISTRATION")
    if product["state"] != "LISTED":
        paused = product["state"] == "PAUSED"
        case.against("CHAIN.PRODUCT_PAUSED" if paused else "CHAIN.PRODUCT_DELISTED")


def is_registered(each: dict[str, Any], at: datetime) -> bool:
    """Registered and still valid, inside the filing window or being registered, or not required.

    A date beside `NOT_REQUIRED` ends it too: nobody would set one for nothing.
    """
    if each["registration"] in ("FILED", "ACCEPTED", "REVIEWED", "PUBLICITY"):
        return True
    return (each["registration"] in ("NOT_REQUIRED", "REGISTERED", "EXPIRING", "RENEWED", "DUE")
            and at < each["registered_to"])


def grant(case: Case) -> None:
    """5 grant resolution, and nothing in the grant that cannot be enforced (INV-07)."""
    if case.is_ambiguous:
        case.against("GRANT.AMBIGUOUS")
    elif not case.grant:
        case.against("GRANT.NONE")
    if case.grant:
        found = case.zone["grants"][case.grant]
        if "per_fortnight" in found["quota"] or {"kind": "dance"} in found["obligations"]:
            case.against("GRANT.UNKNOWN_BOUND")


def context(case: Case) -> None:
    """12 network. A gateway states its caller's address; an application calls from its own."""
    app, held = case.app, case.credential
    if app is None or held is None:
        return
    source = case.said["ip"] or ("" if held["apps"] else case.peer)
    if held["app"] != case.said["app"] and not held["apps"]:
        source = case.said["ip"]  # somebody else's credential shows nothing of this application
    is_listed = bool(app["networks"] or held["networks"])
    if not (is_listed and (not held["networks"] or is_inside(case.peer, held["networks"]))
            and (not app["networks"] or is_inside(source, app["networks"]))):
        case.against("CTX.NETWORK")


def is_inside(address: str, blocks: list[str]) -> bool:
    return bool(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(block) for block in blocks)


def hold(case: Case) -> None:
    """13 holds on anything the call touches."""
    touched = {("grant", case.grant), ("institution", case.owner), ("credential", case.prefix),
               ("client_app", case.said["app"]), ("joint_node", case.said["node"]),
               ("product", case.said["product"])}
    for each in case.zone["holds"]:
        if each["state"] == "ACTIVE" and (each["link"], each["object"]) in touched:
            case.against("HOLD." + each["kind"])
