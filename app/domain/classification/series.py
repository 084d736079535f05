"""Whether a column counts: numbers or codes that rise from row to row, or fill a narrow range."""

import re
from collections.abc import Sequence

FEWEST = 8
_TAIL = re.compile(r"\d{1,18}$", re.ASCII)


def is_rising(values: Sequence[str]) -> bool:
    """Whether folded values, in the order of their rows, rise (or fall) almost throughout.

    Codes are compared by the digits at their end. Fewer than eight values tell nothing.
    """
    if sum(_TAIL.search(value) is not None for value in values[:50]) < 0.8 * len(values[:50]):
        return False
    numbers = [int(match[0]) for match in map(_TAIL.search, values) if match]
    if len(numbers) < FEWEST or len(numbers) < 0.9 * len(values):
        return False
    if len(set(numbers)) < 0.9 * len(numbers):
        return False
    steps = len(numbers) - 1
    pairs = [*zip(numbers, numbers[1:], strict=False)]
    up, down = sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)
    return max(up, down) >= 0.95 * steps


def is_dense(values: Sequence[str]) -> bool:
    """Whether distinct whole numbers of eight digits or more fill a narrow range, in any order.

    Telephone numbers and card numbers of persons never lie that close together.
    """
    if len(values) < 20:
        return False
    tails = [int(value) for value in values
             if 8 <= len(value) <= 18 and value.isascii() and value.isdigit()]
    if len(tails) < 0.9 * len(values):
        return False
    return max(tails) - min(tails) < 20 * len(tails)
