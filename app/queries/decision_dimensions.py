"""Each dimension of a sealed decision in words: what it found, what it allowed, what was asked.

Limits are those of the grant version that was decided under, not of today's; what failed also says
the limit it was sealed with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from app.domain.decisions import ORDER
from app.queries.review import Both, said
from app.store.case_views import rights_or_none
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product
from app.store.titles import titles_of

DIMENSIONS = {
    "request": ("请求", "Request"), "identity": ("身份与凭证", "Identity and credential"),
    "institution": ("机构", "Institution"), "chain": ("上游授权链", "Chain above"),
    "grant": ("授权", "Grant"), "purpose": ("目的", "Purpose"), "scope": ("范围", "Scope"),
    "method": ("方式", "Method"), "term": ("期限", "Term"),
    "consent": ("主体授权", "Subject authorization"), "quota": ("配额", "Quota"),
    "context": ("网络与时间", "Network and hours"), "hold": ("停用", "Holds"),
    "obligations": ("义务", "Obligations"),
}
PERIODS = {"SECOND": ("每秒", "a second"), "MINUTE": ("每分钟", "a minute"),
           "DAY": ("当日", "this day"), "MONTH": ("当月", "this month"),
           "TOTAL": ("累计", "in all")}
UPPER = ("L0", "L1", "L3")
NOTHING = Both("", "")


@dataclass(frozen=True)
class Dimension:
    """One dimension of the evaluation: its result, what was allowed and what was asked."""

    name: str
    zh: str
    en: str
    result: str
    limit_zh: str
    limit_en: str
    actual_zh: str
    actual_en: str


def dimensions(rt, session: Session, facts: Mapping, called: Mapping[str, str]
               ) -> tuple[Dimension, ...]:
    """Every dimension that was evaluated, in order; ``called`` are the titles of the fields."""
    limits, asked = _limits(rt, session, facts), _asked(rt, session, facts, called)
    for code, _, _, limit in facts.get("reasons", ()):
        name = rt.law.reasons[code].dimension
        if limit:
            limits[name] = Both(limit, limit) if name not in limits else Both(
                f"{limits[name].zh}（{limit}）", f"{limits[name].en} ({limit})")
    found = []
    for name, _ in ORDER:
        if result := facts.get("dimensions", {}).get(name):
            limit, actual = limits.get(name, NOTHING), asked.get(name, NOTHING)
            found.append(Dimension(name, *DIMENSIONS[name], result, limit.zh, limit.en,
                                   actual.zh, actual.en))
    return tuple(found)


def _limits(rt, session: Session, facts: Mapping) -> dict[str, Both]:
    """What the version decided under allows, and what was left of the tightest bound on use."""
    version = session.exec(select(GrantVersion).join(Grant, Grant.id == GrantVersion.grant_id)
                           .where(Grant.number == facts.get("grant"),
                                  GrantVersion.n == facts.get("grant_version"))).first()
    found = {}
    if version:
        product = session.exec(select(Product).where(
            Product.number == version.dimensions["scope"]["product"])).first()
        found = said(rights_or_none(rt, version.dimensions), titles_of(rt, session, product))
    if quota := facts.get("quota"):
        zh, en = PERIODS.get(quota["period"], (quota["period"],) * 2)
        found["quota"] = Both(f"{zh}剩余 {quota['remaining']:,} 次",
                              f"{quota['remaining']:,} left {en}")
    return found


def _asked(rt, session: Session, facts: Mapping, called: Mapping[str, str]) -> dict[str, Both]:
    """What the call asked of each dimension, in words."""
    asked, words, law = facts.get("input", {}), rt.law.vocabulary, rt.law
    chain = [(link, ref) for link, ref, _ in facts.get("chain", ())]
    purpose = asked.get("purpose", "")
    product, version = asked.get("product", ""), asked.get("version", "")
    fields = _fields(asked, called)
    ways = [table[asked[name]] for name, table in (
        ("action", words.actions), ("channel", words.channels),
        ("environment", words.environments)) if asked.get(name) in table]
    batch = asked.get("batch_size", 1)
    kind = words.subject_kinds.get(asked.get("subject_kind", ""))
    consent = " ".join(ref for link, ref in chain if link == "L7")
    at = datetime.fromisoformat(facts["at"]).astimezone(rt.settings.zone)
    found = {
        "identity": _plain(*(asked.get(name, "") for name in ("app", "credential", "via"))),
        "institution": _institution(session, facts.get("institution", "")),
        "chain": _joined(*(_plain(ref) for link, ref in chain if link in UPPER)),
        "grant": _plain(facts.get("grant", "")),
        "scope": _joined(_plain(f"{product} {version}".strip()), fields,
                         _plain(asked.get("region", "")), _plain(asked.get("lookback_from", ""))),
        "method": _joined(*(Both(word.zh, word.en) for word in ways),
                          Both(f"{batch} 条", f"{batch} at once"), _plain(asked.get("node", ""))),
        "term": _plain(f"{at:%Y-%m-%d %H:%M:%S}"),
        "consent": _joined(Both(kind.zh, kind.en) if kind else NOTHING, _plain(consent)),
        "quota": Both(f"{batch} 次", str(batch)),
    }
    if purpose in law.purposes:
        word = law.purposes[purpose]
        found["purpose"] = Both(f"{word.zh}（{purpose}）", f"{word.en} ({purpose})")
    return found


def _fields(asked: Mapping, called: Mapping[str, str]) -> Both:
    codes, unknown = asked.get("fields", ()), asked.get("fields_unknown", 0)
    zh = "、".join(called.get(code) or code for code in codes)
    en = ", ".join(codes)
    if unknown:
        zh = "；".join(filter(None, (zh, f"另有 {unknown} 项产品没有的字段")))
        en = "; ".join(filter(None, (en, f"and {unknown} the product does not have")))
    return Both(zh, en)


def _institution(session: Session, number: str) -> Both:
    name = session.exec(select(Institution.name).where(Institution.number == number)).first()
    return _plain(name or "", number)


def _plain(*parts: str) -> Both:
    text = " ".join(filter(None, parts))
    return Both(text, text)


def _joined(*parts: Both) -> Both:
    return Both(" · ".join(part.zh for part in parts if part.zh),
                " · ".join(part.en for part in parts if part.en))
