"""Random tables of many distinct values, of which later rows may be of another kind than the first.

    python -m tests.engines.classification.random_tables 3000 --seed 1

prints the tables that are graded lower once rows, or a column, are added.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random  # noqa: TID251 - seeded, so that a failing case can be shown again

from app.domain.classification.checksums import luhn, mod_11_2, mod_31
from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, TableVerdict, classify
from app.engines.classification.rules import identifiers

TABLES = ("", *(
    "某表 人员信息 企业登记信息 公示名单 缴费信息 用水信息 贷款信息 信访件信息 热线工单 "
    "幼儿园在园幼儿 学生信息 高校学生 高校名录 行政处罚公示 个体户信息 社会保险缴费明细 "
    "不动产登记信息 退役军人信息 年度报告 出租汽车 企业名录 从业人员").split())
PEOPLE = (
    "姓名 身份证号 手机号码 出生日期 性别 民族 学历 职业 工作单位 家庭住址 婚姻状况 "
    "学籍号 年级 监护人姓名 银行卡号 参保人姓名 缴费基数 残疾等级 贷款金额 诊断").split()
ENTERPRISES = (
    "企业名称 统一社会信用代码 法定代表人 法定代表人身份证号 注册资本 经营范围 成立日期 "
    "企业类型 联系人 联系电话 电话 企业电话 企业地址 纳税人识别号 应纳税额 用水量 信用等级 "
    "处罚决定书文号 许可证号 股东名称 网址 项目名称").split()
RECORDS = (
    "备注 状态 类型 行政区划 登记日期 更新时间 主键 登记机关 经办人 附件 查询码 证件类型 "
    "证件号码 名称 编号 金额 标题 事由 代码 地址 zzq").split()
TITLES = (*PEOPLE, *ENTERPRISES, *RECORDS)
PLACES = ("110105", "310104", "440106", "320102", "330106")
COUNTS = (1, 1, 2, 2, 3, 3, 4, 5, 8, 12, 20, 60)


def _checked(holds: Callable[[str], bool], body: str, tail: str) -> str:
    return next((body + last for last in tail if holds(body + last)), body + "0")


def _digits(chance: Random, count: int) -> str:
    return f"{chance.randrange(10 ** count):0{count}}"


def _day(chance: Random, first: int = 1955, last: int = 2016) -> tuple[str, str, str]:
    return (str(chance.randint(first, last)), f"{chance.randint(1, 12):02}",
            f"{chance.randint(1, 28):02}")


def _resident_id(chance: Random) -> str:
    body = chance.choice(PLACES) + "".join(_day(chance)) + _digits(chance, 3)
    return _checked(mod_11_2, body, "0123456789X")


def _name(chance: Random) -> str:
    return chance.choice("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗") + "".join(
        chance.choice("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玲国兰")
        for _ in range(chance.choice((1, 2, 2))))


def _firm(chance: Random) -> str:
    own = "".join(chance.choice("大华永昌盛泰恒源瑞丰鑫博宏达嘉禾") for _ in range(2))
    trade = chance.choice(("服装", "贸易", "科技", "餐饮", "建材", "物流", "装饰", "机械"))
    return chance.choice(("", "南京", "杭州", "青岛市")) + own + trade + chance.choice(
        ("有限公司", "有限责任公司", "股份有限公司", "商行", "店", "经营部"))


def _mobile(chance: Random) -> str:
    return chance.choice(("138", "139", "150", "186", "177")) + _digits(chance, 8)


def _landline(chance: Random) -> str:
    return f"{chance.choice(('025', '0571', '021'))}-{chance.choice('5678')}{_digits(chance, 7)}"


def _text(chance: Random) -> str:
    return chance.choice(("已核实", "材料齐全", "转办", "同意", "补正", "退回")) + chance.choice(
        ("，见附件", "，无异议", "后归档", "待复查", "，请处理")) + str(chance.randrange(400))


def _lone(chance: Random) -> str:
    return f"{chance.choice('ABKXZ')}{_digits(chance, 6)}"


def _address(chance: Random) -> str:
    return (f"{chance.choice(('南京市玄武区', '杭州市西湖区', '青岛市市南区'))}"
            f"{chance.choice(('中山', '解放', '人民', '文化'))}路{chance.randint(1, 400)}号"
            f"{chance.randint(1, 30)}幢{chance.randint(101, 2900)}室")


POOLS: Mapping[str, Callable[[Random], str | None]] = {
    "ids": _resident_id,
    "mobiles": _mobile,
    "names": _name,
    "firms": _firm,
    "cards": lambda chance: _checked(luhn, "622202" + _digits(chance, 12), "0123456789"),
    "emails": lambda chance: f"u{_digits(chance, 5)}@example.com",
    "landlines": _landline,
    "texts": _text,
    "texts with mobiles": lambda chance: f"{_text(chance)}，联系{_mobile(chance)}",
    "texts with ids": lambda chance: f"身份证{_resident_id(chance)}，{_text(chance)}",
    "texts with names": lambda chance: f"{_name(chance)}{_text(chance)}",
    "codes of firms": lambda chance: _checked(
        mod_31, f"9{chance.choice('1112')}{chance.choice(PLACES)}{_digits(chance, 9)}",
        "0123456789ABCDEFGHJKLMNPQRTUWXY"),
    "codes": _lone,
    "short numbers": lambda chance: _digits(chance, 6),
    "amounts": lambda chance: f"{chance.randrange(10 ** 6)}.{_digits(chance, 2)}",
    "days": lambda chance: "-".join(_day(chance, 1950, 2025)),
    "addresses": _address,
    "words": lambda chance: chance.choice(("正常", "注销", "男", "女", "汉族", "本科", "甲")),
    "nothing": lambda chance: chance.choice((None, "-", "无", "")),
}


@dataclass(frozen=True)
class Grown:
    """A table, and what is added to it.

    Args:
        rows, more: rows it has, and rows that are added behind them.
        place, column: where a column is put in, and its title.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    more: tuple[tuple[str | None, ...], ...]
    place: int
    column: tuple[str, tuple[str | None, ...]]


def drawn(chance: Random, most: int = 200) -> Grown:
    """A table whose columns hold values of one kind first, and of the same or another later."""
    columns = tuple(chance.sample(TITLES, chance.randint(1, 4)))
    kinds = [(chance.choice([*POOLS]), chance.choice([*POOLS])) for _ in columns]
    few, many = chance.choice(COUNTS), chance.randint(min(60, most), most)
    rows = tuple(tuple(POOLS[first](chance) for first, _ in kinds) for _ in range(few))
    more = tuple(tuple(POOLS[later](chance) for _, later in kinds) for _ in range(many))
    added = POOLS[chance.choice([*POOLS])]
    title = chance.choice([each for each in TITLES if each not in columns])
    return Grown(chance.choice(TABLES), columns, rows, more, chance.randint(0, len(columns)),
                 (title, tuple(added(chance) for _ in range(few))))


def graded(title: str, columns: Mapping[str, str], rows: list) -> TableVerdict:
    """The verdict on a table; columns by code name."""
    spec = TableSpec("t", title, "市某局", tuple(
        ColumnSpec(name, told) for name, told in columns.items()))
    values = {name: [row[at] for row in rows] for at, name in enumerate(columns)}
    [found] = classify([TableSample(spec, values, len(rows))], Sight.ALL)
    return found


def fallen(before: TableVerdict, after: TableVerdict) -> list[tuple]:
    """What is lower or less personal after than before, with what it was and is."""
    titles = {column.name: column.title for column in before.spec.columns}
    pairs = [(titles[name], one, after.columns[name]) for name, one in before.columns.items()]
    return [(title, one.level, now.level, one.personal, now.personal, one.element, now.element)
            for title, one, now in pairs
            if now.level < one.level or now.personal < one.personal] + [
                ("the whole", before.whole.level, after.whole.level)
            ] * (after.whole.level < before.whole.level)


def chance(before: TableVerdict, after: TableVerdict) -> bool:
    """Whether what stood for an identifier turns out, by the rows added, to be chance or a counter.

    Many values came that are written like the identifier and are none, or the numbers rise from row
    to row.
    """
    for name, first in before.profiles.items():
        last = after.profiles[name]
        if last.rising > first.rising:
            return True
        for one, hit in first.hits.items():
            share = max(0.5, min(0.9, 1.5 * identifiers()[one].floor))
            now = last.hits[one]
            if hit.passed >= share * hit.shaped and now.passed < share * now.shaped:
                return True
    return False


def falls(grown: Grown) -> dict[str, list[tuple]]:
    """What falls when the rows are added, and when the column is; chance stands apart."""
    names = {f"c{at}": each for at, each in enumerate(grown.columns)}
    before = graded(grown.title, names, grown.rows)
    behind = graded(grown.title, names, grown.rows + grown.more)
    title, values = grown.column
    at = grown.place
    wider = dict([*[*names.items()][:at], ("x", title), *[*names.items()][at:]])
    beside = graded(grown.title, wider, [(*row[:at], one, *row[at:])
                                         for row, one in zip(grown.rows, values, strict=True)])
    told = fallen(before, behind)
    key = "chance" if told and chance(before, behind) else "rows"
    return {key: told, "column": fallen(before, beside)}


def main() -> None:
    """Prints what falls among so many tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", type=int)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = {"rows": 0, "column": 0, "chance": 0}
    for number in range(asked.tables):
        grown = drawn(Random(asked.seed * 1_000_003 + number))
        for added, told in falls(grown).items():
            if told:
                found[added] += 1
                print(number, added, repr(grown.title), grown.columns, told,
                      len(grown.rows), [row[:2] for row in grown.rows[:1]], grown.more[0],
                      grown.column[0] if added == "column" else "", flush=True)
    print(found)


if __name__ == "__main__":
    main()
