"""审核意见: which opinions a case needs, who gives them, and when a second approver must sign.

Both are literal tables of domain rule §6.9; a line holds or does not for the facts of a case.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.amendments import FULL
from app.domain.law import Law
from app.domain.rights import Rights
from app.domain.screening import BULK, Ceiling
from app.domain.titled import Titled


class Kind(Titled):
    """What an opinion is about."""

    BUSINESS = "BUSINESS", "业务意见", "Business"
    COMPLIANCE = "COMPLIANCE", "合规意见", "Compliance"
    SECURITY = "SECURITY", "数据安全意见", "Data security"
    SOURCE = "SOURCE", "数据提供部门意见", "Source department"
    IMPACT = "IMPACT", "个人信息保护影响评估", "Impact assessment"
    RISK = "RISK", "重要数据风险评估", "Risk assessment"
    PRICE = "PRICE", "价格意见", "Price"
    RELATED_PARTY = "RELATED_PARTY", "关联方意见", "Related party"


class Result(Titled):
    """What a reviewer says."""

    AGREE = "AGREE", "同意", "Agree"
    AGREE_WITH_CONDITIONS = "AGREE_WITH_CONDITIONS", "附条件同意", "Agree with conditions"
    DISAGREE = "DISAGREE", "不同意", "Disagree"
    RECUSE = "RECUSE", "回避", "Recuse"


class Check(Titled):
    """What a reviewer must have looked at before agreeing."""

    SCENE = "SCENE", "场景真实、与业务相符", "The scene is real and fits the business"
    NECESSITY = "NECESSITY", "逐项数据的必要性", "Each field is needed"
    LAWFULNESS = "LAWFULNESS", "目的合法、依据充分", "The purpose is lawful and grounded"
    LEAST = "LEAST", "最小范围与期限", "No more scope or term than needed"
    MEASURES = "MEASURES", "机构安全措施充分", "The institution's safeguards suffice"
    GRADES = "GRADES", "级别、处理方式与输出形态相符", "Grade, treatment and output form agree"
    SOURCE_TERMS = "SOURCE_TERMS", "符合数据提供协议", "Fits the data provision agreement"
    PERSONS = "PERSONS", "个人权益影响与保护措施", "Effect on persons and their protection"
    AGGREGATION = "AGGREGATION", "汇聚关联风险", "Risk of aggregation and linkage"
    PRICE_RULE = "PRICE_RULE", "价格类别与上限依据", "Price class and ceiling document"
    ARMS_LENGTH = "ARMS_LENGTH", "与同类机构条件一致", "Same terms as like institutions"


CHECKS = {
    Kind.BUSINESS: (Check.SCENE, Check.NECESSITY), Kind.COMPLIANCE: (Check.LAWFULNESS, Check.LEAST),
    Kind.SECURITY: (Check.MEASURES, Check.GRADES), Kind.SOURCE: (Check.SOURCE_TERMS,),
    Kind.IMPACT: (Check.PERSONS,), Kind.RISK: (Check.AGGREGATION,),
    Kind.PRICE: (Check.PRICE_RULE,), Kind.RELATED_PARTY: (Check.ARMS_LENGTH,),
}
ROLES = {
    Kind.BUSINESS: "BIZ_REVIEW", Kind.COMPLIANCE: "COMP_REVIEW", Kind.SECURITY: "SEC_REVIEW",
    Kind.SOURCE: "DEPT_LIAISON", Kind.IMPACT: "PI_OFFICER", Kind.RISK: "SEC_REVIEW",
    Kind.PRICE: "PRICE_REVIEW", Kind.RELATED_PARTY: "COMP_REVIEW",
}
ASSESSMENTS = (Kind.IMPACT, Kind.RISK)
AGREEING = (Result.AGREE, Result.AGREE_WITH_CONDITIONS)


@dataclass(frozen=True)
class CaseFacts:
    """What the two tables look at."""

    kind: str
    asks_source: bool = False
    has_person_field: bool = False
    is_automated: bool = False
    reaches_persons: bool = False
    has_important: bool = False
    highest_level: int = 0
    has_bulk: bool = False
    has_node: bool = False
    has_sensitive_person: bool = False
    price_class: str = "FREE"
    is_related: bool = False
    overrides: bool = False
    after_breach: bool = False

    @property
    def is_full(self) -> bool:
        """Whether the case takes the full route."""
        return self.kind in FULL


@dataclass(frozen=True)
class Line:
    """One line of a table."""

    zh: str
    en: str
    holds: Callable[[CaseFacts], bool]


OPENED_WHEN: dict[Kind, Line] = {
    Kind.BUSINESS: Line("新授权、放宽变更或续期", "a new grant, a widening or a renewal",
                        lambda facts: facts.is_full),
    Kind.COMPLIANCE: Line("每个案件", "always", lambda facts: True),
    Kind.SECURITY: Line("新授权、放宽变更或续期", "a new grant, a widening or a renewal",
                        lambda facts: facts.is_full),
    Kind.SOURCE: Line("数据资源须逐项征求意见", "a dataset asks to be consulted each time",
                      lambda facts: facts.is_full and facts.asks_source),
    Kind.IMPACT: Line("涉及自然人数据项、自动化决策或向其他处理者提供",
                      "a person field, automated decision or provision to another handler",
                      lambda facts: facts.is_full and (
                          facts.has_person_field or facts.is_automated or facts.reaches_persons)),
    Kind.RISK: Line("涉及重要数据", "an important dataset",
                    lambda facts: facts.is_full and facts.has_important),
    Kind.PRICE: Line("价格类别不是免费", "the price class is not free",
                     lambda facts: facts.is_full and facts.price_class != "FREE"),
    Kind.RELATED_PARTY: Line("机构在关联方名单内", "the institution is a related party",
                             lambda facts: facts.is_full and facts.is_related),
}

SECOND_WHEN: dict[str, Line] = {
    "BULK": Line("三级及以上数据批量、监测或导出", "bulk actions on level 3 or above",
                 lambda facts: facts.highest_level >= 3 and facts.has_bulk),
    "NODE": Line("使用联合建模节点", "a joint node", lambda facts: facts.has_node),
    "HIGH": Line("四级数据或重要数据", "level 4 or important data",
                 lambda facts: facts.highest_level >= 4 or facts.has_important),
    "SENSITIVE": Line("敏感个人信息", "sensitive personal information",
                      lambda facts: facts.has_sensitive_person),
    "RELATED": Line("关联方", "a related party", lambda facts: facts.is_related),
    "OVERRIDE": Line("不采纳不同意意见", "a disagreement is overridden",
                     lambda facts: facts.overrides),
    "BREACH": Line("因违约暂停后恢复", "resuming after a breach",
                   lambda facts: facts.after_breach),
}


def opened(facts: CaseFacts) -> tuple[Kind, ...]:
    """The opinions the case needs, in the order of the table."""
    return tuple(kind for kind, line in OPENED_WHEN.items() if line.holds(facts))


def second_because(facts: CaseFacts) -> tuple[str, ...]:
    """Why the data-security officer must sign too; empty when F3 is enough.

    An amendment that only narrows and a resumption ask for it only by their own lines.
    """
    own = SECOND_WHEN if facts.is_full else {
        name: SECOND_WHEN[name] for name in ("OVERRIDE", "BREACH")}
    return tuple(name for name, line in own.items() if line.holds(facts))


def facts_of(kind: str, rights: Rights | None, ceiling: Ceiling | None, law: Law, *,
             overrides: bool = False, after_breach: bool = False) -> CaseFacts:
    """The facts of a case from what it asks for and what stands above it."""
    if rights is None or ceiling is None:
        return CaseFacts(kind, overrides=overrides, after_breach=after_breach)
    limits = [ceiling.fields[name] for name, _ in rights.fields if name in ceiling.fields]
    persons = [limit for limit in limits if limit.subject_kind == "PERSON"]
    return CaseFacts(
        kind=kind,
        asks_source=any(source.consent_mode == "PER_GRANT" for source in ceiling.sources),
        has_person_field=bool(persons), is_automated="MODEL_INFER" in rights.actions,
        reaches_persons="PERSON" in rights.rows.subject_kinds,
        has_important=any(source.grade_class == "IMPORTANT" for source in ceiling.sources),
        highest_level=max((5 if limit.level is None else limit.level for limit in limits),
                          default=0),
        has_bulk=bool(rights.actions & BULK),
        has_node=any(law.vocabulary.channels[name].node for name in rights.channels),
        has_sensitive_person=any(limit.sensitive for limit in persons),
        price_class=ceiling.price_class, is_related=ceiling.is_related,
        overrides=overrides, after_breach=after_breach)


def unticked(kind: Kind, result: Result, ticked: frozenset[str]) -> tuple[Check, ...]:
    """The checks an agreeing reviewer has not ticked; disagreeing needs none."""
    return tuple(check for check in CHECKS[kind] if check not in ticked
                 ) if result in AGREEING else ()
