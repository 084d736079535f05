"""Narrower or wider: two rights compared member by member, with a sentence for each difference.

What cannot be compared counts as wider (INV-03, G-NARROW): a change is narrowing only when every
member of it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from app.domain.canonical import instant
from app.domain.rights import Population, Rights, version_key
from app.domain.vocabulary import EVERY, Purposes, Vocabulary
from app.domain.workdays import day_of

NARROWER, WIDER = "NARROWER", "WIDER"
# Where a member stands in its dimension of the document, when not under its own name.
PLACES = {"descend": "nodes", "max_batch": "ways.max_batch", "node": "ways.node", "begins": "from",
          "ends": "to", **{name: f"rows.{name}" for name in (
              "regions", "industries", "population", "lookback_months", "subject_kinds")}}


@dataclass(frozen=True)
class Difference:
    """One member that differs: in which dimension, which way, from what to what."""

    dimension: str
    member: str
    direction: str
    zh: str
    en: str

    @property
    def place(self) -> str:
        """Where it is mended in the document of rights; a field is told by its code."""
        return f"{self.dimension}.{PLACES.get(self.member, self.member)}"


def differences(new: Rights, old: Rights, purposes: Purposes,
                words: Vocabulary) -> tuple[Difference, ...]:
    """Every difference between the new rights and the old, widening ones first."""
    found = [*_purpose(new, old, purposes), *_scope(new, old, words), *_method(new, old, words),
             *_term(new, old)]
    return tuple(sorted(found, key=lambda item: item.direction != WIDER))


def narrower_or_equal(new: Rights, old: Rights, purposes: Purposes, words: Vocabulary) -> bool:
    """Whether the new rights allow nothing the old ones do not."""
    return not any(item.direction == WIDER for item in differences(new, old, purposes, words))


def _set(dimension: str, member: str, new: frozenset, old: frozenset, zh: str,
         en: str) -> Iterator[Difference]:
    """Sets of which less is narrower."""
    for items, direction, verb_zh, verb_en in ((new - old, WIDER, "增加", "adds"),
                                               (old - new, NARROWER, "减少", "drops")):
        if items:
            listed = "、".join(sorted(items)), ", ".join(sorted(items))
            yield Difference(dimension, member, direction, f"{zh}{verb_zh}：{listed[0]}",
                             f"{en} {verb_en} {listed[1]}")


def _bounded(dimension: str, member: str, new: tuple, old: tuple, zh: str,
             en: str) -> Iterator[Difference]:
    """Lists of which an empty one bounds nothing."""
    if bool(new) and bool(old):
        yield from _set(dimension, member, frozenset(new), frozenset(old), zh, en)
    elif new != old:
        direction = NARROWER if new else WIDER
        yield Difference(dimension, member, direction, f"{zh}{'设限' if new else '取消限制'}",
                         f"{en} {'is bounded' if new else 'is no longer bounded'}")


def _step(dimension: str, member: str, new, old, shown: tuple[str, str], zh: str, en: str, *,
          wider: bool) -> Iterator[Difference]:
    """One value that grew or shrank."""
    if new != old:
        yield Difference(dimension, member, WIDER if wider else NARROWER,
                         f"{zh}由{shown[1]}改为{shown[0]}", f"{en} from {shown[1]} to {shown[0]}")


def _purpose(new: Rights, old: Rights, purposes: Purposes) -> Iterator[Difference]:
    yield from _set("purpose", "nodes", new.leaves(purposes), old.leaves(purposes),
                    "目的", "purposes")
    fresh = {node.code for node in new.nodes if node.descend}
    for node in new.nodes:
        covered = any(upper.descend and purposes.is_within(node.code, (upper.code,))
                      for upper in old.nodes)
        if node.descend and not covered:
            yield Difference("purpose", "descend", WIDER, f"目的{node.code}改为含今后新增的下级",
                             f"{node.code} now takes in whatever is added below it")
    dropped = {node.code for node in old.nodes if node.descend} - fresh
    if dropped and new.leaves(purposes) == old.leaves(purposes):
        yield Difference("purpose", "descend", NARROWER, "不再包含今后新增的下级目的",
                         "no longer takes in purposes added later")
    if new.business_ref_required != old.business_ref_required:
        needed = new.business_ref_required
        yield Difference("purpose", "business_ref_required", NARROWER if needed else WIDER,
                         "须填业务编号" if needed else "不再要求业务编号",
                         f"a business reference is {'required' if needed else 'not required'}")


def _scope(new: Rights, old: Rights, words: Vocabulary) -> Iterator[Difference]:
    if new.product != old.product:
        yield Difference("scope", "product", WIDER, f"产品由{old.product}改为{new.product}",
                         f"product from {old.product} to {new.product}")
    for member, sign, zh, en in (("version_from", -1, "起始版本", "first version"),
                                 ("version_to", 1, "截止版本", "last version")):
        now, was = (getattr(side, member) for side in (new, old))
        ahead = version_key(now) > version_key(was)
        yield from _step("scope", member, now, was, (now, was), zh, en,
                         wider=ahead if sign > 0 else not ahead)
    yield from _set("scope", "fields", frozenset(new.treatments), frozenset(old.treatments),
                    "数据项", "fields")
    rank = words.treatment_rank
    for field, treatment in new.fields:
        was = old.treatments.get(field, treatment)
        yield from _step("scope", f"fields.{field}", treatment, was, (treatment, was),
                         f"{field}处理方式", f"treatment of {field}",
                         wider=rank[treatment] < rank[was])
    yield from _rows(new, old)


def _rows(new: Rights, old: Rights) -> Iterator[Difference]:
    now, was = new.rows, old.rows
    yield from _bounded("scope", "regions", now.regions, was.regions, "地区", "regions")
    yield from _bounded("scope", "industries", now.industries, was.industries, "行业", "industries")
    yield from _step("scope", "population", now.population, was.population,
                     (now.population, was.population), "对象范围", "population",
                     wider=was.population != Population.ALL)
    months = (now.lookback_months, was.lookback_months)
    wider = months[0] is None or (months[1] is not None and months[0] > months[1])
    yield from _step("scope", "lookback_months", *months,
                     tuple("不限" if count is None else str(count) for count in months),
                     "回溯月数", "look-back months", wider=wider)
    yield from _set("scope", "subject_kinds", frozenset(now.subject_kinds),
                    frozenset(was.subject_kinds), "主体类型", "subject kinds")


def _method(new: Rights, old: Rights, words: Vocabulary) -> Iterator[Difference]:
    for way in new.ways:
        covering = [item for item in old.ways if _same_way(way, item)]
        if not covering:
            yield Difference("method", "ways", WIDER, f"增加方式：{_shown(way)}",
                             f"adds the way {_shown(way)}")
            continue
        most = max(item.max_batch for item in covering)
        yield from _step("method", "max_batch", way.max_batch, most,
                         (str(way.max_batch), str(most)), f"{way.action}批量上限",
                         f"batch of {way.action}", wider=way.max_batch > most)
    for way in old.ways:
        if not any(_same_way(item, way) for item in new.ways):
            yield Difference("method", "ways", NARROWER, f"减少方式：{_shown(way)}",
                             f"drops the way {_shown(way)}")
        elif way.node == EVERY and not any(item.node == EVERY and _same_way(item, way)
                                           for item in new.ways):
            yield Difference("method", "node", NARROWER, f"{way.action}限定节点",
                             f"{way.action} is confined to named nodes")
    rank = words.form_rank
    yield from _step("method", "output_form", new.output_form, old.output_form,
                     (new.output_form, old.output_form), "输出形态", "output form",
                     wider=rank[new.output_form] > rank[old.output_form])


def _same_way(way, upper) -> bool:
    return ((way.action, way.channel, way.environment)
            == (upper.action, upper.channel, upper.environment)
            and upper.node in (way.node, EVERY))


def _shown(way) -> str:
    return f"{way.action}/{way.channel}/{way.environment}/{way.node}"


def _term(new: Rights, old: Rights) -> Iterator[Difference]:
    for member, zh, en in (("begins", "起始", "begin"), ("ends", "到期", "end")):
        now, was = (getattr(side, member) for side in (new, old))
        later = now > was
        last = timedelta(microseconds=member == "ends")  # a term is told by its last day
        days = tuple(day_of(side - last).isoformat() for side in (now, was))
        shown = days if days[0] != days[1] else (instant(now), instant(was))
        yield from _step("term", member, now, was, shown, zh, en,
                         wider=later if member == "ends" else not later)
    yield from _windows(new, old)
    for member, zh, en in (("retention_days", "留存天数", "retention days"),
                           ("data_life_days", "数据有效天数", "data life days")):
        now, was = (getattr(side, member) for side in (new, old))
        yield from _step("term", member, now, was, (str(now), str(was)), zh, en, wider=now > was)


def _windows(new: Rights, old: Rights) -> Iterator[Difference]:
    if new.window == old.window:
        return
    inside = _minutes(new.window) <= _minutes(old.window)
    shown = ["全天" if side is None else "–".join(side) for side in (new.window, old.window)]
    yield Difference("term", "window", NARROWER if inside else WIDER,
                     f"每日时段由{shown[1]}改为{shown[0]}",
                     f"daily window from {shown[1]} to {shown[0]}".replace("全天", "all day"))


def _minutes(window: tuple[str, str] | None) -> frozenset[int]:
    """The minutes of the day inside the window, which may cross midnight."""
    if window is None:
        return frozenset(range(1440))
    opens, closes = (int(side[:2]) * 60 + int(side[3:]) for side in window)
    span = range(opens, closes) if opens < closes else (*range(opens, 1440), *range(closes))
    return frozenset(span)
