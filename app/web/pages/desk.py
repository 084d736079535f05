"""Where people start: the work desk of staff, the home of institutions and departments."""

from flask import Blueprint, render_template, request
from pydantic import ValidationError

from app.commands.command import commands
from app.domain.callers import Caller
from app.domain.roles import Role
from app.queries.desk import Desk, desk
from app.queries.query import queries
from app.queries.tasks import TaskFilters, TaskLine, tasks
from app.web.deeds import act_title, task_title
from app.web.look import number, say
from app.web.noun_pages import noun_pages
from app.web.object_views import listing
from app.web.pages.objects import me
from app.web.routes import names, plural
from app.web.shell import address, noun_title

SIZE = 50
FEW = 6
# What the home of a guest shows, in this order, as far as they may read it.
OWN = ("grant_case", "admission_case", "onboarding_case", "grant", "dataset", "decision", "notice")
BEGIN = ("grant_case", "admission_case", "onboarding_case")
COLUMNS = (
    {"key": "what", "title": {"zh": "事项", "en": "Task"}, "kind": "title"},
    {"key": "kind", "title": {"zh": "类型", "en": "Kind"}, "fold": True},
    {"key": "role", "title": {"zh": "岗位", "en": "Role"}, "fold": True},
    {"key": "since", "title": {"zh": "到达", "en": "Since"}, "kind": "time", "fold": True},
    {"key": "due", "title": {"zh": "剩余时限", "en": "Due"}, "kind": "due"},
)
URGENCIES = (
    ("OVERDUE", {"zh": "已逾期", "en": "Overdue"}),
    ("TODAY", {"zh": "今日到期", "en": "Due today"}),
    ("PAUSED", {"zh": "已暂停", "en": "Paused"}),
)


def pages(rt) -> Blueprint:
    """`GET /`."""
    blueprint = Blueprint("desk", __name__)

    @blueprint.get("/")
    @names("desk.read")
    def home():
        caller = me()
        shown = desk(rt, caller, "me")
        values = {"desk": shown, "facts": _facts(shown), "queues": _queues(shown),
                  "listing": _tasks(rt, caller, shown)}
        if caller.is_staff:
            return render_template("desk.html", **values)
        return render_template("portal_home.html", parts=_own(rt, caller),
                               starts=_starts(rt, caller), **values)

    return blueprint


def _facts(shown: Desk) -> list[dict]:
    def total(member: str) -> int:
        return sum(getattr(queue, member) for queue in shown.queues)

    late, today = total("overdue"), total("today")
    return [
        {"value": number(total("count")), "title": {"zh": "待办", "en": "open"}, "href": "/"},
        {"value": number(today), "title": {"zh": "今日到期", "en": "due today"},
         "tone": "amber" if today else "", "href": "/?urgency=TODAY"},
        {"value": number(late), "title": {"zh": "已逾期", "en": "overdue"},
         "tone": "red" if late else "", "href": "/?urgency=OVERDUE"},
        {"value": number(total("paused")), "title": {"zh": "已暂停", "en": "paused"},
         "href": "/?urgency=PAUSED"}]


def _queues(shown: Desk) -> list[dict]:
    return [{"name": f"{queue.noun}.{queue.action}", "count": queue.count,
             "title": act_title(queue.noun, queue.action), "noun": noun_title(queue.noun),
             "overdue": queue.overdue, "today": queue.today, "oldest": queue.oldest,
             "current": request.args.get("queue") == f"{queue.noun}.{queue.action}"}
            for queue in shown.queues]


def _asked() -> TaskFilters:
    """The filters of the address; values that mean nothing are passed over."""
    page = request.args.get("page", "1")
    offset = (min(max(int(page), 1), 20_000) - 1) * SIZE if page.isdecimal() else 0
    values = {key: request.args[key] for key in ("q", "queue", "urgency", "mine")
              if request.args.get(key)}
    try:
        return TaskFilters(**values, limit=SIZE, offset=offset)
    except ValidationError:
        return TaskFilters(limit=SIZE)


def _tasks(rt, caller: Caller, shown: Desk) -> dict:
    asked = _asked()
    found = tasks(rt, caller, asked)
    offered = [{"value": queue["name"], "title": f"{say(queue['noun'])} · {say(queue['title'])}"}
               for queue in _queues(shown)]
    return {
        "columns": COLUMNS, "rows": [_row(line) for line in found.items], "total": found.total,
        "page": found.offset // SIZE + 1, "size": SIZE, "q": asked.q,
        "search": {"zh": "事项或编号", "en": "Task or number"},
        "filters": [
            {"name": "queue", "title": {"zh": "队列", "en": "Queue"}, "value": asked.queue,
             "options": offered},
            {"name": "urgency", "title": {"zh": "缓急", "en": "Urgency"}, "value": asked.urgency,
             "options": [{"value": code, "title": title} for code, title in URGENCIES]},
            {"name": "mine", "title": {"zh": "经办", "en": "Whose"},
             "value": "yes" if asked.mine else "",
             "options": [{"value": "yes", "title": {"zh": "只看指派给我的", "en": "Mine only"}}]}],
        "next_step": {"text": say({"zh": "没有待办，今天可以安心查阅台账。",
                                   "en": "Nothing is waiting for you."})}}


def _row(line: TaskLine) -> dict:
    role = {role.value: {"zh": role.zh, "en": role.en} for role in Role}.get(line.role, line.role)
    paused = [{"zh": "已暂停", "en": "paused"}] if line.paused else []
    number = [] if line.number == line.object_id else [line.number]
    has_page = (line.noun, True) in queries()
    return {"href": address(line.noun, line.number) if has_page else "", "id": line.id,
            "cells": {"what": {"text": task_title(line.noun, line.action, line.title),
                               "meta": [*number, *paused]},
                      "kind": noun_title(line.noun), "role": role, "since": line.opened_at,
                      "due": None if line.paused else line.due_at}}


def _own(rt, caller: Caller) -> list[dict]:
    """The first few of each kind of object that is the guest's own."""
    parts = []
    for noun in OWN:
        page = noun_pages().get(noun)
        if page and (noun, False) in queries() and rt.staff.permits(caller.roles, noun, "read"):
            part = listing(rt, caller, page, {})["listing"]
            if not part["total"] and parts:
                continue
            parts.append({"title": page.title, "href": f"/{plural(noun)}",
                          "columns": part["columns"], "rows": part["rows"][:FEW],
                          "total": part["total"], "next_step": part["next_step"]})
    return parts


def _starts(rt, caller: Caller) -> list[dict]:
    """What a guest may begin."""
    return [{"title": {"zh": commands()[noun, "create"].zh, "en": commands()[noun, "create"].en},
             "href": f"/{plural(noun)}/new"}
            for noun in BEGIN if (noun, "create") in commands()
            and noun in noun_pages() and rt.staff.covers(caller.roles, noun, "create")]
