"""What a password must be, by profile; pure rules, the common-password list is handed in.

`mlps` asks for mixed characters and a change every 90 days because the assessment does
(GB/T 22239-2019 8.1.4.1.a); `asvs` asks for length and uncommonness only (ASVS 5.0 6.2).
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = 128


@dataclass(frozen=True)
class Profile:
    """Bounds in characters; `kinds` of characters required; `days` until a change, None never."""

    name: str
    shortest: int
    shortest_admin: int
    kinds: int
    days: int | None


PROFILES = {
    "mlps": Profile("mlps", 8, 15, 3, 90),
    "asvs": Profile("asvs", 8, 15, 0, None),
}


@dataclass(frozen=True)
class Fault:
    """Why a password is not taken."""

    code: str
    zh: str
    en: str


def faults(password: str, profile: Profile, *, administrator: bool = False,
           common: Collection[str] = frozenset(), words: Iterable[str] = ()) -> tuple[Fault, ...]:
    """Everything that is wrong with the password, in one go; it is never changed or cut.

    `words` are of this house and this account: names nobody should build a password on.
    """
    shortest = profile.shortest_admin if administrator else profile.shortest
    found = []
    if len(password) < shortest:
        found.append(Fault("SHORT", f"至少 {shortest} 个字符", f"at least {shortest} characters"))
    if len(password) > LONGEST:
        found.append(Fault("LONG", f"至多 {LONGEST} 个字符", f"at most {LONGEST} characters"))
    if kinds(password) < profile.kinds:
        found.append(Fault(
            "PLAIN", f"须含大写、小写、数字、符号（或其他文字）中的至少 {profile.kinds} 类",
            f"at least {profile.kinds} of: upper case, lower case, digits, signs or other script"))
    if is_common(password, common):
        found.append(Fault("COMMON", "过于常见，易被猜中", "too common, easily guessed"))
    if _leans_on(password, words):
        found.append(Fault("HOUSE_WORD", "不得以账号、姓名或本系统名称构成",
                           "must not be built on the account, a name or this product's name"))
    return tuple(found)


def rules(profile: Profile, administrator: bool) -> dict[str, str]:
    """What the profile asks for, as a sentence in both languages."""
    shortest = profile.shortest_admin if administrator else profile.shortest
    zh, en = f"至少 {shortest} 个字符", f"at least {shortest} characters"
    if profile.kinds:
        zh += f"，含大写、小写、数字、符号中的至少 {profile.kinds} 类"
        en += f", {profile.kinds} kinds of: upper case, lower case, digits, signs"
    return {"zh": zh + "；不得为常见口令", "en": en + "; nothing common"}


def kinds(password: str) -> int:
    """How many kinds of characters it mixes: upper, lower, digits, everything else."""
    return len({_kind(sign) for sign in password})


def _kind(sign: str) -> str:
    category = unicodedata.category(sign)
    return {"Lu": "upper", "Ll": "lower", "Nd": "digit"}.get(category, "other")


LEET = str.maketrans("@4310$5!7", "aaeiossit")


def is_common(password: str, common: Collection[str]) -> bool:
    """Whether the list holds it, letters of either case and the usual disguises alike."""
    plain = password.casefold()
    tail = plain.rstrip("!.?#*~")
    return any(text in common for text in (
        plain, tail, plain.translate(LEET), tail.translate(LEET)))


def _leans_on(password: str, words: Iterable[str]) -> bool:
    plain = password.casefold()
    for word in words:
        word = word.casefold().strip()
        if len(word) >= 2 and word in plain and len(plain.replace(word, "")) < 8:
            return True
    return False


def is_due(profile: Profile, set_at: datetime | None, at: datetime) -> bool:
    """Whether the password must be changed before anything else."""
    if set_at is None:
        return True
    return profile.days is not None and at >= set_at + timedelta(days=profile.days)
