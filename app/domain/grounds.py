"""Grounds: the words a refusal, stop or supplement stands on, and the checklists of agreements.

A ground is a sentence with blanks, the article it relies on, and what may be done about it. The
officer fills the blanks and may reword the sentence; code, dimension and article stay.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.instruments import Kind
from app.domain.numerals import chinese_number, english_date, plain_date
from app.domain.titled import Titled


class Dimension(Titled):
    """What a reason is about."""

    MATERIALS = "materials", "申请材料", "Materials"
    INSTITUTION = "institution", "机构资格", "Institution"
    SOURCE = "source", "数据来源", "Source of data"
    GRADING = "grading", "分类分级", "Grading"
    PURPOSE = "purpose", "目的", "Purpose"
    SCOPE = "scope", "范围", "Scope"
    METHOD = "method", "方式", "Method"
    TERM = "term", "期限", "Term"
    CONSENT = "consent", "主体授权", "Subject authorization"
    SECURITY = "security", "安全保护", "Security"
    PRICE = "price", "价格", "Price"
    FAIRNESS = "fairness", "公平与关联", "Fairness"
    STOP = "stop", "停用事由", "Cause of stop"
    PROCEDURE = "procedure", "程序", "Procedure"


class Remedy(Titled):
    """What the recipient may do about a reason."""

    RESUBMIT = "RESUBMIT", "补正后重新提交", "Mend and submit again"
    AMEND = "AMEND", "调整申请内容", "Change what is asked"
    RECTIFY = "RECTIFY", "整改后申请恢复或复核", "Rectify, then ask for review"
    OBJECT = "OBJECT", "陈述申辩", "State your case"
    NONE = "NONE", "无补救途径", "No remedy"


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def blanks(self) -> frozenset[str]:
        """The blanks to be filled, which must be the same in both languages."""
        zh, en = (frozenset(name for _, name, _, _ in string.Formatter().parse(text)
                            if name is not None) for text in (self.zh, self.en))
        if zh != en:
            raise ValueError("the two languages have different blanks")
        if not all(name.isidentifier() for name in zh):
            raise ValueError("a blank is one plain word in braces")
        return zh

    def filled(self, facts: Mapping[str, "str | Words"]) -> "Words":
        """The text with its blanks filled; a fact in two languages goes to its own side.

        Raises ValueError naming a blank without a fact, or a fact without a blank.
        """
        wrong = self.blanks() ^ frozenset(facts)
        if wrong:
            raise ValueError(f"the blank `{min(wrong)}` and the facts do not agree")
        both = {name: fact if isinstance(fact, Words) else Words(fact, fact)
                for name, fact in facts.items()}
        return Words(self.zh.format_map({name: fact.zh for name, fact in both.items()}),
                     self.en.format_map({name: fact.en for name, fact in both.items()}))

    def plain(self) -> dict[str, str]:
        """As a letter carries it."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class Source:
    """A document relied on; `number` and `in_force` are its version."""

    id: str
    number: str
    title: Words
    in_force: date


@dataclass(frozen=True)
class Article:
    """One article of a source, said in our own words. `article` 0 is the document as a whole."""

    id: str
    source: Source
    article: int
    says: Words

    def cited(self) -> Words:
        """The citation as a letter prints it, with the version relied on."""
        source = self.source
        at_zh = f"第{chinese_number(self.article)}条" if self.article else ""
        at_en = f", article {self.article}" if self.article else ""
        since = source.in_force
        return Words(
            f"《{source.title.zh}》（{source.number}，{plain_date(since)}起施行）{at_zh}",
            f"{source.title.en} ({source.number}, in force since {english_date(since)}){at_en}")


@dataclass(frozen=True)
class Ground:
    """One entry of the sentence library. `letters` are the instruments it may stand in; `days` are
    working days, 0 when there is no period."""

    code: str
    letters: tuple[Kind, ...]
    dimension: Dimension
    title: Words
    fact: Words
    article: Article
    remedy: Remedy
    advice: Words
    days: int

    def given(self, facts: Mapping[str, str | Words], fact: Words | None = None) -> dict:
        """The reason as a letter carries it; ``fact`` replaces the sentence, never the code.

        Raises ValueError when facts and blanks do not agree.
        """
        return {
            "code": self.code,
            "dimension": {"zh": self.dimension.zh, "en": self.dimension.en},
            "fact": (fact or self.fact.filled(facts)).plain(),
            "clause": self.article.cited().plain(),
            "remedy": self.advice.plain(),
            "period": self.period().plain(),
        }

    def period(self) -> Words:
        """How long the remedy is open."""
        if self.remedy is Remedy.NONE:
            return Words("不适用", "not applicable")
        if not self.days:
            return Words("不设期限", "no time limit")
        return Words(f"收到本文书之日起{self.days}个工作日内",
                     f"within {self.days} working days of receipt")


@dataclass(frozen=True)
class ChecklistItem:
    """One thing an agreement or notice must contain."""

    id: str
    title: Words


@dataclass(frozen=True)
class Checklist:
    """The content an agreement must cover before it can be signed. Source: domain rule §8."""

    id: str
    title: Words
    version: str
    required_by: Article | None
    items: tuple[ChecklistItem, ...]

    def missing(self, ticked: frozenset[str]) -> tuple[ChecklistItem, ...]:
        """The items not ticked, in order; a tick for an unknown item is refused by name."""
        unknown = ticked - {item.id for item in self.items}
        if unknown:
            raise ValueError(f"`{self.id}` has no item `{min(unknown)}`")
        return tuple(item for item in self.items if item.id not in ticked)
