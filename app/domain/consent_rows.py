"""A subject authorization as one row of a file: strict, every wrong member named, no guess made.

The same members stand in a line of JSON and in a column of CSV; lists in CSV are codes with spaces
between. The number of the subject is hashed while it is read and never kept.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.canonical import instant
from app.domain.subject_authorizations import TOKEN, Mode, State, longest_days
from app.domain.vocabulary import Purposes, Vocabulary
from app.domain.workdays import start_of

CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
REQUIRED = ("token", "institution", "subject_kind", "subject_id", "purposes", "products",
            "valid_from", "last_day", "channel", "proofing", "certificate", "signed_at", "noted")
OPTIONAL = ("items", "mode", "max_uses", "earliest", "separate", "retention_days", "state",
            "notice_version", "notice_digest", "file", "authority")
LISTS = ("purposes", "products", "items", "separate")
NUMBERS = ("max_uses", "retention_days")
STATES = (State.ACTIVE, State.WITHDRAWN)


@dataclass(frozen=True)
class Wrong:
    """One thing to mend: the line of the file, counted from 1, and the member of it."""

    line: int
    member: str
    zh: str
    en: str


@dataclass(frozen=True)
class Words:
    """What a row is read against. `owners` maps numbers of institutions to keys of rows."""

    purposes: Purposes
    vocabulary: Vocabulary
    owners: Mapping[str, str]
    products: frozenset[str]
    hash_subject: Callable[[str, str], str]
    at: datetime


class _Row:
    """Reads members of one row and collects what is wrong with them."""

    def __init__(self, line: int, given: Mapping[str, Any], words: Words) -> None:
        self.line, self.given, self.words = line, given, words
        self.wrong: list[Wrong] = []

    def against(self, member: str, zh: str, en: str) -> None:
        self.wrong.append(Wrong(self.line, member, zh, en))

    def text(self, member: str, form: str = r".{1,128}", default: str = "") -> str:
        value = self.given.get(member)
        if value in (None, "") and member in OPTIONAL:
            return default
        if isinstance(value, str) and value.isprintable() and re.fullmatch(form, value):
            return value
        self.against(member, "格式不符", "has the wrong form")
        return default

    def codes(self, member: str, known: Callable[[str], bool]) -> str:
        value = self.given.get(member) or []
        listed = value.split() if isinstance(value, str) else value
        if not isinstance(listed, list) or len(listed) > 200 or not all(
                isinstance(each, str) and CODE.fullmatch(each) and known(each) for each in listed):
            self.against(member, "含未登记的代码", "names a code that is not known")
            return ""
        if not listed and member in REQUIRED:
            self.against(member, "必填", "is required")
        return " ".join(sorted(set(listed)))

    def number(self, member: str, least: int) -> int | None:
        value = self.given.get(member)
        if value in (None, ""):
            return None
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            value = int(value)
        if type(value) is int and least <= value < 10**9:
            return value
        self.against(member, "应为整数", "must be a whole number")
        return None

    def flag(self, member: str) -> bool:
        value = self.given.get(member)
        if value in (True, "true", "1"):
            return True
        if value not in (False, "false", "0"):
            self.against(member, "应为 true 或 false", "must be true or false")
        return False

    def day(self, member: str) -> date | None:
        value = self.text(member, r"\d{4}-\d{2}-\d{2}")
        try:
            found = date.fromisoformat(value) if value else None
            return found if found is None or 1900 <= found.year <= 2199 else self._no_day(member)
        except ValueError:
            return self._no_day(member)

    def _no_day(self, member: str) -> None:
        self.against(member, "日期不存在", "there is no such day")

    def moment(self, member: str) -> str:
        try:
            form = r"\d{4}-\d{2}-\d{2}T[0-9:.Z+\-]{5,30}"
            return instant(datetime.fromisoformat(self.text(member, form)))
        except (ValueError, OverflowError):
            if not any(each.member == member for each in self.wrong):
                self.against(member, "应为带时区的时刻", "must be an instant with its zone")
            return ""


def read_row(line: int, given: Any, words: Words) -> tuple[dict[str, Any], list[Wrong]]:
    """The columns of one row, and what is wrong with it; the columns count only when nothing is."""
    if not isinstance(given, dict):
        return {}, [Wrong(line, "", "应为对象", "must be an object")]
    row = _Row(line, given, words)
    for member in given.keys() - {*REQUIRED, *OPTIONAL}:
        row.against(str(member)[:64], "未知成员", "unknown member")
    kind = row.text("subject_kind", CODE.pattern)
    if kind not in words.vocabulary.subject_kinds:
        row.against("subject_kind", "未登记的主体类型", "is no kind of subject")
    owner = words.owners.get(row.text("institution", CODE.pattern), "")
    if not owner:
        row.against("institution", "没有这个机构，或不在您的范围", "is no institution of yours")
    purposes = row.codes("purposes", lambda code: words.purposes.is_leaf(code)
                         and not words.purposes[code].prohibited)
    columns = {
        "token": row.text("token", TOKEN), "institution_id": owner, "subject_kind": kind,
        "subject": words.hash_subject(kind, row.text("subject_id", r"\S{2,64}")),
        "purposes": purposes, "products": row.codes("products", words.products.__contains__),
        "items": row.codes("items", lambda _: True),
        "separate": row.codes("separate", lambda _: True),
        "mode": row.text("mode", "|".join(Mode), "VIEW"), "noted": row.flag("noted"),
        "state": row.text("state", "|".join(STATES), "ACTIVE"),
        "max_uses": row.number("max_uses", 1), "retention_days": row.number("retention_days", 0),
        "notice": " ".join(filter(None, (row.text("notice_version", CODE.pattern),
                                         row.text("notice_digest", r"sha256:[0-9a-f]{64}")))),
        "evidence": {"channel": row.text("channel", CODE.pattern),
                     "proofing": row.text("proofing", CODE.pattern),
                     "certificate": row.text("certificate"), "at": row.moment("signed_at"),
                     "file": row.text("file", r"[0-9a-f]{64}"),
                     "authority": row.text("authority", CODE.pattern, "SELF")},
        **_term(row, purposes)}
    return columns, row.wrong


def _term(row: _Row, purposes: str) -> dict[str, Any]:
    """First and last instant of the term, and the earliest day that may be looked back to."""
    begins, last, earliest = row.day("valid_from"), row.day("last_day"), row.day("earliest")
    found = {"valid_from": start_of(begins) if begins else None,
             "valid_to": start_of(last + timedelta(days=1)) if last else None,
             "earliest": earliest.isoformat() if earliest else ""}
    if begins and last:
        longest = longest_days(row.words.purposes, tuple(purposes.split()))
        if last < begins or (longest and (last - begins).days > longest):
            row.against("last_day", "止期须晚于起始日，且不超过 12 个月",
                        "ends after it begins and within 12 months")
    return found
