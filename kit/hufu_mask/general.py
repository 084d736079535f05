"""Values in coarser steps: a year for a day, a band for an amount, a city for an address.

Each kind has its steps. The first is used where none is asked for and says no more than the partly
masked value does, because decisions hold GENERALIZE to be the stricter of the two. A kind without
steps and a value that has not its shape are hidden altogether.
"""

import ipaddress
import re
from decimal import ROUND_DOWN, Decimal
from typing import Callable, Dict, Mapping

from .folding import HIDDEN, compact, fold
from .numbers import DAY, number
from .partial import MAIL
from .places import place
from .refused import CannotMask

_PAIR = re.compile(r"(-?\d{1,3}\.\d{1,15}) ?[, ] ?(-?\d{1,2}\.\d{1,15})", re.ASCII)
_Way = Callable[[str], str]


def year(value: str) -> str:
    found = DAY.fullmatch(value)
    return found.group(1) if found else HIDDEN


def month(value: str) -> str:
    found = DAY.fullmatch(value)
    return f"{found.group(1)}-{found.group(2).zfill(2)}" if found else HIDDEN


def decade(value: str) -> str:
    found = DAY.fullmatch(value)
    return found.group(1)[:3] + "0-" + found.group(1)[:3] + "9" if found else HIDDEN


def band(value: str, steps: tuple = (1, 2, 5, 10)) -> str:
    """The band of 1, 2, 5, 10, 20, 50 ... a number lies in; `[10000,20000)` holds 10000."""
    found = number(value)
    if found is None:
        return HIDDEN
    size = abs(found)
    if size < 10:
        return "[0,10)" if found >= 0 else "(-10,0)"
    unit = 10 ** size.adjusted()
    low = max(step for step in steps if step * unit <= size)
    high = min(step for step in steps if step > low)
    if found < 0:
        return f"(-{high * unit},-{low * unit}]"
    return f"[{low * unit},{high * unit})"


def magnitude(value: str) -> str:
    return band(value, (1, 10))


def ages(width: int) -> _Way:
    """Bands of so many years; from ninety on there is one."""
    def way(value: str) -> str:
        if not re.fullmatch(r"\d{1,3}岁?", value, re.ASCII) or int(value.rstrip("岁")) > 150:
            return HIDDEN
        low = int(value.rstrip("岁")) // width * width
        return "90+" if low >= 90 else f"{low}-{low + width - 1}"
    return way


def first(shape: str, size: int, start: int = 0) -> _Way:
    """So many signs of a value of the shape."""
    pattern = re.compile(shape, re.ASCII)

    def way(value: str) -> str:
        text = compact(value)
        return text[start:start + size] if pattern.fullmatch(text) else HIDDEN
    return way


def part(shape: str) -> _Way:
    """The one group of the shape."""
    pattern = re.compile(shape, re.ASCII)

    def way(value: str) -> str:
        found = pattern.fullmatch(value.upper())
        return found.group(1) if found else HIDDEN
    return way


def domain(value: str) -> str:
    """The domain of an e-mail address."""
    found = MAIL.fullmatch(value)
    return found.group(2).lower() if found else HIDDEN


def located(level: str) -> _Way:
    def way(value: str) -> str:
        kept = place(value, level)
        return kept if kept and len(kept) < len(value) else HIDDEN
    return way


def cut(places: int) -> _Way:
    """Longitude and latitude cut off after so many decimals: one is about ten kilometres."""
    unit = Decimal(1).scaleb(-places)

    def way(value: str) -> str:
        found = _PAIR.fullmatch(value)
        if not found:
            return HIDDEN
        return ",".join(str(Decimal(one).quantize(unit, ROUND_DOWN)) for one in found.groups())
    return way


def network(bits: int, version: int) -> _Way:
    def way(value: str) -> str:
        try:
            found = ipaddress.ip_network(f"{value}/{bits}", strict=False)
        except ValueError:
            return HIDDEN
        return str(found) if found.version == version else HIDDEN
    return way


_RESIDENT = r"[1-7]\d{16}[\dX]"
_REGION = r"[1-8]\d{5}(?:\d{3}){0,2}"
_USCC = r"[0-9A-Z]{2}\d{6}[0-9A-Z]{10}"
_SIX = r"\d{6}"
STEPS: Dict[str, Mapping[str, _Way]] = {
    "birth_date": {"year": year, "decade": decade, "month": month},
    "date_cn": {"month": month, "year": year, "decade": decade},
    "age": {"10": ages(10), "5": ages(5)},
    "rmb_amount": {"band": band, "magnitude": magnitude},
    "number": {"band": band, "magnitude": magnitude},
    "address_zh": {"city": located("city"), "district": located("district"),
                   "province": located("province")},
    "region_code": {"province": first(_REGION, 2), "city": first(_REGION, 4)},
    "postcode": {"province": first(_SIX, 2), "city": first(_SIX, 3)},
    "resident_id": {"province": first(_RESIDENT, 2), "city": first(_RESIDENT, 4),
                    "birth_year": first(_RESIDENT, 4, 6)},
    "uscc": {"province": first(_USCC, 2, 2), "city": first(_USCC, 4, 2)},
    "mobile_cn": {"range": part(r"(?:(?:\+|00)?86|0)?[ -]?(1[3-9]\d)[ -]?\d{4}[ -]?\d{4}")},
    "landline_cn": {"area": part(r"(?:\+?86-?)?\(?(0(?:10|2\d|[3-9]\d\d))\)?[ -]?\d{7,8}")},
    "email": {"domain": domain},
    "icd10": {"chapter": part(r"([A-Z])\d\d(?:\.[0-9X]{0,4})?"),
              "category": part(r"([A-Z]\d\d)(?:\.[0-9X]{0,4})?")},
    "industry_code": {"section": part(r"([A-T])\d{0,4}"),
                      "division": part(r"([A-T]\d\d|\d\d)\d{0,2}")},
    "case_no": {"year": part(r"\(((?:19|20)\d\d)\).{4,24}号(?:之.{1,3})?")},
    "plate": {"city": part(r"([一-鿿][A-Z])[A-Z0-9]{4,6}[一-鿿]?"),
              "province": part(r"([一-鿿])[A-Z][A-Z0-9]{4,6}[一-鿿]?")},
    "lonlat": {"100km": cut(0), "10km": cut(1)},
    "ipv4": {"16": network(16, 4), "24": network(24, 4)},
    "ipv6": {"32": network(32, 6), "48": network(48, 6)},
    "mac": {"maker": part(r"((?:[0-9A-F]{2}[:-]){2}[0-9A-F]{2})(?:[:-][0-9A-F]{2}){3}")},
}


def generalized(kind: str, value: str, step: str) -> str:
    """The value in the step asked for, or in the kind's first one.

    Raises:
        CannotMask: the kind has no such step.
    """
    steps = STEPS.get(kind, {})
    if step and step not in steps:
        raise CannotMask("`{}` has no step of this name; it has {}".format(
            kind, ", ".join(steps) or "none"))
    folded = fold(value)
    if not folded:
        return ""
    return (steps[step] if step else next(iter(steps.values())))(folded) if steps else HIDDEN
