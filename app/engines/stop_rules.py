"""The rules of automatic stops in `policies/stops`, read anew each time, whole or not at all."""

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from app.domain.stops import FEWEST_DENIALS, LONGEST_MINUTES, StopRule, StopRules, Watched
from app.engines.rulefiles import BadRule, choice, entries, unpack, words

RULES = Path(__file__).resolve().parents[2] / "policies" / "stops" / "automatic.yaml"
ID = re.compile(r"[a-z][a-z0-9-]{2,60}")


def load(path: Path, codes: Collection[str]) -> StopRules:
    """The rules of a file; ``codes`` are the reasons a rule may count.

    Raises:
        BadRule: the file is missing or an entry is wrong; nothing is taken.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadRule(f"{path.name}: {error.strerror}") from None
    found: dict[str, StopRule] = {}
    for at, entry in entries(path, "stops"):
        rule = unpack(StopRule, entry, at, title=words(entry.get("title"), at),
                      watches=choice(Watched, entry.get("watches"), at))
        _require_sound(rule, at, codes)
        if rule.rule in found:
            raise BadRule(f"{at}: `{rule.rule}` stands twice")
        found[rule.rule] = rule
    return StopRules(tuple(found.values()), "sha256:" + hashlib.sha256(content).hexdigest())


def _require_sound(rule: StopRule, at: str, codes: Collection[str]) -> None:
    if not isinstance(rule.rule, str) or not ID.fullmatch(rule.rule):
        raise BadRule(f"{at}: `rule` is a name of small letters, digits and hyphens")
    if rule.code not in codes:
        raise BadRule(f"{at}: `code` is no reason a stop may count")
    for name, least, most in (("denials", FEWEST_DENIALS, 1_000_000),
                              ("within_minutes", 1, LONGEST_MINUTES)):
        value = getattr(rule, name)
        if type(value) is not int or not least <= value <= most:
            raise BadRule(f"{at}: `{name}` is a number from {least} to {most}")
