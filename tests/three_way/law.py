"""The published tables as anybody can read them, and two judges of one grant's lines.

`Plain` judges by the documents of the grant and comparisons of values. `Stock` asks stock Casbin
with the model file as published and the rows the product exports, filtered by grant version first.
"""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import casbin
import yaml

ACCESS = Path(__file__).resolve().parents[2] / "policies" / "access"


@cache
def table(name: str) -> dict[str, Any]:
    return yaml.safe_load((ACCESS / f"{name}.yaml").read_text("utf-8"))


@cache
def purposes() -> dict[str, dict]:
    return table("purposes")["purposes"]


@cache
def above(code: str) -> frozenset[str]:
    """A purpose with everything above it; nothing for what is no purpose."""
    found = set()
    while code in purposes():
        found.add(code)
        code = purposes()[code].get("parent", "")
    return frozenset(found)


@cache
def is_leaf(code: str) -> bool:
    return code in purposes() and not any(
        each.get("parent") == code for each in purposes().values())


@cache
def ceiling_rows() -> tuple[tuple[str, ...], ...]:
    lines = (ACCESS / "ceiling.csv").read_text("utf-8").splitlines()
    return tuple(tuple(cell.strip() for cell in cells[1:]) for cells in csv.reader(lines)
                 if cells and cells[0] == "p5")


def is_in_list(asked: str, listed: str) -> bool:
    return listed == "*" or asked in listed.split("|")


def is_field(asked: str, pattern: str) -> bool:
    return asked == pattern or (pattern.endswith("*") and asked.startswith(pattern[:-1]))


class Plain:
    """What the documents of a grant say, read by comparing values."""

    def __init__(self, zone: dict[str, Any]) -> None:
        self.zone = zone

    def rights(self, grant: str) -> dict[str, Any]:
        return self.zone["grants"][grant]["dimensions"]

    def purpose(self, grant: str, code: str) -> bool:
        return any(
            (node["code"] in above(code) and not above(code) & set(node["except"]))
            if node["descend"] else code == node["code"]
            for node in self.rights(grant)["purpose"]["nodes"])

    def field(self, grant: str, product: str, name: str) -> bool:
        scope = self.rights(grant)["scope"]
        return bool(name) and product == scope["product"] and any(
            is_field(name, each["field"]) for each in scope["fields"])

    def method(self, grant: str, action: str, channel: str, environment: str, node: str) -> bool:
        asked = (action, channel, environment)
        return all((*asked, node)) and any(
            asked == (way["action"], way["channel"], way["environment"])
            and way["node"] in ("*", node) for way in self.rights(grant)["method"]["ways"])

    def term(self, grant: str, at: datetime) -> bool:
        return self.zone["grants"][grant]["from"] <= at < self.zone["grants"][grant]["to"]

    def ceiling(self, grade: str, action: str, channel: str, form: str) -> bool:
        return bool(action and channel) and any(
            grade == row[0] and all(map(is_in_list, (action, channel, form), row[1:]))
            for row in ceiling_rows())


class Stock:
    """The same questions asked of stock Casbin; `rows` gives the exported rows of a grant."""

    def __init__(self, rows, ref) -> None:
        self.rows, self.ref, self.asked = rows, ref, 0
        model = (ACCESS / "model.conf").read_text("utf-8")
        self.casbin = casbin.Enforcer(casbin.Enforcer.new_model(text=model))
        self.casbin.add_named_grouping_policies("g", [
            [code, each["parent"]] for code, each in purposes().items() if each.get("parent")])
        self.casbin.add_function("field_matches", is_field)
        self.casbin.add_function("one_of", is_in_list)
        self.casbin.model["p"]["p5"].policy = [list(row) for row in ceiling_rows()]
        self.contexts = {at: self.casbin.new_enforce_context(at) for at in "2345"}
        self.ceilings: dict[tuple[str, ...], bool] = {}

    def _allows(self, suffix: str, request: tuple[str, ...], grant: str = "") -> bool:
        """Stock Casbin, never asked about empty strings nor with no rows: it would permit both."""
        section = self.casbin.model["p"]["p" + suffix]
        if grant:
            section.policy = [list(row) for row in self.rows(grant)[suffix]]
        if not all(request) or not section.policy:
            return False
        self.asked += 1
        context = (self.contexts[suffix],) if suffix else ()
        return self.casbin.enforce(*context, *request)

    def purpose(self, grant: str, code: str) -> bool:
        return self._allows("", (self.ref(grant), code), grant)

    def field(self, grant: str, product: str, name: str) -> bool:
        return self._allows("2", (self.ref(grant), product, name), grant)

    def method(self, grant: str, *way: str) -> bool:
        return self._allows("3", (self.ref(grant), *way), grant)

    def term(self, grant: str, at: datetime) -> bool:
        text = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return self._allows("4", (self.ref(grant), text), grant)

    def ceiling(self, *asked: str) -> bool:
        if asked not in self.ceilings:
            self.ceilings[asked] = self._allows("5", asked)
        return self.ceilings[asked]
