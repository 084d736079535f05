"""Columns of Chinese values, easy and hard, drawn anew from a seed: what a scan is measured on.

Every value is invented. The generator knows shapes and check digits only, none of the rules that
are measured on it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.demo.dice import Dice
from app.demo.names import GIVEN, SURNAMES

REGIONS = ("110108", "320105", "440305", "310115", "510107", "330106", "420106", "610113")
PLACES = ("北京市海淀区", "江苏省南京市建邺区", "广东省深圳市南山区", "上海市浦东新区", "四川省成都市武侯区")
ROADS = ("学府路", "解放大道", "中山北路", "长江路", "滨水街", "工业园二路")
TRADES = ("科技", "商贸", "建筑工程", "餐饮管理", "信息技术", "物流")
CITIES = ("王府井", "张家口", "李沧", "周口", "马鞍山", "石家庄", "黄石", "高邮", "江阴", "何家湾")
REMARKS = ("已办结，请归档", "材料齐全", "需补充盖章件", "按季度复核", "转相关科室处理", "无异议")
MINORITY = ("买买提", "艾力", "阿依古丽", "吐尔逊", "古丽娜尔", "阿不都拉", "努尔兰", "哈斯木", "热娜", "帕提古丽")
CAPITALS = "零壹贰叁肆伍陆柒捌玖"


@dataclass(frozen=True)
class Labelled:
    """One column with what it is: an identifier or ``None``, and whether its text names people."""

    name: str
    values: tuple[str, ...]
    identifier: str | None
    contaminated: bool = False


def easy(seed: str, rows: int = 2000) -> tuple[Labelled, ...]:
    """Twenty columns of clean values; eight of them only look like something."""
    make = _Maker(seed)
    return make.columns(rows, [
        ("name", make.person, "person_name_zh"), ("id", make.resident_id, "resident_id"),
        ("mobile", make.mobile, "mobile_cn"), ("phone", make.landline, "landline_cn"),
        ("mail", make.mail, "email"), ("card", make.card, "bank_card"),
        ("uscc", make.uscc, "uscc"), ("address", make.address, "address_zh"),
        ("company", make.company, "company_name"), ("plate", make.plate, "plate"),
        ("ip", make.ip, "ipv4"), ("remark_with_id", lambda: f"联系{make.person()}，证件"
                                  f"{make.resident_id()}，请回复", None),
        ("rising", make.rising, None), ("id_like", make.id_like, None),
        ("order", make.order, None), ("place_word", make.place_word, None),
        ("amount", make.amount, "rmb_amount"), ("date", make.date, "date_cn"),
        ("region", lambda: make.dice.pick(REGIONS), "region_code"),
        ("remark", lambda: make.dice.pick(REMARKS), None)], {"remark_with_id"})


def hard(seed: str, rows: int = 500) -> tuple[Labelled, ...]:
    """Twenty columns as they come from old systems."""
    make = _Maker(seed)

    def wide(text: str) -> str:
        return "".join(chr(ord(c) + 0xFEE0) for c in text)

    def seldom(value: Callable[[], str]) -> Callable[[], str]:
        return lambda: value() if make.dice.chance(10) else make.dice.pick(REMARKS)

    return make.columns(rows, [
        ("wide_id", lambda: wide(make.resident_id()), "resident_id"),
        ("spaced_id", lambda: _spaced(make.resident_id(), (6, 8, 4)), "resident_id"),
        ("spaced_card", lambda: _spaced(make.card(), (4, 4, 4, 7)), "bank_card"),
        ("dashed_mobile", lambda: "-".join(_cut(make.mobile(), (3, 4, 4))), "mobile_cn"),
        ("seldom_id", seldom(lambda: f"补录{make.resident_id()}"), None),
        ("minority", lambda: f"{make.dice.pick(MINORITY)}·{make.dice.pick(MINORITY)}", "person_name_zh"),
        ("joint", lambda: f"{make.person()}、{make.person()}", "person_name_zh"),
        ("city", make.place_word, None),
        ("json", lambda: f'{{"name":"{make.person()}","tel":"{make.mobile()}"}}', None),
        ("imei_like", lambda: make.digits(15), None),
        ("foreigner", make.foreigner, "foreigner_pr_2023"),
        ("lower_uscc", lambda: make.uscc().lower(), "uscc"),
        ("stamp", lambda: make.date().replace("-", "") + make.clock(), "date_cn"),
        ("epoch", lambda: str(1_600_000_000 + make.dice.below(10 ** 8)), None),
        ("epoch_ms", lambda: str(1_600_000_000_000 + make.dice.below(10 ** 11)), None),
        ("hash", lambda: f"{make.dice.below(2 ** 62):016x}{make.dice.below(2 ** 62):016x}", None),
        ("mixed", lambda: make.mobile() if make.dice.chance(60) else make.landline(), "mobile_cn"),
        ("capitals", make.capitals, "rmb_amount"),
        ("title", lambda: f"{make.dice.pick(SURNAMES)}{make.dice.pick(('总', '主任', '科长'))}", None),
        ("hidden_mobile", lambda: f"电话{make.mobile()[:3]}****{make.digits(4)}", None),
    ], {"seldom_id", "json"})


def _cut(text: str, sizes: tuple[int, ...]) -> list[str]:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at:at + size])
        at += size
    return [part for part in parts if part]


def _spaced(text: str, sizes: tuple[int, ...]) -> str:
    return " ".join(_cut(text, sizes))


class _Maker:
    """Draws values of one seed."""

    def __init__(self, seed: str):
        self.dice, self.count = Dice(seed), 13_800_000_000

    def columns(self, rows: int, made: list[tuple[str, Callable[[], str], str | None]],
                contaminated: set[str]) -> tuple[Labelled, ...]:
        return tuple(Labelled(name, tuple(value() for _ in range(rows)), identifier,
                              name in contaminated) for name, value, identifier in made)

    def digits(self, count: int) -> str:
        return f"{self.dice.below(10 ** count):0{count}d}"

    def person(self) -> str:
        return self.dice.pick(SURNAMES) + self.dice.pick(GIVEN)

    def date(self) -> str:
        return (f"{1955 + self.dice.below(65)}-{1 + self.dice.below(12):02}-"
                f"{1 + self.dice.below(28):02}")

    def clock(self) -> str:
        return f"{self.dice.below(24):02}{self.dice.below(60):02}{self.dice.below(60):02}"

    def _person_number(self, region: str) -> str:
        body = region + self.date().replace("-", "") + self.digits(3)
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(int(c) * w for c, w in zip(body, weights, strict=True))
        return body + "10X98765432"[total % 11]

    def resident_id(self) -> str:
        return self._person_number(self.dice.pick(REGIONS))

    def foreigner(self) -> str:
        return self._person_number("9" + self.dice.pick(REGIONS)[:2] + "156")

    def id_like(self) -> str:
        """An identity number whose last character is wrong."""
        right = self.resident_id()
        return right[:-1] + ("1" if right[-1] != "1" else "2")

    def mobile(self) -> str:
        return self.dice.pick(("138", "139", "150", "186", "199", "177")) + self.digits(8)

    def landline(self) -> str:
        return f"{self.dice.pick(('010', '025', '0755', '021'))}-{2 + self.dice.below(7)}" \
            + self.digits(7)

    def mail(self) -> str:
        return f"u{self.digits(6)}@example.{self.dice.pick(('com', 'cn', 'org'))}"

    def card(self) -> str:
        body = self.dice.pick(("622202", "621700", "622848")) + self.digits(12)
        total = sum(sum(divmod(int(c) * (2 - at % 2), 10)) for at, c in enumerate(reversed(body)))
        return body + str(-total % 10)

    def order(self) -> str:
        """Begins like a card of a bank; one in ten would pass, these do not."""
        card = "62" + self.digits(16)
        total = sum(sum(divmod(int(c) * (2 - at % 2), 10)) for at, c in enumerate(reversed(card)))
        return card + str((1 - total) % 10)

    def uscc(self) -> str:
        signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        body = "91" + self.dice.pick(REGIONS) + self._organisation()
        total = sum(signs.index(c) * 3 ** at % 31 for at, c in enumerate(body))
        return body + signs[-total % 31]

    def _organisation(self) -> str:
        body = "MA" + self.digits(6)
        signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        total = sum(signs.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
        return body + "0X987654321"[total % 11] if total % 11 != 1 else body + "X"

    def address(self) -> str:
        return (f"{self.dice.pick(PLACES)}{self.dice.pick(ROADS)}{1 + self.dice.below(500)}号"
                f"{1 + self.dice.below(30)}幢{self.digits(4)}室")

    def company(self) -> str:
        return (f"{self.dice.pick(PLACES)[:2]}{self.dice.pick(GIVEN)}{self.dice.pick(GIVEN)}"
                f"{self.dice.pick(TRADES)}有限公司")

    def plate(self) -> str:
        return f"{self.dice.pick('京苏粤沪川')}{self.dice.pick('ABCDE')}" \
            f"{self.dice.pick('FGHJKL')}{self.digits(4)}"

    def ip(self) -> str:
        return ".".join(str(1 + self.dice.below(250)) for _ in range(4))

    def rising(self) -> str:
        self.count += 1 + self.dice.below(3)
        return str(self.count)

    def place_word(self) -> str:
        return self.dice.pick(CITIES)

    def amount(self) -> str:
        return f"{self.dice.below(10 ** 7) / 100:.2f}"

    def capitals(self) -> str:
        return f"{self.dice.pick(CAPITALS[1:])}万{self.dice.pick(CAPITALS[1:])}仟元整"
