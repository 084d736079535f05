"""What the pages of a noun show: its list, its export and its sheet as plain template values."""

import json
from urllib.parse import urlencode

from app.commands.command import commands
from app.commands.exports import record_export
from app.domain.callers import Caller
from app.engines.sheets_write import csv_bytes, xlsx_bytes
from app.queries.query import MOST, queries
from app.web import forms, mending
from app.web.deeds import lifecycles, task_title
from app.web.dialogs import start
from app.web.factor_step import step_of
from app.web.look import day, instant, last_day, person, say, tone, yuan
from app.web.noun_pages import Column, NounPage
from app.web.problems import rules
from app.web.routes import plural
from app.web.shell import address
from app.web.vocabularies import options, state_title, title_of, words

PAGE = 50
EXPORT_MOST = 10_000
SYSTEM = {"zh": "系统", "en": "The system"}
ICONS = {"approve": "check", "submit": "arrow-up-right", "reject": "circle-x",
         "suspend": "player-pause", "resume": "player-play", "revoke": "ban", "withdraw": "x",
         "edit": "edit", "sign": "rubber-stamp", "accept": "clipboard-check",
         "request_supplement": "arrow-back-up", "freeze": "hand-stop", "pause": "player-pause"}
PRIMARY = {"submit", "approve", "accept", "activate", "sign", "go_live", "confirm", "give_opinion",
           "submit_grading", "submit_assessment", "submit_diligence", "resubmit"}


def reach(item, path: str):
    """A member of an answer by dotted path, through dataclasses and documents."""
    for part in path.split("."):
        item = item.get(part) if isinstance(item, dict) else getattr(item, part, None)
        if item is None:
            return None
    return item


def shown(rt, page: NounPage, column: Column, item) -> object:
    """One value as `macros/list.html` shows the column's kind."""
    value = reach(item, column.key)
    if value is None or value == "" or value == [] or value == ():
        return None
    if column.kind == "pill":
        noun = column.noun or page.noun
        title = title_of(rt, column.vocabulary, value) if column.vocabulary else \
            state_title(noun, value)
        return {"state": value, "title": title, "tone": tone(value, noun)}
    if column.kind == "title":
        text = title_of(rt, column.vocabulary, value) if column.vocabulary else value
        return {"text": text, "meta": [text for key in column.meta
                                        if (text := reach(item, key))]}
    if column.kind == "link":
        target = reach(item, column.ref or column.key + "_ref") or value
        return {"text": value, "href": f"/{plural(column.noun)}/{target}"}
    if column.kind == "pairs":
        return [(name, held if isinstance(held, str) else _json(held))
                for name, held in sorted(value.items())]
    if column.kind == "list" or isinstance(value, (list, tuple)):
        return _joined(rt, column, value)
    if column.kind == "flag":
        return {"zh": "是" if value else "否", "en": "Yes" if value else "No"}
    if column.vocabulary:
        return title_of(rt, column.vocabulary, str(value))
    return _json(value) if isinstance(value, dict) else value


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _joined(rt, column: Column, values) -> dict:
    found = words(rt, column.vocabulary) if column.vocabulary else {}
    titles = [found.get(str(value), {"zh": str(value), "en": str(value)}) for value in values]
    between = "; " if any("," in title["en"] for title in titles) else ", "
    return {"zh": "、".join(title["zh"] for title in titles),
            "en": between.join(title["en"] for title in titles)}


def _filters(page: NounPage, args) -> dict:
    """Query values this list understands; others are dropped, paging becomes limit and offset."""
    model = queries()[page.noun, False].filters
    kept = {name: args[name] for name in model.model_fields
            if args.get(name) and name not in ("limit", "offset")}
    number = int(args["page"]) if args.get("page", "").isdigit() else 1
    number = min(max(number, 1), 20_000)
    return kept | {"limit": PAGE, "offset": (number - 1) * PAGE}


def listing(rt, caller: Caller, page: NounPage, args) -> dict:
    """The values of the list page."""
    query = queries()[page.noun, False]
    values = _filters(page, args)
    result = query.run(rt, caller, query.filters.model_validate(values))
    offered = [{"name": item.name, "title": {"zh": item.zh, "en": item.en},
                "value": args.get(item.name, ""),
                "options": [{"value": code, "title": title}
                            for code, title in options(rt, caller, item.options)]}
               for item in page.filters]
    base = f"/{plural(page.noun)}"
    suffix = urlencode({key: value for key, value in args.items() if key != "page"})
    may_create = (page.noun, "create") in commands() and rt.staff.covers(
        caller.roles, page.noun, "create")
    actions = [{"title": {"zh": page.new_zh or "新建", "en": page.new_en or "New"},
                "href": f"{base}/new", "icon": "plus", "primary": True}] if may_create else []
    return {"page_title": page.title, "intro": {"zh": page.intro_zh, "en": page.intro_en}
            if page.intro_zh else None, "actions": actions, "result": result,
            "listing": {
                "columns": [{"key": column.key, "title": column.title, "kind": column.kind,
                             "fold": column.fold, "sort": column.sort, "wrap": column.wrap}
                            for column in page.columns],
                "rows": [{"href": address(page.noun, getattr(item, "number", item.id)),
                          "id": item.id,
                          "cells": {column.key: shown(rt, page, column, item)
                                    for column in page.columns}} for item in result.items],
                "total": result.total, "page": result.offset // PAGE + 1, "size": PAGE,
                "search": {"zh": page.search_zh, "en": page.search_en} if page.search_zh else None,
                "q": args.get("q", ""), "sort": args.get("sort", ""), "filters": offered,
                "exports": [{"title": {"zh": "Excel 表格", "en": "Excel"},
                             "href": f"{base}.xlsx?{suffix}"},
                            {"title": {"zh": "CSV 文本", "en": "CSV"},
                             "href": f"{base}.csv?{suffix}"}],
                "next_step": {"text": say({"zh": page.empty_zh, "en": page.empty_en})}
                if page.empty_zh and not values.keys() - {"limit", "offset"} else None}}


def exported(rt, caller: Caller, page: NounPage, args, kind: str) -> tuple[bytes, str, str]:
    """The whole filtered list as a file: body, media type, name. The export is sealed."""
    query = queries()[page.noun, False]
    values = _filters(page, args)
    items: list = []
    while len(items) < EXPORT_MOST:
        result = query.run(rt, caller, query.filters.model_validate(
            values | {"limit": MOST, "offset": len(items)}))
        items.extend(result.items)
        if len(items) >= result.total or not result.items:
            break
    header = [text for column in page.columns
              for text in ([say(column.title)] + [key for key in column.meta])]
    rows = [[text for column in page.columns for text in _cells(rt, page, column, item)]
            for item in items[:EXPORT_MOST]]
    record_export(rt, caller, page.noun, kind, len(rows))
    name = f"{plural(page.noun)}.{kind}"
    if kind == "csv":
        return csv_bytes(rows, header), "text/csv", name
    return (xlsx_bytes(rows, header, say(page.title)),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name)


def _cells(rt, page: NounPage, column: Column, item) -> list[str]:
    value = shown(rt, page, column, item)
    if column.kind == "title":
        return [say(reach(item, column.key)),
                *(say(reach(item, key)) for key in column.meta)]
    if isinstance(value, dict) and "title" in value:
        value = value["title"]
    if isinstance(value, dict) and "text" in value:
        value = value["text"]
    if column.kind in ("time", "due"):
        value = instant(value)
    elif column.kind == "date":
        value = day(value)
    elif column.kind == "last":
        value = last_day(value)
    elif column.kind == "money":
        value = yuan(value)
    return [say(value)]


def sheet(rt, caller: Caller, page: NounPage, ref: str, opened: dict | None = None) -> dict:
    """The values of an object's page; `opened` re-opens a refused command with what to mend."""
    item = queries()[page.noun, True].run(rt, caller, ref)
    name = reach(item, page.name) or getattr(item, "title", "") or item.number
    titled = next((column for column in page.columns
                   if column.key == page.name and column.vocabulary), None)
    state = getattr(item, "state", "")
    due = min((clock.due_at for clock in getattr(item, "clocks", ()) if not clock.paused),
              default=None)
    return {
        "page": page, "item": item, "base": f"/{plural(page.noun)}/{item.number}",
        "what": {"number": "" if item.number == item.id else item.number,
                 "name": title_of(rt, titled.vocabulary, name) if titled else name, "due": due,
                 "state": {"state": state, "title": state_title(page.noun, state),
                           "tone": tone(state, page.noun)} if state
                 else None, "grade": getattr(item, "grade", None)},
        "commands": command_bar(rt, caller, page, item, opened),
        "facts": [{"title": column.title, "value": shown(rt, page, column, item),
                   "kind": column.kind, "full": column.wrap} for column in page.facts],
        "tables": [{"title": table.title, "columns": [
            {"key": column.key, "title": column.title, "kind": column.kind, "wrap": column.wrap}
            for column in table.columns],
            "rows": [{"cells": {column.key: shown(rt, page, column, row)
                                for column in table.columns}}
                     for row in reach(item, table.key) or ()]} for table in page.tables],
        "timeline": timeline(page, item),
        "tasks": [{"title": task_title(page.noun, task.action, task.title), "role": task.role,
                   "due_at": task.due_at} for task in getattr(item, "tasks", ())],
        "clocks": getattr(item, "clocks", ()),
    }


def timeline(page: NounPage, item) -> list[dict]:
    """The object's history as `macros/detail.html` draws it."""
    lines = []
    for step in getattr(item, "timeline", ()):
        lines.append({"at": step.at, "title": {"zh": step.zh, "en": step.en},
                      "who": SYSTEM if step.person == "system" else step.person,
                      "note": step.reason or None,
                      "tone": tone(step.target), "href": f"/trail-entries/{step.seq}"})
    return lines


def command_bar(rt, caller: Caller, page: NounPage, item, opened: dict | None) -> list[dict]:
    """Every command of the noun as a button: moves by the lifecycle, others by the staff rules."""
    choices = {choice.action: choice for choice in getattr(item, "choices", ())}
    bar = []
    for (noun, action), command in commands().items():
        if noun != page.noun or command.creates or action in page.hidden or (
                action in page.only and item.state not in page.only[action]):
            continue
        choice = choices.get(action)
        covered = rt.staff.covers(caller.roles, noun, action)
        if choice is None and (not covered or _is_move(noun, action)):
            continue
        if not covered and not caller.is_staff:  # a guest need not read what is the zone's to do
            continue
        again = opened if opened and opened["action"] == action else None
        bar.append(_button(rt, caller, item, command, choice, again, start(page, item, action))
                   | {"mine": covered, "page": action in page.written})
    return sorted(bar, key=lambda one: (not one["allowed"], one["tone"] == "danger",
                                        one["tone"] != "primary"))


def _is_move(noun: str, action: str) -> bool:
    lifecycle = lifecycles().get(noun)
    return bool(lifecycle) and any(move.action == action for move in lifecycle.moves)


def _button(rt, caller: Caller, item, command, choice, again: dict | None, begun: dict) -> dict:
    values = forms.again(command.body, again["values"], begun) if again else begun
    fields = forms.describe(command.body, f"{command.action}-",
                            lambda name: options(rt, caller, name), values=values,
                            errors=mending.by_field(again["error"]) if again else None)
    stops = bool(choice and choice.stops) or command.action in ("revoke", "reject", "withdraw",
                                                                "terminate")
    allowed = choice.allowed if choice else True
    return {"verb": command.action, "title": {"zh": command.zh, "en": command.en},
            "href": f"/{plural(command.noun)}/{item.number}/{command.action.replace('_', '-')}",
            "allowed": allowed, "why": {"zh": choice.why_zh, "en": choice.why_en} if choice
            else "", "rules": rules(choice.codes) if choice else (),
            "icon": ICONS.get(command.action),
            "tone": "danger" if stops else "primary" if command.action in PRIMARY and allowed
            else "", "open": bool(again),
            "told": mending.told(again["error"], fields) if again else None,
            "fields": [*fields, {"name": forms.VERSION, "type": "hidden", "value": item.version}],
            "note": _signed(choice), "factor": step_of(rt, caller, command)}


def _signed(choice) -> dict | None:
    if not choice or len(choice.seats) < 2:
        return None
    hands = [hand.partition(":")[2] for hand in choice.signed]
    zh, en = "、".join(hands), ", ".join(person(name, "en") for name in hands)
    count = len(choice.seats)
    return {"zh": f"此操作须 {count} 名不同自然人签署" + (f"，已签署：{zh}" if zh else ""),
            "en": f"{count} different persons must sign" + (f"; signed: {en}" if en else "")}
