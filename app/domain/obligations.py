"""义务: what an enforcement point must do with a permitted answer, or deny.

Which kind comes when is the table of `policies/access/obligations.yaml`; here stands what each
kind says of one call, and that an enforcement point which cannot carry one out is refused.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.domain.dimensions_of_scope import earliest_day
from app.domain.findings import MOST_OVERDUE
from app.domain.headers_only import unheard
from app.domain.hearing import NA, UNKNOWN, Hearing, Reason
from app.domain.obligation_table import NOTHING, Plan, planned, stricter, type_of
from app.domain.picture import VersionPicture
from app.domain.titled import Titled


class Obligation(Titled):
    """A kind of obligation an approval may lay down; `step-up` keeps its AuthZEN spelling."""

    MASK_FIELDS = "mask_fields", "字段脱敏", "Mask fields"
    DROP_FIELDS = "drop_fields", "字段不返回", "Drop fields"
    FILTER_ROWS = "filter_rows", "行过滤", "Filter rows"
    MIN_GROUP = "min_group", "最小分组", "Smallest group"
    SUPPRESS_AGED_NEGATIVE = ("suppress_aged_negative", "不良信息超期不返回",
                              "Suppress aged negative records")
    MARK_DISPUTE = "mark_dispute", "异议标注", "Mark disputes"
    WATERMARK = "watermark", "水印", "Watermark"
    DELETE_AFTER = "delete_after", "留存期限", "Delete after"
    VIEW_ONLY = "view_only", "仅查看", "View only"
    NO_ONWARD = "no_onward", "禁止转提供", "No onward provision"
    HUMAN_REVIEW = "human_review", "人工复核", "Human review"
    NOTIFY_SUBJECT = "notify_subject", "告知主体", "Notify the subject"
    RECEIPT = "receipt", "回执", "Receipt"
    STEP_UP = "step-up", "强认证", "Step-up authentication"


def obligations(hearing: Hearing) -> str | None:
    """14: what a permit orders is assembled, and the enforcement point can carry all of it out."""
    against = hearing.reasons and [
        reason for reason in hearing.reasons if reason.code != "SCOPE.FIELD_REDUCED"]
    if against:
        hearing.plan = _with_denial(hearing, against)
        return NA
    if hearing.right is None or hearing.version is None:
        return UNKNOWN
    hearing.plan = plan = _plan(hearing)
    for kind in dict.fromkeys((*_unsupported(hearing, plan), *_unheard(hearing, plan))):
        hearing.against("PEP.OBLIGATION_UNSUPPORTED", ref=hearing.credential.id, asked=kind)
    if plan.is_acknowledged and hearing.credential and (
            hearing.credential.receipts_overdue > MOST_OVERDUE):
        hearing.against("PEP.RECEIPT_OVERDUE", ref=hearing.credential.id, limit=str(MOST_OVERDUE))
    return None if plan.kinds else NA


def _plan(hearing: Hearing) -> Plan:
    """The plan for calls like this one: equal questions about the same objects share it."""
    ask, right, version, law = hearing.ask, hearing.right, hearing.version, hearing.law
    since = "" if right.lookback_months is None else _since(hearing.at[:13], right.lookback_months)
    left_out = _left_out(hearing) if ask.field_mode == "reduce" else ()
    marks = (bool(hearing.personal), law.purposes[ask.purpose].human_review,
             hearing.tightest is not None or hearing.consent is not None)
    effective = hearing.effective
    key = (version.product, version.version, right.obligations, right.regions, right.industries,
           right.subject_kinds, right.population, since, right.retention_days,
           right.data_life_days, ask.action, ask.channel, ask.auth_level, marks, left_out,
           *effective, *effective.values())
    found = law.duties.plans.get(key)
    if found and found[0] is version and found[1] == hearing.datasets:
        return found[2]
    plan = _worked_out(hearing, since, left_out, marks)
    law.duties.remember(key, (version, hearing.datasets, plan))
    return plan


@lru_cache(maxsize=1024)
def _since(hour: str, months: int) -> str:
    """The first day inside the look-back, the same throughout an hour."""
    return earliest_day(hour + ":00:00Z", months)


def _left_out(hearing: Hearing) -> tuple[str, ...]:
    """Fields of the product that were asked for and are not allowed."""
    asked = hearing.ask.fields
    return tuple(sorted(name for name in hearing.version.fields if name not in hearing.effective
                        and (asked is None or name in asked)))


def _worked_out(hearing: Hearing, since: str, left_out: tuple[str, ...],
                marks: tuple[bool, bool, bool]) -> Plan:
    ask, right, version = hearing.ask, hearing.right, hearing.version
    laid = {kind: dict(said) for kind, said in right.obligations}
    own = _own(hearing, since, left_out, laid)
    found = frozenset(mark for mark, is_so in (
        *zip(("PERSONAL", "REVIEWED", "COUNTED"), marks, strict=True),
        ("MASKED", own["mask_fields"]), ("DROPPED", own["drop_fields"]),
        ("BOUNDED", own["filter_rows"]), ("RETAINED", own["delete_after"]),
        ("NEGATIVE", own["suppress_aged_negative"])) if is_so)
    said = {}
    for kind, duty in hearing.law.duties.by_kind.items():
        comes = kind in laid or any(clause.holds(
            found, ask.action, ask.channel, version.output_form) for clause in duty.when)
        properties = own.get(kind, {})
        if comes and properties is not None:
            said[kind] = stricter(duty.says, laid.get(kind, {}), properties)
    level = said.get("step-up", {}).get("level", 0)
    if level > ask.auth_level:
        said["step-up"] = _acr(level)
    else:
        said.pop("step-up", None)
    return planned(said)


def _own(hearing: Hearing, since: str, left_out: tuple[str, ...],
         laid: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any] | None]:
    """What the kinds that speak of fields, rows and days say here; None has nothing to order."""
    treated = hearing.effective
    shown = {name: _origin(hearing, name) for name, how in treated.items() if how != "DROP"}
    dropped = {name for name in treated if name not in shown}
    return {
        "mask_fields": _some("fields", {
            name: {"treatment": treated[name], **({"kind": kind} if kind else {})}
            for name, (kind, _) in shown.items() if treated[name] != "CLEAR"}),
        "drop_fields": _some("fields", sorted({*left_out, *dropped})),
        "filter_rows": _rows(hearing.right, since),
        "suppress_aged_negative": _some("fields", {
            name: ends for name, (_, ends) in shown.items() if ends is not None}),
        "mark_dispute": _some("items", sorted(shown)),
        "delete_after": _kept(hearing.right, laid.get("delete_after")),
    }


def _some(name: str, value: Any) -> Mapping[str, Any] | None:
    return {name: value} if value else None


def _origin(hearing: Hearing, name: str) -> tuple[str, str | None]:
    """What a field is, when all its sources say the same, and which field ends the event it
    tells of, None for what is no negative record."""
    kinds, ends = set(), None
    for dataset, source in hearing.version.fields[name].sources:
        field = hearing.picture.datasets[dataset].fields[source]
        kinds.add(field.identifier)
        if field.negative:
            ends = field.event_end
    return kinds.pop() if len(kinds) == 1 else "", ends


def _rows(right: VersionPicture, since: str) -> Mapping[str, Any] | None:
    """The bounds on rows as an expression tree; every part must hold of a row that leaves."""
    parts: list[dict[str, Any]] = [
        {name: list(codes)} for name, codes in (
            ("region_in", right.regions), ("industry_in", right.industries),
            ("subject_kind_in", right.subject_kinds)) if codes]
    if right.population != "ALL":
        parts.append({"population": right.population})
    if since:
        parts.append({"since": since})
    if not parts:
        return None
    return {"expr": parts[0] if len(parts) == 1 else {"all": parts}}


def _kept(right: VersionPicture, laid: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """How long an answer may be kept; laid down without any number, not at all."""
    days = [days for days in (right.retention_days, right.data_life_days, (laid or {}).get("days"))
            if days is not None]
    return {"days": min(days, default=0)} if days or laid is not None else None


def _acr(level: object) -> dict[str, Any]:
    return {"acr_value": f"level-{level}"}


def _with_denial(hearing: Hearing, against: list[Reason]) -> Plan:
    """What would turn a refusal: told only when nothing else speaks against the call."""
    codes = {reason.code for reason in against}
    for kind, duty in hearing.law.duties.by_kind.items():
        if codes <= set(duty.denials):
            level = max(int(reason.limit) for reason in against)
            plan = planned({kind: _acr(level)}, is_of_denial=True)
            return plan if not _unsupported(hearing, plan) else NOTHING
    return NOTHING


def _unsupported(hearing: Hearing, plan: Plan) -> list[str]:
    """The kinds ordered that the enforcement point has not said it can carry out.

    What is registered of it binds; a request may only shorten the list. Nothing said excludes
    nothing.
    """
    ask, credential = hearing.ask, hearing.credential
    registered = credential.supported_kinds if credential else None
    if registered is ask.supported_kinds is ask.supported_obligations is None:
        return []
    return [kind for kind in plan.kinds if any(
        said is not None and name not in said for said, name in (
            (registered, kind), (ask.supported_kinds, kind),
            (ask.supported_obligations, type_of(kind))))]


def _unheard(hearing: Hearing, plan: Plan) -> list[str]:
    """The kinds ordered that the adapter a gateway asked through cannot pass on."""
    if not hearing.ask.presented.via:
        return []
    return unheard(plan, hearing.effective, hearing.app.institution)
