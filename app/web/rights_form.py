"""The four dimensions as a form: what a product version offers, filled from a document, read back.

Nothing here judges: the document goes to the command as it was chosen, and what is wrong in it
comes back by dimension.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext

from app.domain.canonical import parse_instant
from app.domain.law import Law
from app.domain.rights import DIMENSIONS, TITLES, Population
from app.domain.vocabulary import EVERY, NO_NODE
from app.domain.workdays import day_of
from app.web.look import say
from app.web.mending import Line

MARK = "rights."
BELOW, SPARED = ".*", "!"
# The input that shows what stands at a place of the document; places are told without numbers.
INPUTS = {"purpose": "purpose", "purpose.business_ref_required": "business_ref_required",
          "scope": "field", "scope.version_from": "version_from", "scope.version_to": "version_to",
          **{f"scope.rows.{name}": name for name in (
              "population", "subject_kinds", "regions", "industries", "lookback_months")},
          "method": "way", "method.ways.max_batch": "max_batch", "method.ways.node": "node",
          "method.output_form": "output_form", "term": "to", "term.from": "from",
          "term.window": "window_from", "term.window.to": "window_to",
          "term.retention_days": "retention_days", "term.data_life_days": "data_life_days"}
BATCHES = ("QUERY_BATCH", "MONITOR", "MODEL_TRAIN", "MODEL_INFER", "AGG_STATS")
APART = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True)
class Offer:
    """What there is to choose from: all a product version offers, or what a grant holds of it."""

    purposes: tuple[str, ...]
    fields: tuple[Mapping, ...]
    methods: tuple[str, ...]
    output_form: str
    populations: tuple[str, ...]
    subject_kinds: tuple[str, ...]


def read(form, present: Mapping | None = None) -> dict[str, Any] | None:
    """The document the posted form states; None when the form holds no rights at all.

    A day left as the form showed it of the `present` rights stands for the same instant.
    """
    if not any(name.startswith(MARK) for name in form):
        return None

    def text(name: str) -> str:
        return form.get(MARK + name, "").strip()

    fields = [{"field": name, "treatment": text(f"treatment.{name}")}
              for name in form.getlist(MARK + "field")]
    rows = {"regions": _apart(text("regions")), "industries": _apart(text("industries")),
            "population": text("population"), "subject_kinds": form.getlist(MARK + "subject_kinds")}
    if text("lookback_months"):
        rows["lookback_months"] = _whole(text("lookback_months"))
    opens, closes = text("window_from"), text("window_to")
    return {
        "purpose": {"nodes": [_node(code) for code in form.getlist(MARK + "purpose")],
                    "business_ref_required": bool(text("business_ref_required"))},
        "scope": {"product": text("product"), "version_from": text("version_from"),
                  "version_to": text("version_to"), "fields": fields, "rows": rows},
        "method": {"ways": [_way(way, text) for way in form.getlist(MARK + "way")],
                   "output_form": text("output_form")},
        "term": {**_bounds(text, (present or {}).get("term", {})),
                 "window": {"from": opens, "to": closes} if opens or closes else None,
                 "retention_days": _whole(text("retention_days")),
                 "data_life_days": _whole(text("data_life_days"))}}


def _bounds(text, present: Mapping) -> dict[str, str]:
    shown = {"from": _first_day(present.get("from", "")), "to": _last_day(present.get("to", ""))}
    return {side: present[side] if day and text(side) == day else text(side)
            for side, day in shown.items()}


def _apart(text: str) -> list[str]:
    return [piece for piece in APART.split(text) if piece]


def _whole(text: str) -> int | str:
    """The number, or the text itself, which the reading of the document will refuse by name."""
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _node(choice: str) -> dict[str, Any]:
    code, *spared = choice.split(SPARED)
    return {"code": code.removesuffix(BELOW), "descend": code.endswith(BELOW), "except": spared}


def _node_choice(node: Mapping) -> str:
    below = BELOW if node.get("descend") else ""
    return SPARED.join((node["code"] + below, *node.get("except", ())))


def _way(way: str, text) -> dict[str, Any]:
    action, _, rest = way.partition("|")
    channel, _, environment = rest.partition("|")
    batch = _whole(text("max_batch") or "1") if action in BATCHES else 1
    node = text("node") or EVERY if channel == "JOINT_NODE" else NO_NODE
    return {"action": action, "channel": channel, "environment": environment, "node": node,
            "max_batch": batch}


def offered(law: Law, version, document: Mapping | None, errors=(),
            present: Mapping | None = None) -> dict[str, Any]:
    """What the form shows: the choices of a product version, chosen as the document says.

    `errors` are the remarks of a refused document; each stands at its input. Where there are
    `present` rights, nothing is offered beyond them.
    """
    given = {name: (document or {}).get(name) or {} for name in DIMENSIONS}
    offer = _held(version, present) if present else _all_of(law, version)
    scope = {"version_from": version.text, "version_to": version.text, **given["scope"]}
    return {"product": version.product_number, **_purposes(law, offer, given["purpose"]),
            **_scope(law, offer, scope), **_method(law, offer, given["method"]),
            **_term(given["term"]), "titles": titles(), "faults": _by_input(errors, given)}


def _all_of(law: Law, version) -> Offer:
    return Offer(tuple(version.purposes), tuple(version.fields),
                 tuple(_way_choice(way) for way in version.methods), version.output_form,
                 tuple(Population), tuple(law.vocabulary.subject_kinds))


def _held(version, present: Mapping) -> Offer:
    """What a grant holds; the listed version may no longer name one of its fields."""
    scope, method = present["scope"], present["method"]
    known = {item["field"]: item for item in version.fields}
    own = scope["rows"]["population"]
    return Offer(
        tuple(_node_choice(node) for node in present["purpose"]["nodes"]),
        tuple({**known.get(item["field"], {}), **item} for item in scope["fields"]),
        tuple(dict.fromkeys(_way_choice(way) for way in method["ways"])), method["output_form"],
        tuple(one for one in Population if own in (one, Population.ALL)),
        tuple(scope["rows"]["subject_kinds"]))


def titles() -> dict[str, str]:
    """What each input is called, in the reader's language."""
    return {
        "purpose": gettext("用于（产品允许的目的）"),
        "business_ref_required": gettext("每次调用须填业务编号"), "field": gettext("申请字段"),
        "population": gettext("对象范围"), "subject_kinds": gettext("主体类型"),
        "version_from": gettext("产品版本自"), "version_to": gettext("产品版本至"),
        "regions": gettext("地区代码"), "industries": gettext("行业代码"),
        "lookback_months": gettext("回溯月数"), "way": gettext("操作、渠道与环境"),
        "output_form": gettext("产出形式至多为"), "max_batch": gettext("每批至多条数"),
        "node": gettext("联合建模节点编号"), "from": gettext("自"), "to": gettext("至（含当日）"),
        "window_from": gettext("每日可用时段自"), "window_to": gettext("每日可用时段至"),
        "retention_days": gettext("留存天数"), "data_life_days": gettext("单次数据有效天数")}


def _by_input(errors, given: Mapping) -> dict[str, list]:
    """The remarks by the input they are about; those about one field of a product by its code."""
    found: dict[str, list] = {}
    for error in errors:
        name = _input_of(str(error.get("at", "")), given["scope"].get("fields", ()))
        if name:
            found.setdefault(name, []).append(error)
    return found


def _input_of(at: str, fields) -> str:
    parts = at.split(".")
    if parts[:2] == ["scope", "fields"] and len(parts) > 2:
        codes = [item["field"] for item in fields]
        at_code = parts[2] if parts[2] in codes else next(
            (code for place, code in enumerate(codes) if str(place) == parts[2]), "")
        return f"field.{at_code}" if at_code else "field"
    parts = [part for part in parts if not part.isdecimal()]
    while parts and ".".join(parts) not in INPUTS:
        parts.pop()
    return INPUTS.get(".".join(parts), "")


def lines(form: Mapping | None) -> list[Line]:
    """What is to mend in the four dimensions, each line leading to its input."""
    return [] if form is None else [
        Line(_title(form, name, error["at"]), f"#rights-{name}", say(error))
        for name, listed in form["faults"].items() for error in listed]


def _title(form: Mapping, name: str, at: str) -> str:
    """The dimension, then the input or the field of the product."""
    kind, _, code = name.partition(".")
    own = next((one["name"] for one in form["fields"] if one["field"] == code), code)
    zh, en = TITLES[at.partition(".")[0]]
    return f"{say({'zh': zh, 'en': en})} · {own or form['titles'][kind]}"


def _choice(value: str, title, chosen: bool) -> dict[str, Any]:
    return {"value": value, "title": {"zh": title.zh, "en": title.en}, "chosen": chosen}


def _purposes(law: Law, offer: Offer, given: Mapping) -> dict[str, Any]:
    chosen = {_node_choice(node) for node in given.get("nodes", ())}
    shown = [*offer.purposes, *sorted(chosen - set(offer.purposes))]
    return {"purposes": [_choice(one, law.purposes[_node(one)["code"]], one in chosen)
                         for one in shown if _node(one)["code"] in law.purposes],
            "business_ref_required": given.get("business_ref_required", True)}


def _scope(law: Law, offer: Offer, given: Mapping) -> dict[str, Any]:
    chosen = {item["field"]: item["treatment"] for item in given.get("fields", ())}
    rows = given.get("rows", {})
    kinds = rows.get("subject_kinds", ["ENTERPRISE"])
    return {
        "fields": [_field(law, item, chosen) for item in offer.fields],
        "version_from": given["version_from"], "version_to": given["version_to"],
        "populations": [_choice(one.value, one,
                                one.value == rows.get("population", "OWN_CUSTOMERS"))
                        for one in offer.populations],
        "subject_kinds": [_choice(code, law.vocabulary.subject_kinds[code], code in kinds)
                          for code in offer.subject_kinds],
        "regions": " ".join(rows.get("regions", ())),
        "industries": " ".join(rows.get("industries", ())),
        "lookback_months": rows.get("lookback_months") or ""}


def _field(law: Law, item: Mapping, chosen: Mapping[str, str]) -> dict[str, Any]:
    """A field with the treatments that are as strict as the product's own, or stricter."""
    order = list(law.vocabulary.treatments)
    own = item.get("treatment", order[0])
    asked = chosen.get(item["field"], own)
    return {"field": item["field"], "name": item.get("name", item["field"]),
            "grade": item.get("grade"), "chosen": item["field"] in chosen,
            "treatments": [_choice(code, law.vocabulary.treatments[code], code == asked)
                           for code in order[order.index(own):]]}


def _way_choice(way: Mapping) -> str:
    return "|".join((way["action"], way["channel"], way["environment"]))


def _method(law: Law, offer: Offer, given: Mapping) -> dict[str, Any]:
    words, ways = law.vocabulary, given.get("ways", ())
    chosen, allowed = {_way_choice(way) for way in ways}, offer.methods
    forms = [code for code, word in words.output_forms.items() if word.deliverable]
    limit = forms.index(offer.output_form) if offer.output_form in forms else len(forms) - 1
    return {
        "ways": [{"value": way, "title": _way_title(words, way), "chosen": way in chosen}
                 for way in [*allowed, *sorted(chosen - set(allowed))]],
        "max_batch": max((way.get("max_batch", 1) for way in ways), default=1),
        "has_batch": any(way.partition("|")[0] in BATCHES for way in allowed),
        "node": next((way["node"] for way in ways if way.get("node", NO_NODE) != NO_NODE), ""),
        "has_node": any("|JOINT_NODE|" in way for way in allowed),
        "forms": [_choice(code, words.output_forms[code],
                          code == given.get("output_form", offer.output_form))
                  for code in forms[:limit + 1]]}


def _way_title(words, way: str) -> dict[str, str]:
    parts = list(zip((words.actions, words.channels, words.environments), way.split("|"),
                     strict=True))
    return {language: " · ".join(getattr(table[code], language) if code in table else code
                                 for table, code in parts) for language in ("zh", "en")}


def _term(given: Mapping) -> dict[str, Any]:
    window = given.get("window") or {}
    return {"from": _first_day(given.get("from", "")), "to": _last_day(given.get("to", "")),
            "window_from": window.get("from", ""), "window_to": window.get("to", ""),
            "retention_days": given.get("retention_days", 180),
            "data_life_days": given.get("data_life_days", 30)}


def _first_day(bound: str) -> str:
    return day_of(parse_instant(bound)).isoformat() if len(bound) > 10 else bound


def _last_day(bound: str) -> str:
    """The last day inside a half-open term."""
    if len(bound) <= 10:
        return bound
    return day_of(parse_instant(bound) - timedelta(microseconds=1)).isoformat()
