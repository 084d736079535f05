"""`/identifiers/try`: names and values pasted in, and how the rules judge them; nothing is kept.

The same question stands in the API. Values are never logged, stored or put into the trail; a
refusal names places, not words.
"""

import threading
from collections.abc import Iterator

import structlog
from flask import Blueprint, jsonify, render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.domain.refusals import Invalid, NotAllowed, Refusal, TooMany
from app.domain.texts import LONGEST, is_too_long
from app.queries.rule_library import rule_version
from app.queries.rule_trial import Tally, Tried, tried
from app.web.limits import hold
from app.web.pages.objects import me
from app.web.problems import sentence, status_of
from app.web.routes import names

TOLD = ("title", "department", "columns", "values")
PAGE = "/identifiers/try"
ADDRESS = "/api/v1/identifiers/try"
MOST_COLUMNS, MOST_VALUES = 20, 200
MOST, WINDOW_S = 60, 60
AT_ONCE = 2  # judging keeps a core busy; pages and decisions keep theirs
SIGNS = "\t,，"
log = structlog.get_logger("hufu.web")
_seats = threading.BoundedSemaphore(AT_ONCE)


class ToTryColumn(BaseModel):
    """A column: its code name, and what else is known of it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    name: str = Field(min_length=1, max_length=128)
    title: str = Field("", max_length=200)
    type: str = Field("", max_length=60)
    values: list[str] = Field([], max_length=MOST_VALUES, repr=False)


class ToTry(BaseModel):
    """A table of at most 20 columns, of 200 values each, in all 50,000 bytes of UTF-8."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    table: str = Field("", max_length=128)
    title: str = Field("", max_length=200)
    department: str = Field("", max_length=100)
    columns: list[ToTryColumn] = Field(min_length=1, max_length=MOST_COLUMNS)

    @model_validator(mode="after")
    def _is_small_and_told_apart(self):
        if is_too_long("".join(value for column in self.columns for value in column.values)):
            raise ValueError(f"more than {LONGEST} bytes of UTF-8")
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError("two columns have one name")
        return self


def pages(rt) -> Blueprint:
    """The page and the question of programs."""
    blueprint = Blueprint("rule_trial", __name__)

    @blueprint.get(PAGE)
    @names("rule_trial.read")
    def look():
        _require(rt)
        return _page(rt, dict.fromkeys(TOLD, ""))

    @blueprint.post(PAGE)
    @names("rule_trial.read")
    def judge():
        given = {name: request.form.get(name, "").replace("\r\n", "\n")
                 for name in TOLD}
        try:
            tally = judged(rt, me(), _asked(given))
        except NotAllowed:
            raise
        except (ValidationError, Refusal) as error:
            refusal = _too_much() if isinstance(error, ValidationError) else error
            status = 200 if request.headers.get("HX-Request") else status_of(refusal)
            return _page(rt, given, refused=sentence(refusal)), status
        return _page(rt, given, tally=tally)

    @blueprint.post(ADDRESS)
    @names("rule_trial.read")
    def judge_for_programs():
        return jsonify(judged(rt, me(), ToTry.model_validate(request.get_json())))

    return blueprint


def judged(rt, caller, asked: ToTry) -> Tally:
    """What the rules say, for a caller whose roles cover it.

    Raises:
        NotAllowed, TooMany
    """
    _require(rt)
    hold(rt, f"rule_trial:{caller.account}", MOST, WINDOW_S)
    if not _seats.acquire(blocking=False):
        raise TooMany("正在试判的人过多，请稍后重试", "too many are being judged; try again soon",
                      retry_after=2)
    try:
        found = tried(rt, caller, (asked.table, asked.title, asked.department),
                      [Tried(**column.model_dump()) for column in asked.columns])
    finally:
        _seats.release()
    log.info("rules tried", columns=len(asked.columns),
             values=sum(len(column.values) for column in asked.columns))
    return found


def _require(rt) -> None:
    if not rt.staff.permits(me().roles, "rule_trial", "read"):
        raise NotAllowed("您的岗位不能试判规则", "your roles do not let you try the rules",
                         noun="rule_trial")


def _too_much() -> Invalid:
    return Invalid(
        f"须有列名或取值；至多 {MOST_COLUMNS} 列、{MOST_VALUES} 行、50 KB；"
        "代码名不重复，不超过 128 字",
        f"give names or values: at most {MOST_COLUMNS} columns, {MOST_VALUES} lines and 50 KB; "
        "code names differ and have at most 128 signs")


def _page(rt, given: dict, **shown) -> str:
    return render_template("identifier/try.html", given=given, most_columns=MOST_COLUMNS,
                           most_values=MOST_VALUES, rules=rule_version(rt), **shown)


def _asked(given: dict[str, str]) -> ToTry:
    """The form as a question: a column a line, a row of values a line, parted by tabs.

    Raises:
        ValidationError
    """
    lines = [line for line in given["values"].split("\n") if line.strip()]
    told = [line for line in given["columns"].split("\n") if line.strip()]
    several = len(told) > 1 or not told
    rows = [line.split("\t") if several else [line] for line in lines]
    width = len(told) or max(map(len, rows), default=0)
    return ToTry.model_validate({
        "title": given["title"], "department": given["department"],
        "columns": [_column(number, told) | {"values": [*_values(rows, number)]}
                    for number in range(width)]})


def _column(number: int, told: list[str]) -> dict[str, str]:
    """Code name, title and type of a line; a column nobody named has a name that says nothing."""
    if not told:
        return {"name": f"_{number + 1}"}
    line = told[number]
    sign = next((sign for sign in SIGNS if sign in line), "\t")
    parts = [part.strip() for part in line.split(sign, 2)] + ["", ""]
    return {"name": parts[0] or f"_{number + 1}", "title": parts[1], "type": parts[2]}


def _values(rows: list[list[str]], number: int) -> Iterator[str]:
    return (row[number].strip() if number < len(row) else "" for row in rows)
