"""Subject authorizations taken in from a file: JSON lines or CSV, all of it right or none of it.

The token is the key: a row that is known and alike is left alone, one that says WITHDRAWN
withdraws, and one that says something else is refused, because a change of purpose, mode or fields
needs a fresh authorization of the subject. Rows are written a thousand an act; a file that was cut
off half-way is simply taken in again.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from app.commands.attachments import decoded
from app.commands.command import Body, Done, Text, command, entry
from app.commands.filing import permitted
from app.commands.subject_authorizations import end
from app.domain.callers import Caller
from app.domain.canonical import digest, instant
from app.domain.consent_rows import Words, Wrong, read_row
from app.domain.refusals import Invalid, NotAllowed
from app.domain.wire import Malformed, read_json
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_institutions import Institution
from app.store.tables_supply import Product
from app.store.unit import Act, begin, read

AT_ONCE = 1_000
MOST_SHOWN = 200
NEW, SAME, WITHDRAWN = "NEW", "UNCHANGED", "WITHDRAWN"
ALIKE = ("institution_id", "subject", "subject_kind", "purposes", "products", "items", "separate",
         "mode", "max_uses", "earliest", "retention_days", "valid_from", "valid_to", "noted",
         "notice", "evidence")


@dataclass
class Report:
    """What a file says and did. `total_errors` counts those beyond the ones shown, too."""

    file: str
    dry_run: bool
    applied: bool = False
    rows: int = 0
    outcomes: Counter = field(default_factory=Counter)
    errors: list[Wrong] = field(default_factory=list)
    total_errors: int = 0

    def against(self, found: Iterable[Wrong]) -> None:
        for each in found:
            self.total_errors += 1
            if len(self.errors) < MOST_SHOWN:
                self.errors.append(each)


class ConsentFile(Body):
    """Subject authorizations as JSON lines or CSV."""

    name: Text = entry("文件名", "File name", min_length=1, max_length=120)
    content: str = entry("文件内容 (Base64)", "Content (Base64)", widget="file", min_length=1)
    dry_run: bool = entry("仅试运行", "Dry run only", default=True)


@command("subject_authorization.import", "导入主体授权", "Import subject authorizations",
         creates=True)
def take_in(rt, caller: Caller, body: ConsentFile) -> Done:
    """The import for programs.

    Raises:
        Invalid: the file has errors, all of them told; nothing has changed.
    """
    content = decoded(body.content)
    report = import_rows(rt, caller, lambda: rows_of(body.name, content),
                         "sha256:" + hashlib.sha256(content).hexdigest(), body.dry_run)
    if report.errors:
        raise Invalid(f"文件中有 {report.total_errors} 处错误，未导入",
                      f"the file has {report.total_errors} errors and was not taken in",
                      errors=[{"at": f"{each.line}.{each.member}", "zh": each.zh, "en": each.en}
                              for each in report.errors])
    state = "APPLIED" if report.applied else "DRY_RUN"
    return Done("subject_authorization", report.file, report.file, state, 1, (),
                {"rows": report.rows, "outcomes": dict(report.outcomes)})


def rows_of(name: str, content: bytes) -> Iterator[tuple[int, Any]]:
    """The rows of a file with their lines, counted from 1; a heading is line 1 of a CSV.

    Raises:
        Invalid: the file is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("文件须为 UTF-8", "the file must be UTF-8") from error
    return lines_of(name, io.StringIO(text))


def lines_of(name: str, lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """The rows of an open file; what is no row is told when it is read as one."""
    if name.casefold().endswith(".csv"):
        reader = csv.DictReader(lines, strict=True)
        try:
            for row in reader:
                yield reader.line_num, {name or "": value for name, value in row.items()}
        except csv.Error as error:
            raise Invalid(f"第 {reader.line_num} 行不是合法的 CSV",
                          f"line {reader.line_num} is not valid CSV") from error
        return
    for line, text in enumerate(lines, start=1):
        if text.strip():
            try:
                yield line, read_json(text.encode())
            except Malformed:
                yield line, None


def import_rows(rt, caller: Caller, rows: Callable[[], Iterator[tuple[int, Any]]], file: str,
                dry_run: bool, progress: Callable[[str, int], None] | None = None) -> Report:
    """Read all rows twice: once to find what is wrong, once to write, where nothing is.

    Raises:
        NotAllowed: the caller may not import.
    """
    if not rt.staff.permits(caller.roles, "subject_authorization", "import"):
        raise NotAllowed("您的岗位不能导入主体授权",
                         "your roles do not cover `subject_authorization.import`")
    report, seen = Report(file, dry_run), set()
    words = _words(rt, caller)
    for batch in _batches(rows()):
        read_ones = [(line, *read_row(line, given, words)) for line, given in batch]
        for line, columns, wrong in read_ones:
            report.rows += 1
            if columns.get("token") in seen:
                wrong.append(Wrong(line, "token", "文件中重复", "stands in the file twice"))
            seen.add(columns.get("token"))
            report.against(wrong)
        good = [(line, columns) for line, columns, wrong in read_ones if not wrong]
        with read(rt) as session:
            known = _known(session, good)
        planned = [_outcome(line, columns, known) for line, columns in good]
        report.outcomes.update(each for each in planned if isinstance(each, str))
        report.against(each for each in planned if isinstance(each, Wrong))
        if progress:
            progress("read", report.rows)
    if not dry_run and not report.total_errors:
        _write(rt, caller, rows(), words, report, progress)
    return report


def _write(rt, caller: Caller, rows: Iterator[tuple[int, Any]], words: Words, report: Report,
           progress: Callable[[str, int], None] | None) -> None:
    written = 0
    for batch in _batches(rows):
        with begin(rt, caller) as act:
            permitted(act, "subject_authorization", "import")
            _write_batch(act, [(line, read_row(line, given, words)[0]) for line, given in batch],
                         report.file)
        written += len(batch)
        if progress:
            progress("written", written)
    report.applied = True


def _write_batch(act: Act, rows: list[tuple[int, dict[str, Any]]], file: str) -> None:
    """Write one thousand rows; every institution's stream says which of its own were taken in.

    Raises:
        Invalid: what is known changed since the file was read.
    """
    known = _known(act.session, rows)
    created: dict[str, list[dict[str, Any]]] = {}
    for line, columns in rows:
        outcome = _outcome(line, columns, known)
        if isinstance(outcome, Wrong):
            raise Invalid(f"第 {line} 行：{outcome.zh}", f"line {line}: {outcome.en}")
        if outcome == NEW:
            act.create(SubjectAuthorization, **columns,
                       ended_at=act.at if columns["state"] == WITHDRAWN else None)
            created.setdefault(columns["institution_id"], []).append(columns)
        elif outcome == WITHDRAWN:
            end(act, act.find(SubjectAuthorization, known[columns["token"]].id), "withdraw")
    for owner, taken in sorted(created.items()):
        act.record("subject_authorization.import", f"subject_authorization/{taken[0]['token']}",
                   institution=owner, file=file, rows=len(taken),
                   digest=digest([[each["token"], each["subject"], each["purposes"],
                                   instant(each["valid_to"])] for each in taken]))


def _outcome(line: int, columns: Mapping[str, Any],
             known: Mapping[str, SubjectAuthorization]) -> str | Wrong:
    """What becomes of one row that reads well."""
    row = known.get(columns["token"])
    if row is None:
        return NEW
    changed = [name for name in ALIKE if getattr(row, name) != columns[name]]
    if row.institution_id != columns["institution_id"]:
        return Wrong(line, "token", "编号已被占用", "the token is taken")
    if changed:
        return Wrong(line, changed[0], "内容已变更，须由主体重新授权",
                     "differs from what the subject agreed to: a fresh authorization is needed")
    if row.state == columns["state"]:
        return SAME
    if (row.state, columns["state"]) == ("ACTIVE", WITHDRAWN):
        return WITHDRAWN
    return Wrong(line, "state", f"现为 {row.state}，不能改变", f"it is {row.state} and stays so")


def _known(session: Session, rows: list[tuple[int, dict[str, Any]]]
           ) -> dict[str, SubjectAuthorization]:
    tokens = [columns["token"] for _, columns in rows]
    return {row.token: row for row in session.exec(
        select(SubjectAuthorization).where(SubjectAuthorization.token.in_(tokens)))}


def _batches(rows: Iterator[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
    batch: list[tuple[int, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _words(rt, caller: Caller) -> Words:
    """What rows are read against; an institution takes in its own and no other's."""
    with read(rt) as session:
        owners = dict(session.exec(select(Institution.number, Institution.id)).all())
        products = frozenset(session.exec(select(Product.number)).all())
    if not caller.is_staff:
        owners = {number: key for number, key in owners.items() if key == caller.institution}
    return Words(rt.law.purposes, rt.law.vocabulary, owners, products, rt.subject_hash, rt.clock())
