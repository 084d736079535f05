"""`/catalogue/import`: a department's catalogue by upload, tried first, then taken in.

The file stays chosen in the form, so that the same one is tried, marked and imported; nothing of
a file that is only tried is kept.
"""

from flask import Blueprint, render_template, request
from flask_babel import gettext

from app.commands.catalogue import Report, import_file
from app.domain.catalogue_words import Outcome
from app.domain.refusals import Invalid, NotAllowed, Refusal
from app.engines.sheets_mark import errors_csv, errors_json, marked_workbook, template_workbook
from app.web.pages.files import download, sent_file
from app.web.pages.objects import me
from app.web.problems import sentence, status_of
from app.web.routes import names

PAGE = "/catalogue/import"
MOST_REMARKS = 500
MOST_COLUMNS = 3_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def pages(rt) -> Blueprint:
    """The page, its template for departments, and the marked sheet."""
    blueprint = Blueprint("catalogue", __name__)

    @names("catalogue.read")
    def ask():
        _require(rt, "read")
        return render_template("catalogue.html", **_shown(None))

    @names("catalogue.import")
    def take():
        _require(rt, "import")
        try:
            name, content = sent_file("file")
            report = import_file(rt, me(), name, content, request.form.get("act") != "import")
        except (NotAllowed, Invalid) as error:
            return _refused(error)
        return render_template("catalogue.html", **_shown(report)), _status(
            422 if report.errors else 200)

    @names("catalogue.import")
    def mark():
        _require(rt, "import")
        try:
            name, content = sent_file("file")
            report = import_file(rt, me(), name, content, True)
        except (NotAllowed, Invalid) as error:
            return _refused(error)
        return _marked(name, content, report)

    @names("catalogue.read")
    def empty():
        _require(rt, "read")
        return download(template_workbook(), gettext("数据资源目录模板.xlsx"), XLSX)

    blueprint.add_url_rule(PAGE, "ask", ask)
    blueprint.add_url_rule(PAGE, "take", take, methods=["POST"])
    blueprint.add_url_rule("/catalogue/marked", "mark", mark, methods=["POST"])
    blueprint.add_url_rule("/catalogue/template.xlsx", "empty", empty)
    return blueprint


def _require(rt, action: str) -> None:
    if not rt.staff.permits(me().roles, "catalogue", action):
        raise NotAllowed("您的岗位不能导入目录", f"your roles do not cover `catalogue.{action}`")


def _refused(error: Refusal):
    """The page again, with what the file as a whole has wrong."""
    return render_template("catalogue.html", **_shown(None), refused=sentence(error)), \
        _status(status_of(error))


def _status(code: int) -> int:
    """The status, except for the page's own script, which shows good answers only."""
    return 200 if request.headers.get("HX-Request") else code


def _shown(report: Report | None) -> dict:
    """The report as the page draws it; long lists are cut, files hold them whole."""
    if report is None:
        return {"report": None}
    columns = sum(report.column_counts.values())
    return {"report": report, "most": MOST_REMARKS, "in_full": columns <= MOST_COLUMNS,
            "columns": columns,
        "outcomes": [{"value": count, "title": {"zh": outcome.zh, "en": outcome.en}}
                     for outcome, count in report.table_counts.items()],
        "title_of_outcome": {outcome: {"zh": outcome.zh, "en": outcome.en} for outcome in Outcome}}


def _marked(name: str, content: bytes, report: Report):
    """The department's own workbook with comments; for other kinds, a file of the errors."""
    stem, _, kind = name.rpartition(".")
    kind = kind.casefold()
    if kind == "xlsx":
        return download(marked_workbook(content, report.errors), f"{stem}.marked.xlsx", XLSX)
    if kind == "csv":
        return download(errors_csv(report.errors), f"{name}.errors.csv", "text/csv")
    return download(errors_json(report.errors), f"{name}.errors.json", "application/json")
