"""What a value of the right shape must also hold: its check digit, a day, or a place in a list.

Rule files name these; a name that is not here is refused when they are read.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping

from app.domain.classification.checksums import CHECKSUMS
from app.domain.classification.chinese import Addresses, CompanyNames, PersonNames
from app.domain.classification.code_tables import CodeTables
from app.domain.classification.dates import is_day, read_day

Check = Callable[[str], bool]
_PAIR = re.compile(r"(-?\d{1,3}\.\d+)\s?[, ]\s?(-?\d{1,2}\.\d+)", re.ASCII)


def born_18(text: str) -> bool:
    """Whether characters 7 to 14 are a day of the calendar."""
    return is_day(int(text[6:10]), int(text[10:12]), int(text[12:14]))


def born_15(text: str) -> bool:
    """Whether characters 7 to 12 are a day of the twentieth century."""
    return is_day(1900 + int(text[6:8]), int(text[8:10]), int(text[10:12]))


def taxpayer_day(text: str) -> bool:
    """Whether a taxpayer's number made of a person's number holds a birth day."""
    if len(text) == 20 or (len(text) == 18 and text[0] in "123456"):
        return born_18(text) if text[6:14].isdigit() else len(text) == 18
    return len(text) != 17 or born_15(text)


def calendar(text: str) -> bool:
    """Whether this is a real day, with or without a time."""
    return read_day(text) is not None


def ipv6(text: str) -> bool:
    """Whether this is an address of RFC 4291."""
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def in_china(text: str) -> bool:
    """Whether a longitude and a latitude lie in the box around the country."""
    match = _PAIR.fullmatch(text)
    return match is not None and 73 <= float(match[1]) <= 136 and 3 <= float(match[2]) <= 54


def in_province(tables: CodeTables) -> Check:
    """The first two digits are a province."""
    return _prefix({code[:2] for code in tables["regions"].keys})


def in_prefecture(tables: CodeTables) -> Check:
    """The first four digits are a prefecture, or the whole a province."""
    prefectures = _prefix({code[:4] for code in tables["regions"].keys})
    provinces = {code[:2] for code in tables["regions"].keys}
    return lambda text: prefectures(text) or (text[:2] in provinces and not text[2:].strip("0"))


def mobile_range(tables: CodeTables) -> Check:
    """The last eleven digits begin with a released range."""
    ranges = tables["mobile_ranges"].keys
    return lambda text: text[-11:-8] in ranges


def card_issuer(tables: CodeTables) -> Check:
    """An issuer's range holds numbers of this length."""
    lengths = {row["prefix"]: frozenset(map(int, row["lengths"].split()))
               for row in tables["card_issuers"].rows}
    return lambda text: any(len(text) in lengths.get(text[:size], ()) for size in (1, 2))


def bank(tables: CodeTables) -> Check:
    """The first three digits are a bank."""
    return _prefix(tables["banks"].keys)


def industry(tables: CodeTables) -> Check:
    """A section, or a division of the section the letter names, with what follows."""
    divisions = {row["code"]: (int(row["first"]), int(row["last"]))
                 for row in tables["industries"].rows}

    def check(text: str) -> bool:
        if text[0] in divisions:
            first, last = divisions[text[0]]
            return len(text) == 1 or first <= int(text[1:3]) <= last
        return 1 <= int(text[:2]) <= 97

    return check


def listed(name: str) -> Callable[[CodeTables], Check]:
    """The whole value is a code of the list or one of its words."""
    return lambda tables: tables[name].known.__contains__


def _prefix(known: set[str] | frozenset[str]) -> Check:
    size = len(next(iter(known)))
    return lambda text: text[:size] in known


def _plain(check: Check) -> Callable[[CodeTables], Check]:
    return lambda tables: check


CHECKS: Mapping[str, Callable[[CodeTables], Check]] = {
    **{name: _plain(check) for name, check in CHECKSUMS.items()},
    "born-18": _plain(born_18), "born-15": _plain(born_15), "taxpayer-day": _plain(taxpayer_day),
    "calendar": _plain(calendar), "ipv6": _plain(ipv6),
    "in-china": _plain(in_china),
    "province": in_province, "prefecture": in_prefecture, "mobile-range": mobile_range,
    "card-issuer": card_issuer, "bank": bank, "industry": industry,
    "sex-listed": listed("sexes"), "marital-listed": listed("marital_statuses"),
    "ethnic-listed": listed("ethnic_groups"), "education-listed": listed("education_levels"),
    "political-listed": listed("political_affiliations"),
    "person-name": lambda tables: PersonNames(tables).passes,
    "company-name": lambda tables: CompanyNames(tables).passes,
    "address": lambda tables: Addresses(tables, CompanyNames(tables)).passes,
}
FINDERS = {
    "person-name": lambda tables: PersonNames(tables).spans,
    "company-name": lambda tables: CompanyNames(tables).spans,
    "address": lambda tables: Addresses(tables, CompanyNames(tables)).spans,
}
