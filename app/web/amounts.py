"""Amounts as people type them: yuan on a page, whole fen in a body."""

import re

from app.domain.refusals import Invalid

TYPED = re.compile(r"[¥￥]?\s*(\d{1,12})(?:\.(\d{1,2}))?")


def in_yuan(fen: int) -> str:
    """An amount as a form field shows it."""
    return f"{fen // 100}.{fen % 100:02d}"


def in_fen(name: str, text: str) -> int:
    """What was typed into the field of that name, in fen.

    Raises:
        Invalid: no amount in yuan with at most two decimals.
    """
    found = TYPED.fullmatch(text.strip().replace(",", "").replace("，", ""))
    if not found:
        raise Invalid("金额填写有误", "is no amount", errors=[
            {"at": name, "zh": "应为以元计的金额，最多两位小数，如 12.50",
             "en": "an amount in yuan with at most two decimals, as 12.50"}])
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
