"""The policy lines a grant version was compiled into, as exported and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.picture import VersionPicture
from app.domain.refusals import NotAllowed, NotFound
from app.domain.vocabulary import EVERY, NO_NODE
from app.engines.access import SECTIONS, Row, grant_ref, grant_rows
from app.queries.course import moment
from app.queries.field_titles import titles
from app.queries.query import one
from app.queries.review import Both
from app.store.snapshot import Names
from app.store.snapshot_rows import grant_version
from app.store.tables_grants import Grant, GrantVersion
from app.store.unit import read

TITLES = {"": Both("目的", "Purpose"), "2": Both("范围", "Scope"), "3": Both("方式", "Method"),
          "4": Both("期限", "Term")}


@dataclass(frozen=True)
class PolicyRow:
    """One line as Casbin reads it, and what it says."""

    line: str
    zh: str
    en: str


@dataclass(frozen=True)
class PolicySection:
    """One section of the model: its matcher and its lines."""

    name: str
    zh: str
    en: str
    matcher: str
    rows: tuple[PolicyRow, ...]


@dataclass(frozen=True)
class PolicyVersion:
    """One version the grant has or had."""

    n: int
    effective_from: str
    effective_to: str
    in_force: bool


@dataclass(frozen=True)
class GrantPolicy:
    """The compiled lines of one version. Every decision made by it carries `digest`, which is over
    the law (`law_digest`) and these lines."""

    grant: str
    n: int
    in_force: bool
    digest: str
    law_digest: str
    scope_digest: str
    sections: tuple[PolicySection, ...]
    versions: tuple[PolicyVersion, ...]


def may_simulate(rt, caller: Caller) -> None:
    """Refuse unless one of the caller's roles may see compiled lines and try questions on them.

    Raises:
        NotAllowed
    """
    if not rt.staff.permits(caller.roles, "grant_policy", "read"):
        raise NotAllowed("您的岗位不能查看策略与模拟",
                         "your roles do not let you see policies and simulate",
                         noun="grant_policy")


def grant_policy(rt, caller: Caller, ref: str, n: int | None = None) -> GrantPolicy:
    """The lines of a grant's version, of the one in force where none is named.

    Raises:
        NotAllowed, NotFound
    """
    may_simulate(rt, caller)
    with read(rt) as session:
        grant = one(session, caller, Grant, ref)
        rows = session.exec(select(GrantVersion).where(GrantVersion.grant_id == grant.id)
                            .order_by(GrantVersion.n.desc())).all()
        wanted = grant.current if n is None else n
        row = next((each for each in rows if each.n == wanted), None)
        if row is None:
            raise NotFound("授权没有这个版本", "the grant has no such version",
                           noun="grant_version")
        version = _compiled(rt, session, grant, row)
        called = titles(session, version.product)
    return GrantPolicy(
        grant.number, row.n, row.n == grant.current, version.lines_digest, rt.law.sections.digest,
        row.scope_digest, _sections(rt, grant_ref(grant.number, row.n), version, called),
        tuple(PolicyVersion(each.n, instant(each.effective_from), moment(each.effective_to),
                            each.n == grant.current) for each in rows))


def _compiled(rt, session: Session, grant: Grant, row: GrantVersion) -> VersionPicture:
    """The version with its lines; an earlier one had the term it says itself."""
    term = row.dimensions["term"]
    bounds = grant if row.n == grant.current else SimpleNamespace(
        valid_from=term["from"], valid_to=term["to"])
    names = Names(session.connection(), {("grant", grant.id): grant.number})
    return rt.law.sections.with_lines(grant.number, grant_version(bounds, row, names))


def _sections(rt, ref: str, version: VersionPicture, called: Mapping[str, str]
              ) -> tuple[PolicySection, ...]:
    law, lines = rt.law.sections, grant_rows(ref, version, rt.law.purposes)
    said = {"": _purpose, "2": _scope, "3": _method, "4": _term}
    return tuple(PolicySection(
        "p" + suffix, TITLES[suffix].zh, TITLES[suffix].en, _matcher(law.model_text, suffix),
        tuple(PolicyRow(", ".join(("p" + suffix, *row)), *said[suffix](rt, row, called))
              for row in lines[suffix])) for suffix in SECTIONS[:4])


def _matcher(model: str, suffix: str) -> str:
    """The matcher of a section as the model file writes it."""
    for line in model.splitlines():
        name, _, text = line.partition("=")
        if name.strip() == "m" + suffix:
            return text.strip()
    return ""


def _purpose(rt, row: Row, called: Mapping[str, str]) -> tuple[str, str]:
    code, purposes = row[1], rt.law.purposes
    if code not in purposes:
        return f"可用于 {code}", f"may be used for {code}"
    word, leaves = purposes[code], len(purposes.leaves_below(code))
    if purposes.is_leaf(code):
        return f"可用于：{word.zh}", f"may be used for: {word.en}"
    return (f"可用于：{word.zh}及其下全部 {leaves} 项目的",
            f"may be used for: {word.en} and all {leaves} purposes below it")


def _scope(rt, row: Row, called: Mapping[str, str]) -> tuple[str, str]:
    _, product, code = row
    title = called.get(code, "")
    return (f"可取产品 {product} 的数据项：{f'{title}（{code}）' if title else code}",
            f"may take of product {product} the field {f'{code} ({title})' if title else code}")


def _method(rt, row: Row, called: Mapping[str, str]) -> tuple[str, str]:
    words = rt.law.vocabulary
    found = [table.get(code) for table, code in zip(
        (words.actions, words.channels, words.environments), row[1:4], strict=True)]
    zh, en = (" · ".join(getattr(word, language) if word else code
                         for word, code in zip(found, row[1:4], strict=True))
              for language in ("zh", "en"))
    node = row[4]
    if node == NO_NODE:
        return zh, en
    if node == EVERY:
        return f"{zh}，任一联合建模节点", f"{en}, at any joint node"
    return f"{zh}，联合建模节点 {node}", f"{en}, at joint node {node}"


def _term(rt, row: Row, called: Mapping[str, str]) -> tuple[str, str]:
    begins, ends = (f"{datetime.fromisoformat(at).astimezone(rt.settings.zone):%Y-%m-%d %H:%M}"
                    for at in row[1:3])
    return (f"自 {begins} 起，至 {ends} 前（北京时间）",
            f"from {begins} until before {ends} (Beijing time)")
