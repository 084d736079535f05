"""The plain reading of what a permit takes and orders: authorization, quota and obligations."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from tests.three_way import reading, reading_rights
from tests.three_way.law import purposes, table
from tests.three_way.reading import SHANGHAI, Case

ORDER = (reading.request, reading.identity, reading.institution, reading.chain, reading.grant,
         reading_rights.purpose, reading_rights.scope, reading_rights.method, reading_rights.term)
MOST_OVERDUE = 100


class Read(NamedTuple):
    """What the plain reading comes to."""

    permits: bool
    codes: frozenset[str]
    fields: dict[str, str]
    kinds: frozenset[str]
    days: int | None
    left: int | None


class Reading:
    """Decides one question after another on a zone and remembers what was used up.

    Args:
        judge: who says whether one grant's own lines allow something.
    """

    def __init__(self, zone: dict[str, Any], judge) -> None:
        self.zone, self.judge, self.used = zone, judge, {}
        self.held_by: dict[str, dict[str, dict]] = {}
        for number, each in zone["grants"].items():
            self.held_by.setdefault(each["institution"], {})[number] = each
        self.subjects: dict[tuple[str, ...], list[str]] = {}
        for token, each in zone["consents"].items():
            key = (each["kind"], each["subject"], each["institution"])
            self.subjects.setdefault(key, []).append(token)

    def decide(self, question: dict, prefix: str, peer: str, at: datetime) -> Read:
        case = Case(self.zone, self.judge, self.used, self.held_by, at,
                    reading.members(question), prefix, peer)
        case.resolve()
        for dimension in ORDER:
            dimension(case)
        self._consent(case)
        self._quota(case)
        reading.context(case)
        reading.hold(case)
        is_open = set(case.codes) <= {"SCOPE.FIELD_REDUCED"} and case.version is not None
        if is_open:
            obligations(case)
            is_open = set(case.codes) <= {"SCOPE.FIELD_REDUCED"}
        if is_open:
            for key in case.counters:
                self.used[key] = self.used.get(key, 0) + case.said["batch"]
        return Read(is_open, frozenset(case.codes), case.fields if is_open else {},
                    case.kinds if is_open else frozenset(), kept_days(case) if is_open else None,
                    min(case.left, default=None) if is_open else None)

    def _consent(self, case: Case) -> None:
        """10: a field about persons without a basis in law, a product or a purpose that asks."""
        if case.version is None:
            return
        bare = [name for name in case.fields if name not in case.version["bases"]
                and reading_rights.origin(case, name)["kind"] != "ENTERPRISE"]
        separate = purposes().get(case.said["purpose"], {}).get("separate_consent", False)
        if not bare and case.version["consent"] == "NONE" and not separate:
            return
        found = self._found(case)
        if not found:
            case.against("CONSENT.MISSING")
            return
        verdicts = [(against(case, token, bare), token) for token in found]
        codes, case.consent = min(verdicts, key=lambda each: len(each[0]))
        case.codes += codes
        if self.zone["consents"][case.consent]["max_uses"] is not None:
            case.counters.append(("consent", case.consent))

    def _found(self, case: Case) -> list[str]:
        """By the token that was sent, else by whom the call is about and who asks."""
        if case.institution is None:
            return []
        if token := case.said["subject_authorization"]:
            return [token] if token in self.zone["consents"] else []
        return self.subjects.get((case.said["kind"], case.said["number"], case.owner), [])

    def _quota(self, case: Case) -> None:
        """11: the smallest remaining of grant, application, institution and product."""
        holders = ((case.grant, self.zone["grants"].get(case.grant)),
                   (case.said["app"], case.app), (case.owner, case.institution),
                   (case.said["product"], case.product))
        for number, holder in holders:
            for word, limit in (holder["quota"] if holder else {}).items():
                if word not in WINDOWS:
                    continue
                key = (number, word, WINDOWS[word](case.at))
                left = limit - self.used.get(key, 0) - case.said["batch"]
                if left < 0:
                    rate = word in ("per_second", "per_minute")
                    case.against("QUOTA.RATE" if rate else "QUOTA.EXHAUSTED")
                if word not in ("per_second", "per_minute"):
                    case.left.append(left)
                case.counters.append(key)


WINDOWS = {"per_second": lambda at: at.replace(microsecond=0),
           "per_minute": lambda at: at.replace(second=0, microsecond=0),
           "per_day": lambda at: at.astimezone(SHANGHAI).date(),
           "per_month": lambda at: at.astimezone(SHANGHAI).date().replace(day=1),
           "total": lambda at: ""}
ENDED = {"EXPIRED": "CONSENT.EXPIRED", "EXHAUSTED": "CONSENT.EXHAUSTED", "ACTIVE": "",
         "WITHDRAWN": "CONSENT.WITHDRAWN", "SUPERSEDED": "CONSENT.WITHDRAWN",
         "INVALID": "CONSENT.EVIDENCE"}


def against(case: Case, token: str, bare: list[str]) -> list[str]:
    """Why this authorization does not cover the call."""
    one, said, codes = case.zone["consents"][token], case.said, []
    if code := ENDED.get(one["state"], "CONSENT.MISSING"):
        codes.append(code)
    else:
        if case.at < one["from"]:
            codes.append("CONSENT.MISSING")
        if case.at >= one["to"]:
            codes.append("CONSENT.EXPIRED")
        uses = case.used.get(("consent", token), 0)
        if one["max_uses"] is not None and one["max_uses"] - uses < said["batch"]:
            codes.append("CONSENT.EXHAUSTED")
    if one["state"] != "INVALID" and not (one["holds"] and one["noted"]):
        codes.append("CONSENT.EVIDENCE")
    if one["institution"] != case.owner:
        codes.append("CONSENT.INSTITUTION")
    if (one["kind"], one["subject"]) != (said["kind"], said["number"]):
        codes.append("CONSENT.SUBJECT")
    if said["purpose"] not in one["purposes"]:
        codes.append("CONSENT.PURPOSE")
    elif purposes()[said["purpose"]].get("separate_consent") and (
            said["purpose"] not in one["separate"]):
        codes.append("CONSENT.SEPARATE")
    wanted = bare or list(case.fields)
    if (said["product"] not in one["products"]
            or (one["fields"] and not set(wanted) <= set(one["fields"]))
            or (one["earliest"] and not (said["lookback"] and said["lookback"] >= one["earliest"]))
            or (said["action"] == "MONITOR" and one["mode"] != "MONITOR")):
        codes.append("CONSENT.SCOPE")
    return codes


def kept_days(case: Case) -> int | None:
    """Retention: the least of what the grant says, in its term or beside an obligation."""
    term = case.right["term"]
    laid = [each["days"] for each in case.zone["grants"][case.grant]["obligations"]
            if each["kind"] == "delete_after"]
    days = [each for each in (term["retention_days"], term["data_life_days"], *laid)
            if each is not None]
    return min(days, default=None) if days else None


def obligations(case: Case) -> None:
    """14: what is ordered can be carried out, and overdue receipts stop new ones."""
    case.kinds = ordered(case)
    for listed in (case.credential["kinds"], case.said["kinds"]):
        if listed is not None and not case.kinds <= set(listed):
            case.against("PEP.OBLIGATION_UNSUPPORTED")
    if "receipt" in case.kinds and case.credential["overdue"] > MOST_OVERDUE:
        case.against("PEP.RECEIPT_OVERDUE")


@cache
def duties() -> dict[str, dict]:
    return table("obligations")["obligations"]


def ordered(case: Case) -> frozenset[str]:
    """The kinds the published table orders for this call, and those the grant lays down."""
    laid = {each["kind"] for each in case.zone["grants"][case.grant]["obligations"]}
    marks = _marks(case)
    needs = {"mask_fields": "MASKED", "drop_fields": "DROPPED", "filter_rows": "BOUNDED",
             "suppress_aged_negative": "NEGATIVE"}
    stated = {"actions": case.said["action"], "channels": case.said["channel"],
              "forms": case.version["form"]}
    kinds = {kind for kind, duty in duties().items() if kind in laid or any(
        set(clause.get("marks", ())) <= marks and all(
            value in clause[part] for part, value in stated.items() if clause.get(part))
        for clause in duty.get("when", ()))}
    if "step-up" in kinds and case.said["level"] >= 2:
        kinds.discard("step-up")
    return frozenset(kind for kind in kinds if needs.get(kind, "") in ("", *marks))


def _marks(case: Case) -> set[str]:
    rows, shown = case.right["scope"]["rows"], {
        name: how for name, how in case.fields.items() if how != "DROP"}
    asked = case.said["fields"]
    sold = [each["field"] for each in case.version["fields"]]
    left_out = case.said["mode"] == "reduce" and [
        name for name in sold if name not in case.fields and (asked is None or name in asked)]
    origins = {name: reading_rights.origin(case, name) for name in case.fields}
    return {mark for mark, is_so in {
        "MASKED": any(how != "CLEAR" for how in shown.values()),
        "DROPPED": bool(left_out) or len(shown) < len(case.fields),
        "BOUNDED": bool(rows["regions"] or rows["industries"] or rows["subject_kinds"]
                        or rows["lookback_months"] is not None or rows["population"] != "ALL"),
        "RETAINED": kept_days(case) is not None,
        "PERSONAL": any(each["kind"] != "ENTERPRISE" for each in origins.values()),
        "NEGATIVE": any(origins[name]["negative"] for name in shown),
        "REVIEWED": bool(purposes()[case.said["purpose"]].get("human_review")),
        "COUNTED": bool(case.left or case.consent)}.items() if is_so}
