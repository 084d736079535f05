"""Screening: what is asked, dimension by dimension, against what the links above allow.

`MATCH` needs nobody, `NEEDS_JUDGEMENT` needs a reviewer, `MISMATCH` cannot be granted as asked
(G-NARROW, INV-03). Pure: the registry's values come in as a `Ceiling`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from app.domain.canonical import instant
from app.domain.chain import Chain
from app.domain.law import Law
from app.domain.rights import DIMENSIONS, Population, Rights
from app.domain.workdays import day_of

MATCH, JUDGE, MISMATCH = "MATCH", "NEEDS_JUDGEMENT", "MISMATCH"
RANK = {MATCH: 0, JUDGE: 1, MISMATCH: 2}
LONG_TERM, LONG_RETENTION_DAYS, LONG_LOOKBACK_MONTHS = timedelta(days=366), 365, 36
BULK = frozenset({"QUERY_BATCH", "MONITOR", "REPORT_EXPORT"})


@dataclass(frozen=True)
class FieldLimit:
    """What the product version delivers for a field. `level` is 1 to 5, None while ungraded."""

    name: str
    level: int | None
    treatment: str
    subject_kind: str = "ENTERPRISE"
    sensitive: bool = False
    dataset: str = ""


@dataclass(frozen=True)
class Source:
    """What the department of a dataset allows. An empty `allowed` sets no list."""

    number: str
    name: str
    department_id: str
    grade_class: str = "GENERAL"
    consent_mode: str = "ONCE"
    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ceiling:
    """What L0 to L4 allow one institution to be granted of one product."""

    chain: Chain
    product: str
    version: str
    fields: Mapping[str, FieldLimit]
    sources: tuple[Source, ...]
    purposes: tuple[str, ...]
    ways: frozenset[tuple[str, str, str]]
    output_form: str
    agreement_ends: datetime | None
    price_class: str = ""
    price_is_lawful: bool = False
    is_related: bool = False


@dataclass(frozen=True)
class Item:
    """One remark: what was asked, what the limit is, and from which link it comes."""

    code: str
    result: str
    zh: str
    en: str
    asked: str = ""
    limit: str = ""
    link: str = ""


@dataclass(frozen=True)
class Screening:
    """Remarks by dimension, `chain` among them, and hints on asking for less."""

    items: Mapping[str, tuple[Item, ...]]
    hints: tuple[Item, ...] = ()

    def result(self, dimension: str) -> str:
        """The worst remark of a dimension."""
        return max((item.result for item in self.items[dimension]), key=RANK.__getitem__,
                   default=MATCH)

    @property
    def mismatches(self) -> tuple[str, ...]:
        """Dimensions that cannot be granted as asked."""
        return tuple(name for name in self.items if self.result(name) == MISMATCH)

    def as_document(self, policy: str, at: datetime) -> dict:
        """As stored with the case, with the rulebook it was judged by."""
        shown = {name: {"result": self.result(name), "items": [asdict(item) for item in items]}
                 for name, items in self.items.items()}
        return {**shown, "hints": [asdict(item) for item in self.hints], "policy": policy,
                "at": instant(at)}


@dataclass
class _Marks:
    """Remarks as they are found."""

    found: dict[str, list[Item]] = field(default_factory=dict)

    def add(self, dimension: str, result: str, code: str, zh: str, en: str, **facts: str) -> None:
        self.found.setdefault(dimension, []).append(Item(code, result, zh, en, **facts))


def screen(rights: Rights, ceiling: Ceiling, law: Law, at: datetime) -> Screening:
    """Every remark on the rights asked for; nothing stops at the first (INV-08)."""
    marks = _Marks()
    _purpose(marks, rights, ceiling, law)
    _scope(marks, rights, ceiling, law)
    _grades(marks, rights, ceiling, law)
    _method(marks, rights, ceiling, law)
    _term(marks, rights, ceiling, at)
    for link in ceiling.chain.broken:
        for fault in link.faults:
            marks.add("chain", MISMATCH, fault.code, fault.zh, fault.en, link=link.level,
                      asked=link.number, limit=link.state)
    return Screening({name: tuple(marks.found.get(name, ())) for name in (*DIMENSIONS, "chain")})


def _purpose(marks: _Marks, rights: Rights, ceiling: Ceiling, law: Law) -> None:
    purposes = law.purposes
    for leaf in sorted(rights.leaves(purposes)):
        if not purposes.is_within(leaf, ceiling.purposes):
            marks.add("purpose", MISMATCH, "PURPOSE.PRODUCT", "产品不服务于该目的",
                      "the product does not serve this purpose", asked=leaf,
                      limit=", ".join(ceiling.purposes), link="L3")
        for source in ceiling.sources:
            if purposes.is_within(leaf, source.forbidden) or (
                    source.allowed and not purposes.is_within(leaf, source.allowed)):
                marks.add("purpose", MISMATCH, "PURPOSE.SOURCE_FORBIDS",
                          f"数据提供部门不允许该目的：{source.name}",
                          f"the source does not allow it: {source.number}", asked=leaf,
                          limit=", ".join(source.allowed or source.forbidden), link="L1")
        if purposes[leaf].separate_consent:
            marks.add("purpose", JUDGE, "CONSENT.SEPARATE", "该目的须取得单独同意",
                      "this purpose needs separate consent", asked=leaf, link="L7")
    for node in rights.nodes:
        if node.descend:
            marks.add("purpose", JUDGE, "PURPOSE.NOT_NECESSARY", "含下级的目的须逐项说明必要性",
                      "an inner purpose with everything below it needs its necessity shown",
                      asked=node.code)


def _scope(marks: _Marks, rights: Rights, ceiling: Ceiling, law: Law) -> None:
    if rights.product != ceiling.product:
        marks.add("scope", MISMATCH, "SCOPE.PRODUCT", "与申请的产品不一致",
                  "is not the product applied for", asked=rights.product, limit=ceiling.product)
    rank = law.vocabulary.treatment_rank
    for name, treatment in rights.fields:
        limit = ceiling.fields.get(name)
        if limit is None:
            marks.add("scope", MISMATCH, "SCOPE.FIELD", f"产品不含数据项 {name}",
                      f"the product has no field `{name}`", asked=name, link="L3")
            continue
        if rank[treatment] < rank.get(limit.treatment, len(rank)):
            marks.add("scope", MISMATCH, "SCOPE.FIELD", f"{name} 的处理方式弱于产品规定",
                      f"`{name}` is treated less strictly than the product does",
                      asked=treatment, limit=limit.treatment, link="L3")
        if limit.subject_kind == "PERSON":
            marks.add("scope", JUDGE, "CONSENT.PLAN", f"{name} 涉及自然人，须有主体授权方案",
                      f"`{name}` is about persons: a plan for their authorization is needed",
                      asked=name, link="L7")
    for result, code, zh, en, asked in _wide_rows(rights):
        marks.add("scope", result, code, zh, en, asked=asked)


def _wide_rows(rights: Rights) -> Iterator[tuple[str, str, str, str, str]]:
    rows = rights.rows
    if rows.population == Population.ALL:
        yield (JUDGE, "SCOPE.ROW", "申请全量主体，须说明必要性",
               "all subjects are asked for: necessity must be shown", rows.population)
    if rows.lookback_months is None or rows.lookback_months > LONG_LOOKBACK_MONTHS:
        asked = "-" if rows.lookback_months is None else str(rows.lookback_months)
        yield (JUDGE, "SCOPE.ROW", f"回溯期超过{LONG_LOOKBACK_MONTHS}个月",
               f"looks back more than {LONG_LOOKBACK_MONTHS} months", asked)
    if "PERSON" in rows.subject_kinds:
        yield (JUDGE, "CONSENT.PLAN", "主体含自然人，须有主体授权方案",
               "persons are subjects: a plan for their authorization is needed", "PERSON")


def _grades(marks: _Marks, rights: Rights, ceiling: Ceiling, law: Law) -> None:
    """What the ceiling table lets out: grade, action, channel and output form together."""
    important = {source.number for source in ceiling.sources if source.grade_class == "IMPORTANT"}
    for name, _ in rights.fields:
        limit = ceiling.fields.get(name)
        if limit is None:
            continue
        if limit.level is None:
            marks.add("scope", MISMATCH, "SCOPE.GRADE", f"{name} 尚未定级", f"`{name}` is ungraded",
                      asked=name, link="L1")
            continue
        grade = f"L{5 if limit.dataset in important else limit.level}"
        for way in rights.ways:
            if not law.sections.ceiling(grade, way.action, way.channel, rights.output_form):
                marks.add("scope", MISMATCH, "SCOPE.GRADE",
                          f"{name}（{grade}）不得以该方式和形态提供",
                          f"`{name}` ({grade}) may not leave this way and in this form",
                          asked=f"{way.action}/{way.channel}/{rights.output_form}", limit=grade)


def _method(marks: _Marks, rights: Rights, ceiling: Ceiling, law: Law) -> None:
    leaves = rights.leaves(law.purposes)
    for way in rights.ways:
        asked = f"{way.action}/{way.channel}/{way.environment}"
        if (way.action, way.channel, way.environment) not in ceiling.ways:
            marks.add("method", MISMATCH, "METHOD.CHANNEL", "产品不提供该方式",
                      "the product is not delivered this way", asked=asked, link="L3")
        for leaf in sorted(leaves):
            purpose = law.purposes[leaf]
            for value, allowed in ((way.action, purpose.only.actions),
                                   (way.channel, purpose.only.channels),
                                   (way.environment, purpose.only.environments)):
                if allowed and value not in allowed:
                    marks.add("method", MISMATCH, "METHOD.CHANNEL", f"目的 {leaf} 限定的方式之外",
                              f"outside what purpose {leaf} is confined to", asked=value,
                              limit=", ".join(allowed))
        if not any(way.action in law.purposes[leaf].methods for leaf in leaves):
            marks.add("method", JUDGE, "METHOD.UNUSUAL", "该目的通常不用此操作",
                      "this action is unusual for the purposes", asked=way.action)
        if law.vocabulary.channels[way.channel].node:
            marks.add("method", JUDGE, "METHOD.NODE_NOT_ATTESTED", "联合建模节点须有有效证明",
                      "a joint node needs a fresh attestation", asked=way.node, link="L6")
    if not law.vocabulary.is_form_within(rights.output_form, ceiling.output_form):
        marks.add("method", MISMATCH, "METHOD.OUTPUT_FORM", "输出形态超出产品上限",
                  "reveals more than the product's output form", asked=rights.output_form,
                  limit=ceiling.output_form, link="L3")
    bulk = sorted(rights.actions & BULK)
    if bulk:
        marks.add("method", JUDGE, "METHOD.BATCH", "批量、监测或导出须说明必要性",
                  "bulk actions need their necessity shown", asked=", ".join(bulk))


def _term(marks: _Marks, rights: Rights, ceiling: Ceiling, at: datetime) -> None:
    until = ceiling.agreement_ends
    asked = day_of(rights.ends - timedelta(microseconds=1)).isoformat()
    if until is None or rights.ends > until:
        marks.add("term", MISMATCH, "TERM.TOO_LONG", "超过授权运营协议期限",
                  "reaches beyond the head agreement", asked=asked, link="L0",
                  limit=day_of(until - timedelta(microseconds=1)).isoformat() if until else "-")
    if rights.ends <= at:
        marks.add("term", MISMATCH, "TERM.GRANT_EXPIRED", "申请的期限已过", "lies in the past",
                  asked=asked)
    if rights.ends - rights.begins > LONG_TERM:
        marks.add("term", JUDGE, "TERM.TOO_LONG", "期限超过一年", "is longer than a year",
                  asked=asked)
    if rights.retention_days > LONG_RETENTION_DAYS:
        marks.add("term", JUDGE, "TERM.RETENTION", "留存期限超过一年",
                  "keeps data longer than a year", asked=str(rights.retention_days),
                  limit=str(LONG_RETENTION_DAYS))
    for link in ceiling.chain.links:
        if link.ends and at < link.ends < rights.ends and link.level != "L0":
            marks.add("term", JUDGE, "TERM.LINK_ENDS", f"{link.number} 先于授权到期",
                      f"{link.number} ends before the grant would",
                      limit=day_of(link.ends).isoformat(), link=link.level)


def least_privilege(rights: Rights, like: Sequence[frozenset[str]]) -> tuple[Item, ...]:
    """Fields asked for that no like grant uses; `like` are the fields each of them used, or holds
    where it was not used yet. Nothing is said where there is no like grant."""
    known = frozenset().union(*like)
    return tuple(Item("LEAST.FIELD", JUDGE, f"{name}：同类授权从未使用",
                      f"`{name}`: like grants never use it", asked=name, limit=str(len(like)))
                 for name, _ in rights.fields if like and name not in known)
