"""Applications about a grant that stands: to narrow, widen, renew or resume it.

A renewal only prolongs, a widening only widens within the term; what is neither is an application
for a new grant. Both take the full route of review and are signed like a new grant.
Source: domain rule §6.9 (case kinds).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.canonical import instant, parse_instant
from app.domain.duties import CaseSituation
from app.domain.lifecycle import guard
from app.domain.titled import Titled
from app.domain.vocabulary import EVERY, NO_NODE, Purposes

RENEW_WITHIN = timedelta(days=90)
LONGEST_PROPOSED = timedelta(days=366)


class Kind(Titled):
    """What an application asks for."""

    NEW = "NEW", "新授权", "New grant"
    AMEND_WIDEN = "AMEND_WIDEN", "放宽变更", "Widening amendment"
    AMEND_NARROW = "AMEND_NARROW", "收窄变更", "Narrowing amendment"
    RENEW = "RENEW", "续期", "Renewal"
    RESUME = "RESUME", "恢复", "Resumption"


FULL = (Kind.NEW, Kind.AMEND_WIDEN, Kind.RENEW)  # the full route of review, and a contract
GRANT_MUST_BE = {Kind.NEW: "", Kind.AMEND_WIDEN: "ACTIVE", Kind.AMEND_NARROW: "ACTIVE",
                 Kind.RENEW: "ACTIVE", Kind.RESUME: "SUSPENDED"}


@dataclass(frozen=True, kw_only=True)
class AmendmentSituation(CaseSituation):
    """What a guard may look at where a grant stands already. `widens` leaves the term out of
    account; `grant_is_unchanged` says that the version asked about is still in force."""

    kind: str = Kind.NEW
    grant_state: str = ""
    within_grant: bool = True
    is_changed: bool = False
    widens: bool = False
    prolongs: bool = False
    begins_by_now: bool = True
    renewal_is_open: bool = False
    grant_is_unchanged: bool = True


@guard("收窄变更只能比现有授权更窄",
       "a narrowing amendment must be narrower than the grant", "G-NARROW")
def amendment_narrows(situation: AmendmentSituation) -> bool:
    return situation.kind != Kind.AMEND_NARROW or (situation.within_grant and situation.is_changed)


@guard("放宽变更须至少放宽一项，且不延长期限（延长期限请申请续期）",
       "a widening amendment widens something and does not prolong the term; a renewal does")
def amendment_widens(situation: AmendmentSituation) -> bool:
    return situation.kind != Kind.AMEND_WIDEN or (situation.widens and not situation.prolongs)


@guard("续期须延长期限，且不放宽其他各项（放宽请申请变更）",
       "a renewal prolongs the term and widens nothing else; an amendment does")
def renewal_only_prolongs(situation: AmendmentSituation) -> bool:
    return situation.kind != Kind.RENEW or (situation.prolongs and not situation.widens)


@guard("续期在授权到期前 90 日内提出",
       "a renewal is asked for within the 90 days before the grant ends")
def renewal_is_open(situation: AmendmentSituation) -> bool:
    return situation.kind != Kind.RENEW or situation.renewal_is_open


@guard("变更或续期签约后即施行，起始日不得晚于今日",
       "an amendment or renewal takes effect when signed; its first day may not lie ahead")
def begins_by_now(situation: AmendmentSituation) -> bool:
    return situation.kind not in (Kind.AMEND_WIDEN, Kind.RENEW) or situation.begins_by_now


@guard("提交申请后现有授权已另行变更，请据现行版本重新申请",
       "the grant was changed after this was submitted; apply on the version in force")
def grant_is_unchanged(situation: AmendmentSituation) -> bool:
    return (situation.kind not in (Kind.AMEND_WIDEN, Kind.RENEW)
            or situation.grant_is_unchanged)


@guard("授权当前状态不适用本类案件", "the grant is not in a state this kind of case applies to",
       "STATE.NOT_ALLOWED")
def grant_fits_kind(situation: AmendmentSituation) -> bool:
    return GRANT_MUST_BE.get(situation.kind) == situation.grant_state


def renewal_opens(ends: datetime, at: datetime) -> bool:
    """Whether a renewal may be asked for: from 90 days before the end until the end."""
    return ends - RENEW_WITHIN <= at < ends


def renewed(document: Mapping[str, Any], unused: Collection[str]) -> dict[str, Any]:
    """The rights proposed for a renewal: those that were used, for as long again, a year at most.

    Where no field was used there is nothing to tell them apart by, and all of them stay.
    """
    term, scope = document["term"], document["scope"]
    begins, ends = parse_instant(term["from"]), parse_instant(term["to"])
    kept = [item for item in scope["fields"] if item["field"] not in unused]
    return {**document, "scope": {**scope, "fields": kept or scope["fields"]},
            "term": {**term, "to": instant(ends + min(ends - begins, LONGEST_PROPOSED))}}


def widened(document: Mapping[str, Any], codes: Collection[str], asked: Mapping[str, Any],
            offered: Any, purposes: Purposes) -> dict[str, Any]:
    """The rights of a grant and what a refused call asked beyond them, where the product has it.

    Args:
        codes: the reason codes of the refusal; what they do not name stays as it is.
        asked: the question as sealed.
        offered: the product version: its `purposes`, `fields` and `methods`.
    """
    wider = {name: dict(part) for name, part in document.items()}
    if "PURPOSE.NOT_GRANTED" in codes:
        wider["purpose"]["nodes"] = _purposes(wider["purpose"]["nodes"], asked, offered, purposes)
    if "SCOPE.FIELD" in codes:
        wider["scope"]["fields"] = _fields(wider["scope"]["fields"], asked, offered)
    wider["scope"]["rows"] = _rows(dict(wider["scope"].get("rows") or {}), codes, asked)
    if any(code.startswith("METHOD.") for code in codes):
        wider["method"]["ways"] = _ways(wider["method"]["ways"], asked, offered)
    return wider


def _purposes(nodes: list, asked: Mapping, offered, purposes: Purposes) -> list:
    code = asked.get("purpose", "")
    is_sold = purposes.is_leaf(code) and not purposes[code].prohibited and purposes.is_within(
        code, offered.purposes)
    return [*nodes, {"code": code, "descend": False, "except": []}] if is_sold else nodes


def _fields(held: list, asked: Mapping, offered) -> list:
    names = {item["field"] for item in held}
    return [*held, *({"field": item["field"], "treatment": item.get("treatment") or "CLEAR"}
                     for item in offered.fields
                     if item["field"] in asked.get("fields", ()) and item["field"] not in names)]


def _rows(rows: dict, codes: Collection[str], asked: Mapping) -> dict:
    for code, name, member in (("SCOPE.REGION", "regions", "region"),
                               ("SCOPE.SUBJECT_KIND", "subject_kinds", "subject_kind")):
        if code in codes and asked.get(member):
            rows[name] = [*(rows.get(name) or ()), asked[member]]
    if "SCOPE.LOOKBACK" in codes and asked.get("lookback_from") and rows.get("lookback_months"):
        rows["lookback_months"] = max(rows["lookback_months"], asked["lookback_months"])
    return rows


def months_back(first: str, today: date) -> int:
    """How many months a look-back to that day takes today."""
    day = date.fromisoformat(first)
    return max((today.year - day.year) * 12 + today.month - day.month + 1, 1)


def _ways(held: list, asked: Mapping, offered) -> list:
    way = tuple(asked.get(name, "") for name in ("action", "channel", "environment"))
    batch = asked.get("batch_size", 1)
    if any(_named(item) == way for item in held):
        return [{**item, "max_batch": max(item.get("max_batch") or 1, batch)}
                if _named(item) == way else item for item in held]
    if way not in {_named(item) for item in offered.methods}:
        return held
    node = asked.get("node") or (EVERY if way[1] == "JOINT_NODE" else NO_NODE)
    return [*held, {**dict(zip(("action", "channel", "environment"), way, strict=True)),
                    "node": node, "max_batch": batch}]


def _named(way: Mapping) -> tuple[str, str, str]:
    return way["action"], way["channel"], way["environment"]
