"""Partly masked values, kind by kind: what stays is what practice shows, the rest are stars.

A value that has not the shape of its kind is hidden altogether, so that a mistake in a source
shows too little and never too much.
"""

import ipaddress
import re
from typing import Callable, Dict, NamedTuple, Union

from .folding import HIDDEN, compact, fold
from .names import surname
from .numbers import DAY, number
from .places import place

STARS = "****"
_AGE = re.compile(r"1?\d{1,2}", re.ASCII)


class Ends(NamedTuple):
    """The first ``head`` and last ``tail`` signs stay. ``shape`` is the whole compact value."""

    shape: "re.Pattern[str]"
    head: int
    tail: int

    def __call__(self, value: str) -> str:
        text = compact(value)
        hidden = len(text) - self.head - self.tail
        if hidden < 3 or not self.shape.fullmatch(text):
            return HIDDEN
        return text[:self.head] + "*" * hidden + text[len(text) - self.tail:]


class Groups(NamedTuple):
    """The named groups of ``shape`` are written into ``form``; nothing else of the value stays."""

    shape: "re.Pattern[str]"
    form: str

    def __call__(self, value: str) -> str:
        found = self.shape.fullmatch(value.upper())
        return self.form.format(**found.groupdict("")) if found else HIDDEN


def ends(shape: str, head: int, tail: int) -> Ends:
    return Ends(re.compile(shape, re.ASCII), head, tail)


def groups(shape: str, form: str) -> Groups:
    return Groups(re.compile(shape, re.ASCII), form)


def person(value: str) -> str:
    """The surname and one star, whatever the length of the rest."""
    kept = surname(value)
    return kept + "*" if kept else HIDDEN


_ORGANISATION = re.compile(
    "(?:股份有限公司|有限责任公司|有限公司|集团公司|分公司|公司|合作社|事务所|经营部|门市部|服务部|"
    "研究院|研究所|委员会|检察院|法院|政府|商行|银行|支行|分行|中心|学校|医院|协会|工厂|药店|小吃店|商店|店|厂|部|"
    "社|行|局|厅|处|会)$")


def company(value: str) -> str:
    """The province it begins with and the form it ends with."""
    found = _ORGANISATION.search(value) if 4 <= len(value) <= 100 else None
    if not found:
        return HIDDEN
    kept = place(value, "province")
    if found.start() - len(kept) < 2:
        kept = ""
    return kept + STARS + found.group()


def address(value: str) -> str:
    """The address down to its district."""
    kept = place(value, "district")
    return kept + STARS if kept and len(kept) < len(value) else HIDDEN


MAIL = re.compile(r"([A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@"
                  r"((?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,18})")


def mail(value: str) -> str:
    """The first signs of the name, two at most and never more than a third, and the domain."""
    found = MAIL.fullmatch(value)
    if not found:
        return HIDDEN
    name = found.group(1)
    return name[:min(2, len(name) // 3)] + "***@" + found.group(2).lower()


def amount(value: str) -> str:
    """The first digit of a number in whole yuan and how many follow; none of one below ten."""
    found = number(value)
    if found is None:
        return HIDDEN
    sign, digits = "-" if found < 0 else "", str(int(abs(found)))
    return sign + (digits[0] if len(digits) > 1 else "") + "*" * max(1, len(digits) - 1)


def years(value: str) -> str:
    """All but the last digit of an age."""
    age = value[:-1] if value.endswith("岁") else value
    return age[:-1] + "*" if _AGE.fullmatch(age) else HIDDEN


def year(value: str) -> str:
    """The year of a day."""
    found = DAY.fullmatch(value)
    return found.group(1) + "-**-**" if found else HIDDEN


def month(value: str) -> str:
    """A day without its day."""
    found = DAY.fullmatch(value)
    return f"{found.group(1)}-{found.group(2).zfill(2)}-**" if found else HIDDEN


def ipv6(value: str) -> str:
    """The first two groups of an address."""
    try:
        return ipaddress.IPv6Address(value).exploded[:9] + ":*"
    except ValueError:
        return HIDDEN


def text(value: str) -> str:
    """The first and the last sign of a value of six to forty."""
    return value[0] + STARS + value[-1] if 6 <= len(value) <= 40 else HIDDEN


def hidden(_value: str) -> str:
    """Nothing of a value of which a part would say everything."""
    return HIDDEN


_PROVINCES = "(?P<a>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼])"
_Way = Callable[[str], str]
WAYS: Dict[str, Union[Ends, Groups, _Way]] = {
    # Persons
    "resident_id": ends(r"[1-7]\d{16}[\dX]", 3, 4),
    "resident_id_15": ends(r"[1-7]\d{14}", 3, 3),
    "hmt_residence_permit": ends(r"8[123]0000\d{11}[\dX]", 6, 4),
    "foreigner_pr_2017": ends(r"[A-Z]{3}\d{12}", 3, 2),
    "foreigner_pr_2023": ends(r"9\d{16}[\dX]", 3, 4),
    "passport_cn": ends(r"[A-Z0-9]{2}\d{7}|[A-Z]{1,2}\d{7,8}", 2, 3),
    "hk_macau_permit": ends(r"[CW][A-Z0-9]\d{7}", 3, 2),
    "hrp": ends(r"[HM]\d{8}(?:\d{2})?", 3, 2),
    "taiwan_permit": ends(r"\d{8}(?:\d{2})?(?:\([A-Z0-9]\))?", 2, 2),
    "military_id": groups(r"(?P<a>[一-鿿]{1,2})第?(?P<b>\d\d)\d{2,4}(?P<c>\d\d)号?",
                          "{a}第{b}****{c}号"),
    "person_name_zh": person,
    "mobile_cn": groups(r"(?:(?:\+|00)?86|0)?[ -]?(?P<a>1[3-9]\d)[ -]?\d{4}[ -]?(?P<b>\d{4})",
                        "{a}****{b}"),
    "landline_cn": groups(r"(?:\+?86-?)?\(?(?P<a>0(?:10|2\d|[3-9]\d\d)|[48]00)\)?[ -]?\d{3,4}-?"
                          r"\d?(?P<b>\d{3})(?:[-转]\d{1,6})?", "{a}****{b}"),
    "email": mail,
    "wechat_qq": ends(r"[A-Z][A-Z0-9_]{5,19}|[1-9]\d{4,11}", 1, 1),
    "social_card_no": ends(r"[A-Z0-9]\d{8}", 2, 2),
    "housing_fund_account": ends(r"\d{8,20}", 2, 2),
    "birth_date": year,
    "gender_code": hidden, "marital_code": hidden, "ethnic_code": hidden,
    "political_code": hidden, "education_code": hidden, "age": years,
    "icd10": groups(r"(?P<a>[A-Z])\d\d(?:\.[0-9X]{0,4})?", "{a}**"),
    # Money
    "bank_card": ends(r"\d{14,19}", 0, 4),
    "securities_account": ends(r"[A-Z]?\d{9,10}", 1, 2),
    "cnaps": ends(r"\d{12}", 3, 2),
    "rmb_amount": amount, "number": amount,
    # Enterprises
    "uscc": ends(r"[0-9A-Z]{18}", 4, 4),
    "org_code": ends(r"[0-9A-Z]{8}[0-9X]", 2, 2),
    "taxpayer_id": ends(r"[0-9A-Z]{15,20}", 3, 4),
    "biz_reg_15": ends(r"\d{15}", 4, 3),
    "credit_institution_code": ends(r"[0-9A-Z]{16}", 3, 3),
    "lei": ends(r"[0-9A-Z]{20}", 4, 4),
    "account_permit": ends(r"[A-Z]\d{13}", 1, 3),
    "company_name": company, "organisation": company,
    "industry_code": groups(r"(?P<a>[A-T]|\d\d)\d{0,4}", "{a}**"),
    "medical_org_code": ends(r"[HP]\d{11}", 3, 2),
    # Places and things
    "address_zh": address,
    "postcode": ends(r"\d{6}", 2, 0), "region_code": ends(r"[1-8]\d{5}(?:\d{3}){0,2}", 2, 0),
    "lonlat": groups(r"(?P<a>-?\d{1,3})\.\d{1,15} ?[, ] ?(?P<b>-?\d{1,2})\.\d{1,15}",
                     "{a}.**,{b}.**"),
    "realty_cert": groups(_PROVINCES + r" ?\((?P<b>(?:19|20)\d\d)\)[一-鿿]{1,12}不动产"
                          r"(?P<c>权|证明)第\d{5,8}号",
                          "{a}({b})****不动产{c}第****号"),
    "realty_unit": ends(r"\d{12}[A-Z]{2}\d{5}[A-Z]\d{8}", 6, 2),
    "plate": ends(_PROVINCES + r"[A-Z][A-Z0-9]{4,6}[一-鿿]?", 2, 2),
    "vin": ends(r"[A-HJ-NPR-Z0-9]{17}", 4, 4),
    "engine_no": ends(r"[A-Z0-9]{5,20}", 2, 2),
    "imei": ends(r"\d{15}", 4, 2),
    "mac": groups(r"(?P<a>[0-9A-F]{2}[:-][0-9A-F]{2}[:-][0-9A-F]{2})(?:[:-][0-9A-F]{2}){3}",
                  "{a}:**:**:**"),
    "ipv4": groups(r"(?P<a>\d{1,3})\.(?P<b>\d{1,3})\.\d{1,3}\.\d{1,3}", "{a}.{b}.*.*"),
    "ipv6": ipv6,
    # Papers
    "case_no": groups(r"\((?P<a>(?:19|20)\d\d)\)[一-鿿]{1,2}\d{0,4}[一-鿿]{1,6}\d{1,7}"
                      r"号(?:之[一-鿿]{1,3})?", "({a})****号"),
    "invoice_no": ends(r"\d{8,20}", 2, 2),
    "patent_no": ends(r"(?:ZL|CN)?(?:19|20)\d{10}\.?[\dX]", 4, 2),
    "date_cn": month,
    "text": text,
}


def partial(kind: str, value: str) -> str:
    """The value partly masked as values of its kind are; nothing of one that is not of its kind."""
    folded = fold(value)
    return WAYS[kind](folded) if folded else ""
