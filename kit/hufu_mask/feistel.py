"""Numbers in a number's place: a keyed permutation of digits that keeps shape and check digits.

This is a pseudonym, NOT an encryption, and NOT the FF1 of NIST SP 800-38G: a Feistel network of
twelve rounds over decimal halves, whose round function is HMAC-SHA-256. It has no proof beyond
that construction, offers no way back, and whoever holds the key can try values. Where a join does
not need the shape, plain tokens are the better choice.

Two values never share a pseudonym, because every step is one to one: a result outside the wanted
set is permuted again until it falls into the set (cycle walking), which the value itself is in.
"""

import re
from datetime import date, timedelta
from typing import Callable, Optional

from .tokens import Key, digest

ROUNDS = 12
FEWEST = 6  # digits; a shorter number has too few values to hide among

_MOBILE = re.compile(r"1(?:3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8}")
_CARD = re.compile(r"\d{15,19}")
_RESIDENT = re.compile(r"[1-7]\d{16}[\dX]")
_FIRST_DAY = date(1900, 1, 1)
_DAYS = (date(2030, 1, 1) - _FIRST_DAY).days
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def permuted(key: Key, tweak: str, digits: str) -> str:
    """The digits under the keyed permutation of this length and tweak."""
    size = len(digits)
    left, right = size // 2, size - size // 2
    a, b = int(digits[:left]), int(digits[left:])
    for turn in range(ROUNDS):
        width = left if turn % 2 == 0 else right
        mixed = digest(key, "feistel", tweak, str(size), str(turn), str(b))
        a, b = b, (a + int.from_bytes(mixed, "big")) % 10 ** width
    return str(a).zfill(left) + str(b).zfill(right)


def walked(key: Key, tweak: str, digits: str, wanted: Callable[[str], bool]) -> str:
    """The digits permuted until they are in the wanted set, which they must be in themselves."""
    found = permuted(key, tweak, digits)
    while not wanted(found):
        found = permuted(key, tweak, found)
    return found


def mobile(key: Key, tweak: str, number: str) -> Optional[str]:
    """A mobile number of a released range in a mobile number's place."""
    if not _MOBILE.fullmatch(number):
        return None
    return "1" + walked(key, tweak, number[1:], lambda rest: bool(_MOBILE.fullmatch("1" + rest)))


def card(key: Key, tweak: str, number: str) -> Optional[str]:
    """A card number of the same issuer and length that passes the Luhn check."""
    if not _CARD.fullmatch(number) or luhn(number[:-1]) != number[-1]:
        return None
    body = number[:6] + permuted(key, tweak + number[:6], number[6:-1])
    return body + luhn(body)


def luhn(body: str) -> str:
    """The check digit of a card number without it. Source: ISO/IEC 7812-1 annex B."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        digit = int(sign) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def resident(key: Key, tweak: str, number: str) -> Optional[str]:
    """A resident identity number of the same province; district, birth and sequence are others.

    The day of birth is any of 1900 to 2029, the district any four digits.
    """
    if not _RESIDENT.fullmatch(number) or mod_11_2(number[:17]) != number[17]:
        return None
    try:
        day = (date(int(number[6:10]), int(number[10:12]), int(number[12:14])) - _FIRST_DAY).days
    except ValueError:
        return None
    if not 0 <= day < _DAYS:
        return None
    digits = number[2:6] + str(day).zfill(5) + number[14:17]
    found = walked(key, tweak + number[:2], digits, lambda text: int(text[4:9]) < _DAYS)
    born = (_FIRST_DAY + timedelta(days=int(found[4:9]))).strftime("%Y%m%d")
    body = number[:2] + found[:4] + born + found[9:]
    return body + mod_11_2(body)


def mod_11_2(body: str) -> str:
    """The check sign of seventeen digits. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    rest = sum(int(sign) * weight for sign, weight in zip(body, _WEIGHTS)) % 11
    return "10X98765432"[rest]


def plain(key: Key, tweak: str, number: str) -> Optional[str]:
    """As many digits in place of six or more."""
    if not number.isascii() or not number.isdigit() or not FEWEST <= len(number) <= 40:
        return None
    return permuted(key, tweak, number)


SHAPED = {"mobile_cn": mobile, "bank_card": card, "resident_id": resident,
          "housing_fund_account": plain, "invoice_no": plain, "text": plain}
