"""Believable, invented values for the style guide, read from styleguide.yaml."""

from __future__ import annotations

from pathlib import Path

import yaml

GIVEN = yaml.safe_load(Path(__file__).with_name("styleguide.yaml").read_text("utf-8"))
FIELDS = GIVEN["fields"]
DAYS = [
    (f"11-{n:02d}", 4000 + n * 37 % 900, 1500 + n * 53 % 300, 120 + n * 31 % 200)
    for n in range(9, 23)
]


def both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def shell(path: str) -> dict:
    """The frame around every page of the guide."""
    nav = [
        group | {"entries": [entry | {"current": entry.get("href") == path}
                             for entry in group["entries"]]}
        for group in GIVEN["nav"]
    ]
    return {
        "nav": nav, "me": GIVEN["me"], "demo": True,
        "zone": both("东湾市金融专区", "Dongwan finance zone"),
        "whose": "海港银行股份有限公司",
    }


def commands() -> list[dict]:
    """The commands, with the fields they name."""
    known = {field["name"]: field for field in FIELDS}
    return [
        command | {"fields": [known[name] for name in command.get("fields", ())]}
        for command in GIVEN["commands"]
    ]


def row(at, case: list) -> dict:
    """One line of the list."""
    title, number, level, state, hours = case
    return {
        "href": f"/sheet?id={number}", "drawer": f"/drawer?id={number}", "id": number,
        "cells": {
            "title": {"text": title, "meta": [number, "信用信息查询 v3"]},
            "grade": {"level": level, "klass": "IMPORTANT" if level == 5 else None},
            "kind": both("新授权", "New grant"),
            "by": {"name": "周雯", "role": both("机构经办", "Maker")},
            "state": GIVEN["states"][state],
            "due": at(minutes=int(hours * 60)) if hours is not None else None,
        },
    }


def listing(at, args) -> dict:
    """The list as `macros/list.html` reads it."""
    asked = args.get("q", "")
    rows = [row(at, case) for case in GIVEN["cases"] if asked in case[0]]
    states = [{"value": one["state"], "title": one["title"]} for one in GIVEN["states"]]
    kinds = [{"value": "NEW", "title": both("新授权", "New grant")}]
    return {
        "columns": GIVEN["columns"], "rows": rows, "total": len(rows) if asked else 1204,
        "page": int(args.get("page", 1)), "size": 50, "q": asked, "tick": "case",
        "search": both("标题、机构或编号", "Title or number"), "sort": args.get("sort", "due"),
        "exports": [{"title": "Excel", "href": "#"}, {"title": "CSV", "href": "#"}],
        "filters": [
            {"name": "state", "title": both("状态", "State"), "options": states,
             "value": args.get("state")},
            {"name": "kind", "title": both("类型", "Kind"), "options": kinds,
             "value": args.get("kind")},
            {"name": "since", "title": both("提交起", "From"), "type": "date",
             "value": args.get("since")},
        ],
        "next_step": {"text": "没有符合条件的申请。", "href": "/list", "action": "清空筛选"},
    }
