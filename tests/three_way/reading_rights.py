"""The plain reading of a grant's own dimensions: purpose, scope, method and term."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase

from tests.three_way.law import above, is_field, is_leaf, purposes, table
from tests.three_way.reading import SHANGHAI, Case


def purpose(case: Case) -> None:
    """6: a registered leaf that is granted, sold for, and forbidden by no source."""
    code = case.said["purpose"]
    if not code:
        case.against("PURPOSE.MISSING")
    elif code not in purposes():
        case.against("PURPOSE.UNKNOWN")
    elif purposes()[code].get("prohibited"):
        case.against("PURPOSE.PROHIBITED")
    elif not is_leaf(code):
        case.against("PURPOSE.NOT_LEAF")
    else:
        granted = not case.grant or case.judge.purpose(case.grant, code)
        sold = case.version is None or above(code) & set(case.version["purposes"])
        if not (granted and sold):
            case.against("PURPOSE.NOT_GRANTED")
        if any(above(code) & set(each["forbidden"])
               or (each["allowed"] and not above(code) & set(each["allowed"]))
               for each in case.datasets.values()):
            case.against("PURPOSE.SOURCE_FORBIDS")
    if case.right and case.right["purpose"]["business_ref_required"]:
        pattern = (case.institution["pattern"] if case.institution else "") or "*"
        reference = case.said["business_ref"]
        if not (reference and fnmatchcase(reference, pattern)):
            case.against("PURPOSE.BUSINESS_REF")


def scope(case: Case) -> None:
    """7: product, version, fields with their grades, rows."""
    if case.product is None:
        case.against("SCOPE.PRODUCT")
        return
    if case.right and case.right["scope"]["product"] != case.said["product"]:
        case.against("SCOPE.PRODUCT")
    if case.version is None or case.text != case.newest:
        case.against("SCOPE.VERSION")
    if case.version is not None:
        if any(each["class"] == "CORE" or (each["class"] == "IMPORTANT" and not each["assessed"])
               for each in case.datasets.values()):
            case.against("SCOPE.GRADE")
        _fields(case)
    if case.right:
        _rows(case, case.right["scope"]["rows"])


def _fields(case: Case) -> None:
    """Strict: any field not allowed denies. Reduce: it is dropped, unless none is left."""
    sold = {each["field"]: each for each in case.version["fields"]}
    refused = []
    for name in dict.fromkeys(case.said["fields"] or sold):
        code = _refusal(case, name, sold)
        if code:
            refused.append(code)
        else:
            case.fields[name] = _treatment(case, sold[name])
    if refused and case.said["mode"] == "reduce" and case.fields:
        refused = ["SCOPE.FIELD_REDUCED"]
    for code in refused:
        case.against(code)


def _refusal(case: Case, name: str, sold: dict) -> str:
    """Why one field may not be had, "" when it may."""
    if name not in sold or (case.right and not case.judge.field(
            case.grant, case.right["scope"]["product"], name)):
        return "SCOPE.FIELD"
    each, form = sold[name], case.version["form"]
    dataset = case.zone["datasets"][each["dataset"]]
    origin = dataset["fields"].get(each["source"])
    if origin is None or origin["prohibited"] or each["dataset"] not in case.datasets:
        return "SCOPE.FIELD"
    grades = [f"L{origin['grade']}" if origin["grade"] else "UNGRADED"]
    classes = {origin["class"], dataset["class"]} - {"GENERAL"}
    if classes:  # important data stands beside level 5, core data leaves by nothing
        grades.append("L5" if classes == {"IMPORTANT"} else "CORE")
    asked = (case.said["action"], case.said["channel"], form)
    return "" if all(case.judge.ceiling(grade, *asked) for grade in grades) else "SCOPE.GRADE"


def origin(case: Case, name: str) -> dict:
    """The field of a dataset that a field of the product is made from."""
    each = next(each for each in case.version["fields"] if each["field"] == name)
    return case.zone["datasets"][each["dataset"]]["fields"][each["source"]]


def _treatment(case: Case, each: dict) -> str:
    """The strictest of source, product and grant; a field named outright is not a pattern's."""
    order = list(table("vocabulary")["treatments"])
    found = [each["treatment"], origin(case, each["field"])["mask"]]
    if case.right:
        granted = {entry["field"]: entry["treatment"]
                   for entry in case.right["scope"]["fields"]}
        if each["field"] in granted:
            found.append(granted[each["field"]])
        else:
            found += [treated for pattern, treated in granted.items()
                      if is_field(each["field"], pattern)]
    return max(found, key=order.index)


def _rows(case: Case, rows: dict) -> None:
    """Row bounds are joined with AND, and each must be stated by the call."""
    said = case.said
    if rows["regions"] and not any(_is_region(said["region"], each) for each in rows["regions"]):
        case.against("SCOPE.REGION")
    if rows["industries"] and said["industry"] not in rows["industries"]:
        case.against("SCOPE.ROW")
    known = table("vocabulary")["subject_kinds"]
    if (said["kind"] and said["kind"] not in known) or (
            rows["subject_kinds"] and said["kind"] not in rows["subject_kinds"]):
        case.against("SCOPE.SUBJECT_KIND")
    months = rows["lookback_months"]
    if months is not None and not (
            said["lookback"] and date.fromisoformat(said["lookback"]) >= earliest(case.at, months)):
        case.against("SCOPE.LOOKBACK")
    population = rows["population"]
    if population not in ("ALL", "OWN_CUSTOMERS", "LISTED"):
        case.against("GRANT.UNKNOWN_BOUND")
    elif population == "LISTED" or (population == "OWN_CUSTOMERS" and not said["business_ref"]):
        case.against("SCOPE.ROW")  # no list is kept of whom a grant names: nobody is on it


def _is_region(asked: str, granted: str) -> bool:
    """GB/T 2260: two digits each for province, prefecture, county."""
    parts = [granted[at:at + 2] for at in (0, 2, 4)]
    while parts[-1] == "00":
        parts.pop()
    return len(asked) == 6 and asked.isdecimal() and asked.startswith("".join(parts))


def earliest(at: datetime, months: int) -> date:
    """So many months before the Shanghai day; the last of a month that has no such day."""
    today = at.astimezone(SHANGHAI).date()
    count = today.year * 12 + today.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


PARTS = ("METHOD.ACTION", "METHOD.CHANNEL", "METHOD.ENVIRONMENT")


def method(case: Case) -> None:
    """8: the way is sold, granted and fit for the purpose; node, batch and output form too."""
    said, right = case.said, case.right
    way = (said["action"], said["channel"], said["environment"])
    if case.version is not None:
        _outside(case, way, [tuple(each) for each in case.version["methods"]])
    only = purposes().get(said["purpose"], {}).get("only", {})
    for part, code in zip(("actions", "channels", "environments"), PARTS, strict=True):
        if only.get(part) and way[PARTS.index(code)] not in only[part]:
            case.against(code)
    at_node = said["channel"] == "JOINT_NODE"
    if at_node:
        _node(case)
    if right is None:
        return
    node = said["node"] if at_node else "-"
    ways = right["method"]["ways"]
    alike = [each for each in ways
             if (each["action"], each["channel"], each["environment"]) == way]
    if not case.judge.method(case.grant, *way, node):
        if alike:
            case.against("METHOD.NODE")
        _outside(case, way, [(each["action"], each["channel"], each["environment"])
                             for each in ways])
    most = max([each["max_batch"] for each in alike if each["node"] in ("*", node)], default=1)
    if said["batch"] > most:
        case.against("METHOD.BATCH")
    if case.version is not None:
        order = list(table("vocabulary")["output_forms"])
        form = case.version["form"]
        if form == "RAW_RECORD" or order.index(form) > order.index(right["method"]["output_form"]):
            case.against("METHOD.OUTPUT_FORM")


def _outside(case: Case, way: tuple, ways: list[tuple]) -> None:
    """Each part no way has; where all stand somewhere, the first that leaves no way over."""
    if way in ways:
        return
    missing = [part for part in range(3) if way[part] not in {each[part] for each in ways}]
    if not missing:
        left, missing = ways, []
        for part in range(3):
            left = [each for each in left if each[part] == way[part]]
            if not left:
                missing = [part]
                break
    for part in missing:
        case.against(PARTS[part])


def _node(case: Case) -> None:
    """The node is the institution's own and was attested within the last day (L6)."""
    node = case.zone["nodes"].get(case.said["node"])
    if node is None or node["institution"] != case.owner:
        case.against("METHOD.NODE")
    elif (node["state"], node["result"]) != ("ACTIVE", "PASS") or (
            case.at - node["attested_at"] > timedelta(hours=24)):
        case.against("METHOD.NODE_NOT_ATTESTED")


def term(case: Case) -> None:
    """9: state, begin and end by the clock of the decision, and the daily window."""
    if not case.grant:
        return
    found = case.zone["grants"][case.grant]
    stopped = {"SUSPENDED": "TERM.SUSPENDED", "REVOKED": "TERM.REVOKED",
               "TERMINATED": "TERM.CLOSED", "CLOSING": "TERM.CLOSED", "CLOSED": "TERM.CLOSED"}
    if found["state"] in stopped:
        case.against(stopped[found["state"]])
    inside = case.judge.term(case.grant, case.at)
    if found["state"] == "EXPIRED" or (not inside and case.at >= found["to"]):
        case.against("TERM.GRANT_EXPIRED")
    elif not inside or found["state"] == "SCHEDULED":
        case.against("TERM.NOT_YET")
    window = found["dimensions"]["term"]["window"]
    if window:
        now = case.at.astimezone(SHANGHAI).time().replace(second=0, microsecond=0)
        begins, ends = (time.fromisoformat(window[side]) for side in ("from", "to"))
        inside = begins <= now < ends if begins < ends else now >= begins or now < ends
        if not inside:
            case.against("TERM.WINDOW")
