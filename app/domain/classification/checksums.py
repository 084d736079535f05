"""Check characters of identifiers, by name; a value is given folded and without separators.

Every function answers whether the value holds its own check, and is ``False``, never an error, for
a value of another length or alphabet.
"""

from collections.abc import Callable, Mapping
from operator import mul

_RESIDENT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_CREDIT = {char: value for value, char in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_BASE_36 = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_VEHICLE = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
                    (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_VEHICLE_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# Each digit to the digit sum of its double, as bytes.
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_ZERO = ord("0")
_LOAN_CARD = (1, 3, 5, 7, 11, 2, 13, 1, 1, 17, 19, 97, 23, 29)
_PATENT = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def _plain(text: str) -> bool:
    return text.isascii() and text.isdigit()


def mod_11_2(text: str) -> bool:
    """Whether the 18th character is the ISO 7064 MOD 11-2 check of the first 17.

    Source: GB 11643-1999; GB/T 17710.
    """
    body = text[:17]
    if len(text) != 18 or not _plain(body):
        return False
    total = sum(map(mul, _RESIDENT, body.encode())) - _ZERO * sum(_RESIDENT)
    return _RESIDENT_CHECKS[total % 11] == text[17]


def mod_31(text: str) -> bool:
    """Whether the 18th character is the weighted MOD 31 check of the first 17.

    Source: GB 32100-2015.
    """
    try:
        *body, check = map(_CREDIT.__getitem__, text)
    except (KeyError, ValueError):
        return False
    return len(body) == 17 and (-sum(map(mul, _CREDIT_WEIGHTS, body))) % 31 == check


def mod_11(text: str) -> bool:
    """Whether the ninth character is the MOD 11 check of the first eight.

    Source: GB 11714-1997.
    """
    if len(text) != 9:
        return False
    try:
        total = sum(map(mul, _ORGANISATION, map(_BASE_36.__getitem__, text[:8])))
    except KeyError:
        return False
    return "0X987654321"[total % 11] == text[8]


def mod_11_10(text: str) -> bool:
    """Whether the last digit is the hybrid MOD 11,10 check of those before it.

    Source: GB/T 17710; GS 15-2006 for the fifteen digits of a business registration.
    """
    if not _plain(text) or len(text) < 2:
        return False
    product = 10
    for digit in map(int, text[:-1]):
        product = ((product + digit) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(text[-1])


def luhn(text: str) -> bool:
    """Whether the last digit is the MOD 10 check of ISO/IEC 7812."""
    if not _plain(text):
        return False
    digits = text.encode()
    total = sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED))
    return (total - _ZERO * len(digits)) % 10 == 0


def vehicle(text: str) -> bool:
    """Whether the ninth of 17 characters is the weighted MOD 11 check of all others.

    Source: GB 16735-2019; ISO 3779.
    """
    if len(text) != 17:
        return False
    try:
        total = sum(map(mul, _VEHICLE_WEIGHTS, map(_VEHICLE.__getitem__, text)))
    except KeyError:
        return False
    return "0123456789X"[total % 11] == text[8]


def mod_97_10(text: str) -> bool:
    """Whether the whole, with letters as 10 to 35, leaves 1 when divided by 97.

    Source: ISO 7064; ISO 17442.
    """
    try:
        digits = "".join(str(_BASE_36[char]) for char in text)
    except KeyError:
        return False
    return len(text) == 20 and int(digits) % 97 == 1


def loan_card(text: str) -> bool:
    """Whether the last two digits are the weighted sum of the first fourteen, MOD 97, plus one."""
    if len(text) != 16 or not _plain(text[3:]):
        return False
    try:
        total = sum(map(mul, _LOAN_CARD, map(_BASE_36.__getitem__, text[:14])))
    except KeyError:
        return False
    return total % 97 + 1 == int(text[14:])


def patent(text: str) -> bool:
    """Whether the thirteenth character is the weighted MOD 11 check of twelve digits.

    A leading country mark and the stop before the check are left aside. Source: ZC 0006-2003.
    """
    digits = text.removeprefix("ZL").removeprefix("CN").replace(".", "")
    if len(digits) != 13 or not _plain(digits[:12]):
        return False
    return "0123456789X"[sum(map(mul, _PATENT, map(int, digits[:12]))) % 11] == digits[12]


def passport_line(text: str) -> bool:
    """Whether the last digit is the 7-3-1 check of a machine readable line.

    Source: ICAO Doc 9303.
    """
    try:
        values = [0 if char == "<" else _BASE_36[char] for char in text[:-1]]
    except KeyError:
        return False
    weighted = sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values))
    return len(text) > 1 and str(weighted % 10) == text[-1]


def taxpayer(text: str) -> bool:
    """Whether a number of 15, 17, 18 or 20 characters holds the check its form has.

    Eighteen: a credit code, or a natural person's resident number. Fifteen: a region and an
    organisation code. Seventeen and twenty: a person's number with two characters after it.
    """
    if len(text) == 18:
        return mod_31(text) or mod_11_2(text)
    if len(text) == 15:
        return mod_11(text[6:])
    if len(text) == 20:
        return mod_11_2(text[:18])
    return len(text) == 17 and _plain(text)


CHECKSUMS: Mapping[str, Callable[[str], bool]] = {
    "luhn": luhn, "mod-11": mod_11, "mod-11-10": mod_11_10, "mod-11-2": mod_11_2,
    "mod-31": mod_31, "mod-97-10": mod_97_10, "loan-card": loan_card,
    "passport-line": passport_line, "patent": patent, "taxpayer": taxpayer, "vehicle": vehicle,
}
