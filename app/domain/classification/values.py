"""What the values of a column say it is, alone or against what its name led to expect."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.classification.elements import Elements
from app.domain.classification.facts import Profile
from app.domain.classification.identifiers import Identifier, Identifiers

FEW = 3  # distinct values below which values say nothing, unless they are words of a short list
MANY = 8  # distinct values that names of people, companies and places have at least
EXPECTED, STRANGE, ALONE = 0.34, 0.6, 0.5
BORN = 0.9  # of the rows, where a day is the birth date in an identity number beside it


@dataclass(frozen=True)
class Finding:
    """What the values are.

    Args:
        identifier: the identifier they are, ``""`` for none.
        share: share of distinct values that are it.
        agrees: 1 where they bear out the name, -1 where they speak against it, 0 where silent.
    """

    identifier: str
    share: float = 0.0
    agrees: float = 0.0


def found(profile: Profile, expected: tuple[str, ...], named: bool,
          identifiers: Identifiers, book: Elements,
          silent: frozenset[str] = frozenset()) -> Finding:
    """The identifier the values are.

    Args:
        expected: identifiers the name leads to, the likeliest first.
        named: the name was read; else values decide alone.
        silent: identifiers that the declared type or the name rules out.
    """
    if profile.births > BORN:
        return Finding("birth_date", profile.births, 1.0 if "birth_date" in expected
                       else -0.5 if named else 0.0)
    shares = {one.id: share(one, profile) for one in identifiers if one.id in expected}
    best = max(shares, key=lambda key: (shares[key], -_rank(key, expected)), default="")
    if best and shares[best] >= EXPECTED:
        return Finding(best, shares[best], 1.0)
    shares = {one.id: share(one, profile) for one in identifiers
              if one.id not in silent and _speaks(one, profile, named, book)}
    bound = STRANGE if named else ALONE
    alone = [key for key in shares if shares[key] >= bound]
    best = max(alone, key=lambda key: (not _covered(key, shares, identifiers, book), shares[key]),
               default="")
    if best:
        return Finding(best, shares[best], -0.5 if named else 0.0)
    if set(expected) & book.sets["left_to_names"]:
        return Finding(expected[0])
    return Finding("", agrees=-1.0 if expected else 0.0)


def _covered(key: str, shares: Mapping[str, float], identifiers: Identifiers,
             book: Elements) -> bool:
    """Whether a surer identifier with the same values explains most of what this one does."""
    order = ("strong", "medium", "weak", "dictionary", "context-only")
    here = order.index(identifiers[key].strength)
    return any(shares.get(other, 0.0) > 0.6 * shares[key]
               and order.index(identifiers[other].strength) < here
               for other in (*identifiers[key].collisions, *book.within.get(key, ())))


def _rank(identifier: str, expected: tuple[str, ...]) -> int:
    return expected.index(identifier) if identifier in expected else len(expected)


def share(one: Identifier, profile: Profile) -> float:
    """Share of distinct values that are the identifier, masked ones counted."""
    hit = profile.hits.get(one.id)
    if hit is None or not profile.distinct:
        return 0.0
    taken = hit.passed + hit.masked
    if one.floor < 0.5 and hit.shaped and hit.passed / hit.shaped < min(0.5, 3 * one.floor):
        taken = hit.masked  # no more than chance: serials of the same shape
    return min(1.0, taken / profile.distinct)


def _speaks(one: Identifier, profile: Profile, named: bool, book: Elements) -> bool:
    """Whether values may speak for an identifier their name does not lead to."""
    if one.id in book.sets["left_to_names"] or one.strength == "context-only":
        return False
    if one.id in book.sets["listed"]:  # as digits they could be any short code
        return profile.han > 0.5
    if profile.distinct < (MANY if one.id in book.sets["names"] else FEW):
        return False
    if one.id == "person_name_zh" and profile.distinct < min(50, 0.2 * profile.filled):
        return False  # a short list that comes again and again is no list of people
    if not named:
        years = profile.lengths[2] <= 4
        return not (profile.rising and one.strength != "strong") and not (
            one.id == "industry_code" and years)
    if one.id == "region_code":
        return not profile.rising and profile.distinct >= 6 and share(one, profile) > 0.95
    return one.strength == "strong" or (one.id == "mobile_cn" and not profile.rising)


def shape(profile: Profile) -> str:
    """The kind of values no identifier has, a key of `by_shape`."""
    if profile.dates > 0.6:
        return "time" if profile.timed > 0.5 and profile.rising else "date"
    if _hashed(profile):
        return "digest"
    if profile.rising:
        return "serial"
    if profile.decimal > 0.2:
        return "decimal"
    if profile.numeric > 0.8:
        return "number"
    return "text" if profile.lengths[1] >= 12 and profile.han > 0.4 else "word"


def _hashed(profile: Profile) -> bool:
    """Digests and UUIDs hold any number by chance."""
    return (profile.digits > 0.3 and profile.latin > 0.2 and profile.lengths[1] >= 24
            and profile.han < 0.02)
