"""The four dimensions of a grant as sentences a person can read aloud, in Chinese and English.

`用于首次授信审批；仅限本行客户；单笔接口查询；至2027年6月30日`

Four clauses in fixed order, every restriction in its place, so that two different grants never
read alike. A member this page cannot word is refused: a sentence must not hide a restriction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.canonical import parse_instant
from app.domain.numerals import english_date, plain_date
from app.domain.regions import REGIONS
from app.domain.workdays import ZONE

Titles = Mapping[str, Mapping[str, str]]

ACTIONS = {
    "VERIFY": ("{c}核验", "yes/no verification {c}"),
    "QUERY_ONE": ("单笔{c}查询", "single queries {c}"),
    "QUERY_BATCH": ("批量{c}查询", "batch queries {c}"),
    "MONITOR": ("{c}订阅监测", "subscription monitoring {c}"),
    "REPORT_VIEW": ("{c}报告查看", "viewing of reports {c}"),
    "REPORT_EXPORT": ("{c}报告导出", "export of reports {c}"),
    "MODEL_TRAIN": ("{c}联合训练", "joint training {c}"),
    "MODEL_INFER": ("{c}联合推理", "joint inference {c}"),
    "AGG_STATS": ("{c}汇总统计", "aggregate statistics {c}"),
}
CHANNELS = {
    "API": ("接口", "by interface"),
    "SAAS": ("平台", "on the platform"),
    "JOINT_NODE": ("节点", "inside a joint node"),
}
POPULATIONS = {
    "OWN_CUSTOMERS": ("本行客户", "own customers"),
    "LISTED": ("名单内主体", "listed subjects"),
    "ALL": ("全量主体", "all subjects"),
}
SUBJECT_KINDS = {
    "ENTERPRISE": ("企业", "enterprises"),
    "SOLE_TRADER": ("个体工商户", "sole traders"),
    "OFFICER_DUTY": ("董监高履职信息", "officers in their duties"),
    "PERSON": ("自然人", "natural persons"),
}
OUTPUT_FORMS = {
    "VERIFY": ("布尔核验", "yes/no answers"),
    "SCORE": ("评分", "scores"),
    "AGGREGATE": ("汇总", "aggregates"),
    "DERIVED": ("加工指标", "derived indicators"),
    "MASKED_RECORD": ("脱敏明细", "masked records"),
}
TREATMENTS = {
    "CLEAR": ("明文", "clear"),
    "PARTIAL": ("部分遮盖", "partly masked"),
    "GENERALIZE": ("泛化", "generalized"),
    "TOKENIZE": ("假名化", "tokenized"),
    "BOOLEAN": ("是否化", "yes/no"),
    "REDACT": ("全遮盖", "redacted"),
    "DROP": ("不返回", "not returned"),
}
MEMBERS = {
    "purpose": {"nodes", "business_ref_required"},
    "scope": {"product", "version_from", "version_to", "fields", "rows"},
    "scope.rows": {"regions", "industries", "population", "lookback_months", "subject_kinds"},
    "method": {"ways", "output_form"},
    "term": {"from", "to", "window", "retention_days", "data_life_days"},
}


def sentence(dimensions: Mapping[str, Mapping], titles: Titles, language: str = "zh") -> str:
    """All four clauses in one line."""
    return ("；" if language == "zh" else "; ").join(clauses(dimensions, titles, language).values())


def clauses(dimensions: Mapping[str, Mapping], titles: Titles,
            language: str = "zh") -> dict[str, str]:
    """One clause for each dimension, in the order purpose, scope, method, term.

    `titles` gives purposes, products, fields, regions and industries their `zh` and `en`; provinces
    are known without, any other code without a title is shown as it is. Raises ValueError for a
    dimension, member or closed code that has no words.
    """
    if set(dimensions) != {"purpose", "scope", "method", "term"}:
        raise ValueError("the four dimensions are purpose, scope, method and term")
    parts = {**dimensions, "scope.rows": dimensions["scope"].get("rows", {})}
    for name, members in MEMBERS.items():
        unknown = set(parts[name]) - members
        if unknown:
            raise ValueError(f"`{name}` has no words for `{min(unknown)}`")
    words = _Words(titles, language)
    return {
        "purpose": _purpose(dimensions["purpose"], words),
        "scope": _scope(dimensions["scope"], words),
        "method": _method(dimensions["method"], words),
        "term": _term(dimensions["term"], words),
    }


class _Words:
    """One language at a time: titles looked up, closed codes worded, lists joined."""

    def __init__(self, titles: Titles, language: str):
        if language not in ("zh", "en"):
            raise ValueError("sentences are written in `zh` and `en`")
        self.titles, self.zh = titles, language == "zh"

    def pick(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def title(self, code: str) -> str:
        both = self.titles.get(code)
        if both:
            return both["zh" if self.zh else "en"]
        return self.pick(*REGIONS[code]) if code in REGIONS else code

    def closed(self, table: Mapping[str, tuple[str, str]], code: str) -> str:
        if code not in table:
            raise ValueError(f"`{code}` has no words")
        return self.pick(*table[code])

    def listed(self, items: Sequence[str]) -> str:
        return self.pick("、", ", ").join(items)

    def joined(self, parts: Sequence[str]) -> str:
        return self.pick("，", ", ").join(part for part in parts if part)

    def day(self, at: datetime) -> str:
        """The day in Shanghai, with the hour when the instant is not a midnight."""
        local = at.astimezone(ZONE)
        said = plain_date(local.date()) if self.zh else english_date(local.date())
        hour = local.strftime("%H:%M")
        return said if hour == "00:00" else f"{said} {hour}"

    def last_day(self, end: datetime) -> str:
        """The last day of a half-open period, or its very end when that is not a midnight."""
        midnight = end.astimezone(ZONE).strftime("%H:%M") == "00:00"
        return self.day(end - timedelta(days=1) if midnight else end)


def _purpose(purpose: Mapping, words: _Words) -> str:
    named = []
    for line in purpose["nodes"]:
        title = words.title(line["code"])
        if line.get("descend"):
            title = words.pick(f"{title}项下全部目的", f"every purpose under {title}")
            spared = words.listed([words.title(code) for code in line.get("except", ())])
            title += words.pick(f"（{spared}除外）", f" (except {spared})") if spared else ""
        named.append(title)
    if not named:
        raise ValueError("a grant without a purpose has no sentence")
    said = words.pick("用于", "For ") + words.listed(named)
    if purpose.get("business_ref_required"):
        said = words.joined([said, words.pick("须填业务编号", "with a business reference")])
    return said


def _scope(scope: Mapping, words: _Words) -> str:
    rows = scope.get("rows", {})
    parts = [_product(scope, words), _fields(scope.get("fields", ()), words)]
    if rows.get("population"):
        parts.append(words.closed(POPULATIONS, rows["population"]))
    if rows.get("subject_kinds"):
        kinds = words.listed([words.closed(SUBJECT_KINDS, kind) for kind in rows["subject_kinds"]])
        parts.append(words.pick(f"主体为{kinds}", f"subjects: {kinds}"))
    for member, zh, en in (("regions", "地区", "regions"), ("industries", "行业", "industries")):
        if rows.get(member):
            named = words.listed([words.title(code) for code in rows[member]])
            parts.append(words.pick(f"{zh}为{named}", f"{en}: {named}"))
    if rows.get("lookback_months"):
        months = rows["lookback_months"]
        parts.append(words.pick(f"近{months}个月的数据", f"records of the last {months} months"))
    said = words.joined(parts)
    if not said:
        raise ValueError("a grant without a scope has no sentence")
    return words.pick("仅限", "only ") + said


def _product(scope: Mapping, words: _Words) -> str:
    if not scope.get("product"):
        return ""
    title = words.title(scope["product"])
    first, last = scope.get("version_from"), scope.get("version_to")
    if first and last and first != last:
        return title + words.pick(f"（{first}至{last}版）", f" (versions {first} to {last})")
    if first and last:
        return title + words.pick(f"（{first}版）", f" (version {first})")
    if first:
        return title + words.pick(f"（{first}及以后各版）", f" (version {first} and later)")
    if last:
        return title + words.pick(f"（{last}及以前各版）", f" (up to version {last})")
    return title


def _fields(fields: Sequence[Mapping[str, str]], words: _Words) -> str:
    named = [_field(line["field"], line.get("treatment", "CLEAR"), words) for line in fields]
    count = len(named)
    if not count:
        return ""
    noun = "field" if count == 1 else "fields"
    return words.pick(f"{count}项数据：{words.listed(named)}",
                      f"{count} {noun}: {words.listed(named)}")


def _field(name: str, treatment: str, words: _Words) -> str:
    title = words.pick("全部字段", "all fields") if name == "*" else words.title(name)
    if treatment == "CLEAR":
        return title
    how = words.closed(TREATMENTS, treatment)
    return title + words.pick(f"（{how}）", f" ({how})")


def _method(method: Mapping, words: _Words) -> str:
    ways = [_way(line, words) for line in method["ways"]]
    if not ways:
        raise ValueError("a grant without a method has no sentence")
    said = words.listed(ways)
    if method.get("output_form"):
        form = words.closed(OUTPUT_FORMS, method["output_form"])
        said = words.joined([said, words.pick(f"输出至多为{form}", f"output up to {form}")])
    return said


def _way(line: Mapping, words: _Words) -> str:
    channel = words.closed(CHANNELS, line["channel"])
    said = words.closed(ACTIONS, line["action"]).format(c=channel)
    bounds = []
    if line.get("node") not in (None, "", "-"):
        bounds.append(words.pick("任一已登记节点", "any registered node") if line["node"] == "*"
                      else words.pick(f"节点{line['node']}", f"node {line['node']}"))
    if line.get("max_batch") not in (None, 1):
        count = line["max_batch"]
        bounds.append(words.pick(f"每批至多{count}条", f"at most {count} a batch"))
    if line.get("environment", "PROD") == "SANDBOX":
        bounds.append(words.pick("沙箱环境", "sandbox"))
    inside = words.joined(bounds)
    return said + (words.pick(f"（{inside}）", f" ({inside})") if inside else "")


def _term(term: Mapping, words: _Words) -> str:
    last = words.last_day(parse_instant(term["to"]))
    if term.get("from"):
        first = words.day(parse_instant(term["from"]))
        said = words.pick(f"自{first}至{last}", f"from {first} to {last}")
    else:
        said = words.pick(f"至{last}", f"until {last}")
    parts = [said]
    if term.get("window"):
        opens, closes = term["window"]["from"], term["window"]["to"]
        parts.append(words.pick(f"每日{opens}至{closes}", f"daily {opens} to {closes}"))
    if term.get("retention_days") is not None:
        days = term["retention_days"]
        parts.append(words.pick(f"留存{days}天", f"kept for {days} days"))
    if term.get("data_life_days") is not None:
        days = term["data_life_days"]
        parts.append(words.pick(f"单次数据有效{days}天", f"each answer good for {days} days"))
    return words.joined(parts)
