"""Days and amounts as they are written in Chinese tables."""

import re
from decimal import Decimal
from typing import Optional

DAY = re.compile(r"((?:18|19|20)\d\d)[-/.年]?(0?[1-9]|1[0-2])[-/.月]?"
                 r"(0?[1-9]|[12]\d|3[01])日?(?:[ T][0-9:.+Z-]{4,30})?", re.ASCII)
_AMOUNT = re.compile(r"(?:人民币|[¥$])? ?(-?\d{1,3}(?:,\d{3}){1,8}(?:\.\d{1,8})?|"
                     r"-?\d{1,24}(?:\.\d{1,8})?) ?(元|万元|亿元|万|亿)?", re.ASCII)
_TIMES = {"": 1, "元": 1, "万": 10 ** 4, "万元": 10 ** 4, "亿": 10 ** 8, "亿元": 10 ** 8}


def number(value: str) -> Optional[Decimal]:
    """An amount in yuan, or a number; ``None`` for what is neither."""
    found = _AMOUNT.fullmatch(value)
    if not found:
        return None
    return Decimal(found.group(1).replace(",", "")) * _TIMES[found.group(2) or ""]
