"""Obligations in words: what an enforcement point was told to do, as a person reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.law import Law
from app.domain.obligations import Obligation
from app.domain.rights import Population

Both = tuple[str, str]
MODES = {"visible": ("可见水印", "visible")}
TEMPLATES = {"negative_record": ("提供不良信息前告知本人", "before a negative record is provided")}


@dataclass(frozen=True)
class Owed:
    """One obligation: its number, kind, and what it says, in both languages."""

    id: str
    kind: str
    zh: str
    en: str
    says_zh: str
    says_en: str


def owed(items: list[Mapping[str, Any]], called: Mapping[str, str], law: Law) -> tuple[Owed, ...]:
    """The obligations of a sealed decision; ``called`` are the titles of the product's fields."""
    found = []
    for item in items:
        said = item["properties"]
        kind = said.get("kind", item["type"])
        title = Obligation(kind)
        says = SAYINGS[kind](said, _Words(called, law))
        found.append(Owed(item["id"], kind, title.zh, title.en, *says))
    return tuple(found)


@dataclass(frozen=True)
class _Words:
    """How fields, treatments and kinds of subject are called."""

    called: Mapping[str, str]
    law: Law

    def field(self, code: str) -> Both:
        title = self.called.get(code, "")
        return (f"{title}（{code}）", f"{code} ({title})") if title else (code, code)

    def fields(self, codes) -> Both:
        return _listed([self.field(code) for code in codes])

    def treatment(self, code: str) -> Both:
        word = self.law.vocabulary.treatments[code]
        return word.zh, word.en.lower()

    def subject_kind(self, code: str) -> Both:
        word = self.law.vocabulary.subject_kinds[code]
        return word.zh, word.en.lower()


def _listed(pairs: list[Both]) -> Both:
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def _masked(said: Mapping[str, Any], words: _Words) -> Both:
    pairs = [(words.field(code), words.treatment(how["treatment"]))
             for code, how in said["fields"].items()]
    return ("；".join(f"{field[0]}：{how[0]}" for field, how in pairs),
            "; ".join(f"{field[1]}: {how[1]}" for field, how in pairs))


def _rows(said: Mapping[str, Any], words: _Words) -> Both:
    expr = said["expr"]
    parts = [_part(part, words) for part in expr.get("all", [expr])]
    return "；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts)


def _part(part: Mapping[str, Any], words: _Words) -> Both:
    (name, value), = part.items()
    if name == "subject_kind_in":
        zh, en = _listed([words.subject_kind(code) for code in value])
        return f"主体类型：{zh}", f"subjects: {en}"
    if name == "population":
        word = Population(value)
        return f"对象范围：{word.zh}", f"population: {word.en.lower()}"
    if name == "since":
        return f"数据起始日不早于 {value}", f"records since {value}"
    zh, en = {"region_in": ("地区", "regions"), "industry_in": ("行业", "industries")}[name]
    return f"{zh}：{'、'.join(value)}", f"{en}: {', '.join(value)}"


def _aged(said: Mapping[str, Any], words: _Words) -> Both:
    zh, en = words.fields(said["fields"])
    return (f"事件终止满 {said['years']} 年的不返回：{zh}",
            f"not returned {said['years']} years after the event ended: {en}")


def _marked(said: Mapping[str, Any], words: _Words) -> Both:
    mode = MODES.get(said["mode"], (said["mode"],) * 2)
    return f"{mode[0]}：{said['text']}", f"{mode[1]}: {said['text']}"


def _level(number: str) -> Both:
    return f"操作人认证强度 {number} 级", f"the user signs in at level {number}"


SAYINGS: Mapping[str, Callable[[Mapping[str, Any], _Words], Both]] = {
    "mask_fields": _masked,
    "drop_fields": lambda said, words: words.fields(said["fields"]),
    "filter_rows": _rows,
    "min_group": lambda said, words: (f"每组不少于 {said['k']} 个",
                                      f"groups of {said['k']} or more"),
    "suppress_aged_negative": _aged,
    "mark_dispute": lambda said, words: words.fields(said["items"]),
    "watermark": _marked,
    "delete_after": lambda said, words: (f"{said['days']} 日内删除", f"within {said['days']} days"),
    "notify_subject": lambda said, words: TEMPLATES.get(
        said["template"], (said["template"],) * 2),
    "receipt": lambda said, words: (f"{said['within_s']} 秒内", f"within {said['within_s']} s"),
    "step-up": lambda said, words: _level(said["acr_value"].rpartition("-")[2]),
    "view_only": lambda said, words: ("不得留存或导出", "neither kept nor exported"),
    "no_onward": lambda said, words: ("不得向第三方提供", "passed on to nobody"),
    "human_review": lambda said, words: ("不利的自动化结果须由人复核",
                                         "a person reviews an adverse automated result"),
}
