"""Parts of the review sheet: dimensions asked and allowed, fields, opinions, like grants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.law import Law
from app.domain.opinions import CHECKS, Check, Kind, Result
from app.domain.parity import Parity
from app.domain.rights import DIMENSIONS, TITLES, Rights, as_document
from app.domain.screening import Ceiling
from app.domain.sentences import clauses
from app.domain.workdays import day_of
from app.queries.course import moment
from app.queries.possible import Happening, OpenTask
from app.store.case_views import CaseView
from app.store.like_grants import like_grants
from app.store.tables_grants import Opinion
from app.store.tables_supply import Department

INSIDE = frozenset({"give_opinion", "recuse", "ask_return", "close_review"})
OUTSIDE = frozenset({"submit", "resubmit", "withdraw", "sign"})
Titles = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class DimensionWords:
    """One dimension: what was asked and what the chain allows, in words."""

    key: str
    title: Both
    requested: Both
    limit: Both


@dataclass(frozen=True)
class FieldRow:
    """One field asked for: its level, treatment asked and allowed, and how many like grants hold
    it."""

    field: str
    title: str
    level: int | None
    klass: str
    treatment: str
    limit: str
    dataset: str
    subject_kind: str
    sensitive: bool
    like: int | None


@dataclass(frozen=True)
class OpinionView:
    """One opinion as the sheet shows it; words inside the zone stay inside the zone."""

    id: str
    code: str
    kind: Both
    round: int
    role: str
    result: str
    result_title: Both
    text: str
    conditions: tuple[str, ...]
    checklist: tuple[Both, ...]
    checks: tuple[Both, ...]
    author: str
    department: str
    due_at: str
    done_at: str
    may_give: bool


@dataclass(frozen=True)
class LikeView:
    """A like grant, for comparison."""

    number: str
    institution: str
    institution_kind: str
    words: Both
    fields: int = 0
    months: int = 0
    document: dict = field(default_factory=dict)


@dataclass(frozen=True)
class ParityView:
    """What was asked beside what like institutions hold; `compared` 0 says there are none."""

    compared: int
    like: tuple[str, ...]
    deviations: tuple[Both, ...]


def said(rights: Rights | None, titles: Titles) -> dict[str, Both]:
    """The four clauses of rights in both languages."""
    if rights is None:
        return {name: Both("", "") for name in DIMENSIONS}
    document = as_document(rights)
    zh, en = (clauses(document, titles, language) for language in ("zh", "en"))
    return {name: Both(zh[name], en[name]) for name in DIMENSIONS}


def sentence_of(rights: Rights | None, titles: Titles) -> Both:
    """All four clauses in one line, in both languages."""
    parts = [part for part in said(rights, titles).values() if part.zh]
    return Both("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def dimension_words(rights: Rights | None, ceiling: Ceiling, law: Law,
                    titles: Titles) -> tuple[DimensionWords, ...]:
    """Request and limit side by side."""
    asked, allowed = said(rights, titles), limits(ceiling, law, titles)
    return tuple(DimensionWords(name, Both(*TITLES[name]), asked[name], allowed[name])
                 for name in DIMENSIONS)


def limits(ceiling: Ceiling, law: Law, titles: Titles) -> dict[str, Both]:
    """What the links above allow, in words, dimension by dimension."""
    words = law.vocabulary
    forbidden = sorted({code for source in ceiling.sources for code in source.forbidden})
    forms = words.output_forms.get(ceiling.output_form)
    until = (day_of(ceiling.agreement_ends - timedelta(microseconds=1)).isoformat()
             if ceiling.agreement_ends else "")
    def named(codes, language):
        return [titles.get(code, {}).get(language, code) for code in codes]

    count = len(ceiling.fields)
    product = Both(*(named([ceiling.product], language)[0] for language in ("zh", "en")))
    return {
        "purpose": Both(
            "产品可用于：" + "、".join(named(ceiling.purposes, "zh"))
            + ("；来源禁止：" + "、".join(named(forbidden, "zh")) if forbidden else ""),
            "the product serves: " + ", ".join(named(ceiling.purposes, "en"))
            + ("; forbidden by the source: " + ", ".join(named(forbidden, "en"))
               if forbidden else "")),
        "scope": Both(f"{product.zh} {ceiling.version} 版，共 {count} 项数据",
                      f"{product.en} version {ceiling.version}, {count} fields"),
        "method": Both(
            "；".join(ways_said(ceiling.ways, law, "zh"))
            + (f"；输出至多为{forms.zh}" if forms else ""),
            "; ".join(ways_said(ceiling.ways, law, "en"))
            + (f"; output up to {forms.en}" if forms else "")),
        "term": Both(f"不超过授权运营协议止期 {until}" if until else "授权运营协议未生效",
                     f"not beyond the head agreement, {until}" if until
                     else "no head agreement is in force")}


def ways_said(ways: Iterable[tuple[str, str, str]], law: Law, language: str) -> list[str]:
    """One phrase an action: its channels and environments, or pairs where not all go together."""
    words = law.vocabulary

    def said_of(table, codes) -> str:
        return ("、" if language == "zh" else ", ").join(
            getattr(table[code], language) for code in sorted(codes))

    phrases = []
    for action, group in groupby(sorted(ways), key=itemgetter(0)):
        pairs = {way[1:] for way in group}
        channels, places = ({pair[at] for pair in pairs} for at in (0, 1))
        together = [(channels, places)] if len(pairs) == len(channels) * len(places) else [
            ({channel}, {place}) for channel, place in sorted(pairs)]
        phrases.append(said_of(words.actions, {action}) + (
            "：" if language == "zh" else ": ") + " / ".join(
            f"{said_of(words.channels, some)} · {said_of(words.environments, where)}"
            for some, where in together))
    return phrases


def field_rows(rights: Rights | None, ceiling: Ceiling, like: tuple[LikeView, ...],
               compares: bool) -> tuple[FieldRow, ...]:
    """The fields asked for, each with its limit."""
    held = [{item["field"] for item in one.document["scope"]["fields"]} for one in like]
    classes = {source.number: source.grade_class for source in ceiling.sources}
    found = []
    for name, treatment in rights.fields if rights else ():
        limit = ceiling.fields.get(name)
        found.append(FieldRow(
            name, limit.name if limit else "", limit.level if limit else None,
            classes.get(limit.dataset, "GENERAL") if limit else "", treatment,
            limit.treatment if limit else "", limit.dataset if limit else "",
            limit.subject_kind if limit else "", bool(limit and limit.sensitive),
            sum(name in fields for fields in held) if compares else None))
    return tuple(found)


def like_views(rt, session: Session, view: CaseView, titles: Titles) -> tuple[LikeView, ...]:
    """Like grants in words, for those inside the zone."""
    return tuple(LikeView(
        item.number, item.institution, item.institution_kind, sentence_of(item.rights, titles),
        len(item.rights.fields), (item.rights.ends - item.rights.begins).days // 30,
        as_document(item.rights)) for item in like_grants(
            rt, session, view.row, view.institution.kind))


def parity_view(found: Parity | None) -> ParityView | None:
    """The comparison with like institutions, while a decision is due."""
    return ParityView(len(found.like), found.like, tuple(
        Both(item.zh, item.en) for item in found.deviations)) if found else None


def opinion_views(rt, session: Session, caller: Caller, rows: tuple[Opinion, ...],
                  round_now: int) -> tuple[OpinionView, ...]:
    """The opinions of a case; guests see which there are and whether they are given."""
    departments = dict(session.exec(select(Department.id, Department.name).where(
        Department.id.in_([row.department_id for row in rows if row.department_id]))).all())
    return tuple(opinion_view(rt, caller, row, departments.get(row.department_id, ""), round_now)
                 for row in rows)


def opinion_view(rt, caller: Caller, row: Opinion, department: str,
                 round_now: int) -> OpinionView:
    kind = Kind(row.kind)
    result = Result(row.result) if row.result else None
    inside = caller.is_staff or bool(caller.department and caller.department == row.department_id)
    may_give = (inside and not row.result and row.round == round_now
                and row.role in caller.roles
                and rt.staff.permits(caller.roles, "opinion", "give"))
    return OpinionView(
        row.id, row.kind, Both(kind.zh, kind.en), row.round, row.role,
        row.result if inside else ("DONE" if row.result else ""),
        (Both(result.zh, result.en) if inside else Both("已出具", "Given"))
        if result else Both("", ""),
        row.text if inside else "", tuple(row.conditions) if inside else (),
        tuple(Both(Check(code).zh, Check(code).en) for code in row.checklist) if inside else (),
        tuple(Both(check.zh, check.en) for check in CHECKS[kind]),
        row.author if inside else "", department, moment(row.due_at), moment(row.done_at),
        may_give)


def outward(caller: Caller, course: dict) -> dict:
    """The course of a case as a guest sees it: own acts whole, those of the zone without names
    and reasons, the review not at all; and only the tasks of the guest's own side."""
    if caller.is_staff:
        return course
    return {**course,
            "timeline": tuple(_unnamed(item) for item in course["timeline"]
                              if item.action not in INSIDE),
            "tasks": tuple(item for item in course["tasks"] if _is_own(caller, item))}


def _unnamed(item: Happening) -> Happening:
    return item if item.action in OUTSIDE else replace(item, person="", account="", reason="")


def _is_own(caller: Caller, task: OpenTask) -> bool:
    return task.role in caller.roles or bool(caller.institution) and task.role.startswith("INST_")
