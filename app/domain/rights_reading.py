"""Rights read from JSON: strict, whole, and every wrong member named at once.

Nothing is guessed: an unknown member, code or unit refuses. A date is taken as a day in Shanghai,
and the last day of a term is stored as the next midnight, so that the term stays half-open.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.canonical import parse_instant
from app.domain.refusals import Invalid
from app.domain.rights import DIMENSIONS, Node, Population, Rights, Rows, Way, version_key
from app.domain.vocabulary import EVERY, NO_NODE, Purposes, Vocabulary
from app.domain.workdays import start_of

CODE = re.compile(r"[A-Za-z0-9_.\-*]{1,64}")
VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
SINGLE = frozenset({"VERIFY", "QUERY_ONE", "REPORT_VIEW", "REPORT_EXPORT"})
MOST_ITEMS, MOST_DAYS, MOST_MONTHS, MOST_BATCH = 500, 3_660, 600, 100_000


@dataclass
class _Reader:
    """Collects what is wrong while it reads; places are written `scope.fields.2.treatment`."""

    purposes: Purposes
    vocabulary: Vocabulary
    errors: list[dict] = field(default_factory=list)

    def wrong(self, place: str, zh: str, en: str, code: str = "INPUT.INVALID") -> None:
        self.errors.append({"at": place, "zh": zh, "en": en, "code": code})

    def members(self, value: Any, place: str, names: tuple[str, ...],
                optional: tuple[str, ...] = ()) -> Mapping:
        """The object, its members checked against the closed list of names."""
        if not isinstance(value, dict):
            self.wrong(place, "应为对象", "must be an object")
            return {}
        for name in value:
            if name not in names and name not in optional:
                self.wrong(f"{place}.{name}"[:120], "未知成员", "unknown member")
        for name in names:
            if name not in value:
                self.wrong(f"{place}.{name}", "必填", "is required")
        return value

    def items(self, value: Any, place: str, least: int = 0) -> list:
        if value == [] and least == 1:
            self.wrong(place, "请至少选一项", "choose at least one")
            return []
        if not isinstance(value, list) or not least <= len(value) <= MOST_ITEMS:
            self.wrong(place, f"应为 {least} 至 {MOST_ITEMS} 项的列表",
                       f"must be a list of {least} to {MOST_ITEMS} items")
            return []
        return value

    def text(self, value: Any, place: str, form: re.Pattern, zh: str, en: str) -> str:
        if isinstance(value, str) and form.fullmatch(value):
            return value
        self.wrong(place, zh, en)
        return ""

    def code(self, value: Any, place: str, known: Mapping | None = None) -> str:
        """A code of a vocabulary, or any well-formed code when none is given."""
        if isinstance(value, str) and CODE.fullmatch(value) and (known is None or value in known):
            return value
        self.wrong(place, "未登记的代码", "is not a known code")
        return ""

    def codes(self, value: Any, place: str, known: Mapping | None = None,
              least: int = 0) -> tuple[str, ...]:
        found = [self.code(item, f"{place}.{at}", known)
                 for at, item in enumerate(self.items(value, place, least))]
        if len(set(found)) != len(found):
            self.wrong(place, "有重复项", "names something twice")
        return tuple(sorted(set(found)))

    def flag(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            self.wrong(place, "应为 true 或 false", "must be true or false")
        return value is True

    def count(self, value: Any, place: str, least: int, most: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(place, f"应为 {least} 至 {most} 的整数",
                   f"must be a whole number from {least} to {most}")
        return least


def read_rights(document: Any, purposes: Purposes, vocabulary: Vocabulary) -> Rights:
    """The rights a document states.

    Raises:
        Invalid: `errors` in its facts names every wrong member, in both languages.
    """
    reader = _Reader(purposes, vocabulary)
    document = reader.members(document, "dimensions", DIMENSIONS)
    parts = {**_purpose(reader, document.get("purpose")), **_scope(reader, document.get("scope")),
             **_method(reader, document.get("method")), **_term(reader, document.get("term"))}
    if reader.errors:
        count, first = len(reader.errors), reader.errors[0]
        raise Invalid(f"目的、范围、方式、期限中有 {count} 处须更正",
                      f"purpose, scope, method and term need mending in {count} places",
                      code=first["code"], errors=reader.errors)
    return Rights(**parts)


def _purpose(reader: _Reader, value: Any) -> dict:
    value = reader.members(value, "purpose", ("nodes",), ("business_ref_required",))
    nodes = [_node(reader, item, f"purpose.nodes.{at}")
             for at, item in enumerate(reader.items(value.get("nodes"), "purpose.nodes", 1))]
    if len({node.code for node in nodes}) != len(nodes):
        reader.wrong("purpose.nodes", "同一目的重复列出", "names a purpose twice")
    return {"nodes": tuple(sorted(nodes)),
            "business_ref_required": reader.flag(value.get("business_ref_required", False),
                                                 "purpose.business_ref_required")}


def _node(reader: _Reader, value: Any, place: str) -> Node:
    value = reader.members(value, place, ("code",), ("descend", "except"))
    code, purposes = value.get("code"), reader.purposes
    descend = reader.flag(value.get("descend", False), f"{place}.descend")
    excluded = reader.codes(value.get("except", []), f"{place}.except")
    if not isinstance(code, str) or code not in purposes:
        reader.wrong(f"{place}.code", "未登记的目的", "is not a known purpose", "PURPOSE.UNKNOWN")
        return Node("?")
    if purposes[code].prohibited:
        reader.wrong(f"{place}.code", "禁止性目的，不得授权", "is prohibited and never granted",
                     "PURPOSE.PROHIBITED")
    elif not purposes.is_leaf(code) and not descend:
        reader.wrong(f"{place}.code", "非末级目的须选择“含下级”或改为末级目的",
                     "is an inner purpose: name leaves or set `descend`", "PURPOSE.NOT_LEAF")
    elif purposes.is_leaf(code) and (descend or excluded):
        reader.wrong(f"{place}.descend", "末级目的没有下级", "a leaf has nothing below it")
    for spared in excluded:
        if spared == code or not purposes.is_within(spared, (code,)):
            reader.wrong(f"{place}.except", "排除项须在该目的之下", "must lie below the purpose")
    return Node(code, descend, excluded)


def _scope(reader: _Reader, value: Any) -> dict:
    value = reader.members(value, "scope",
                           ("product", "version_from", "version_to", "fields", "rows"))
    versions = [reader.text(value.get(name), f"scope.{name}", VERSION, "版本号形如 2.1",
                            "is written like 2.1") for name in ("version_from", "version_to")]
    if all(versions) and version_key(versions[0]) > version_key(versions[1]):
        reader.wrong("scope.version_to", "早于起始版本", "comes before `version_from`")
    fields: dict[str, str] = {}
    for at, item in enumerate(reader.items(value.get("fields"), "scope.fields", 1)):
        place = f"scope.fields.{at}"
        item = reader.members(item, place, ("field", "treatment"))
        name = reader.code(item.get("field"), f"{place}.field")
        if name in fields or "*" in name:
            reader.wrong(f"{place}.field", "数据项须逐项列出且不重复",
                         "fields are named one by one, each once")
        fields[name] = reader.code(item.get("treatment"), f"{place}.treatment",
                                   reader.vocabulary.treatments)
    return {"product": reader.code(value.get("product"), "scope.product"),
            "version_from": versions[0], "version_to": versions[1],
            "fields": tuple(sorted(fields.items())), "rows": _rows(reader, value.get("rows"))}


def _rows(reader: _Reader, value: Any) -> Rows:
    value = reader.members(value, "scope.rows", ("population", "subject_kinds"),
                           ("regions", "industries", "lookback_months"))
    months = value.get("lookback_months")
    return Rows(
        regions=reader.codes(value.get("regions", []), "scope.rows.regions"),
        industries=reader.codes(value.get("industries", []), "scope.rows.industries"),
        population=reader.code(value.get("population"), "scope.rows.population",
                               Population.__members__),
        lookback_months=None if months is None else reader.count(
            months, "scope.rows.lookback_months", 1, MOST_MONTHS),
        subject_kinds=reader.codes(value.get("subject_kinds"), "scope.rows.subject_kinds",
                                   reader.vocabulary.subject_kinds, 1))


def _method(reader: _Reader, value: Any) -> dict:
    value = reader.members(value, "method", ("ways", "output_form"))
    ways = [_way(reader, item, f"method.ways.{at}")
            for at, item in enumerate(reader.items(value.get("ways"), "method.ways", 1))]
    if len({(way.action, way.channel, way.environment, way.node) for way in ways}) != len(ways):
        reader.wrong("method.ways", "同一方式重复列出", "names a way twice")
    form = reader.code(value.get("output_form"), "method.output_form",
                       reader.vocabulary.output_forms)
    if form and not reader.vocabulary.output_forms[form].deliverable:
        reader.wrong("method.output_form", "原始明细不得出专区",
                     "raw records never leave the zone", "METHOD.OUTPUT_FORM")
    return {"ways": tuple(sorted(ways)), "output_form": form}


def _way(reader: _Reader, value: Any, place: str) -> Way:
    value = reader.members(value, place, ("action", "channel", "environment"),
                           ("node", "max_batch"))
    words = reader.vocabulary
    action = reader.code(value.get("action"), f"{place}.action", words.actions)
    channel = reader.code(value.get("channel"), f"{place}.channel", words.channels)
    node = reader.code(value.get("node", NO_NODE), f"{place}.node")
    in_node = bool(channel) and words.channels[channel].node
    if in_node == (node == NO_NODE) or (EVERY in node and node != EVERY):
        reader.wrong(f"{place}.node", "联合建模节点渠道须指明节点，其他渠道为“-”",
                     "a joint-node way names its node, any other way `-`")
    batch = reader.count(value.get("max_batch", 1), f"{place}.max_batch", 1, MOST_BATCH)
    if action in SINGLE and batch != 1:
        reader.wrong(f"{place}.max_batch", "单笔操作的批量上限为 1", "is 1 for a single query")
    return Way(action, channel,
               reader.code(value.get("environment"), f"{place}.environment", words.environments),
               node, batch)


def _term(reader: _Reader, value: Any) -> dict:
    value = reader.members(value, "term", ("from", "to", "retention_days", "data_life_days"),
                           ("window",))
    begins, ends = (read_bound(value.get(side), last=side == "to") for side in ("from", "to"))
    for side, found in (("from", begins), ("to", ends)):
        if found is None:
            reader.wrong(f"term.{side}", "应为日期（2027-06-30）或UTC时刻",
                         "must be a date (2027-06-30) or a UTC instant")
    if begins and ends and begins >= ends:
        reader.wrong("term.to", "期限须晚于起始", "must come after `from`")
    return {"begins": begins, "ends": ends, "window": _window(reader, value.get("window")),
            **{name: reader.count(value.get(name), f"term.{name}", 0, MOST_DAYS)
               for name in ("retention_days", "data_life_days")}}


def _window(reader: _Reader, value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    value = reader.members(value, "term.window", ("from", "to"))
    opens, closes = (reader.text(value.get(side), f"term.window.{side}", CLOCK,
                                 "时刻形如 08:00", "is written like 08:00")
                     for side in ("from", "to"))
    if opens and opens == closes:
        reader.wrong("term.window.to", "时段不得为空", "must differ from `from`")
    return opens, closes


def read_bound(value: Any, *, last: bool) -> datetime | None:
    """An instant, or a day in Shanghai: its first midnight, and for the last day the next one."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            return start_of(date.fromisoformat(value) + timedelta(days=1 if last else 0))
        return parse_instant(value)
    except (ValueError, OverflowError):
        return None
