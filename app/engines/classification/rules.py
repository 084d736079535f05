"""Identifiers as `classification_rules` states them, read strictly and tried on their examples.

One file that cannot be taken refuses the whole: a scan never runs with a recognizer left out.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.classification.checks import CHECKS, FINDERS
from app.domain.classification.code_tables import CodeTables
from app.domain.classification.folding import fold
from app.domain.classification.identifiers import (
    STRENGTHS,
    SUBJECTS,
    Examples,
    Hints,
    Identifier,
    Identifiers,
    bounded,
)
from app.domain.classification.shapes import backtracking_risk, gate
from app.domain.grounds import Words
from app.engines.classification.code_lists import code_lists
from app.engines.classification.words import RULES
from app.engines.rulefiles import words as both
from app.engines.strict_yaml import BadRule, document

REQUIRED = frozenset({"id", "title", "source", "subject", "strength", "shape", "floor", "hints",
                      "against", "vetoes", "examples", "collisions"})
OPTIONAL = frozenset({"separators", "checks", "masked", "text", "finder", "glued"})
TYPES = frozenset({"date", "time", "boolean", "integer", "decimal", "binary"})
FEWEST_EXAMPLES = 3


@cache
def identifiers() -> Identifiers:
    """The identifiers of the rules that ship.

    Raises:
        BadRule
    """
    return load(RULES)


def load(folder: Path) -> Identifiers:
    """The identifiers of a folder of rules.

    Raises:
        BadRule: a file or a list is wrong; the sentence names file and member.
    """
    tables = code_lists(folder / "codes")
    paths = sorted((folder / "identifiers").glob("*.yaml"))
    found = {path.stem: read(path, tables) for path in paths}
    for path in paths:
        for other in found[path.stem].collisions:
            if other not in found:
                raise BadRule(f"{path.name}: collides with `{other}`, which there is not")
    words = frozenset(map(fold, tables["null_words"].keys))
    return Identifiers(_version(folder), found, tables, words)


def read(path: Path, tables: CodeTables) -> Identifier:
    """One identifier.

    Raises:
        BadRule
    """
    entry, at = document(path), path.name
    if missing := REQUIRED - set(entry):
        raise BadRule(f"{at}: `{min(missing)}` is missing")
    if unknown := set(entry) - REQUIRED - OPTIONAL:
        raise BadRule(f"{at}: there is no member `{min(unknown)}`")
    if entry["id"] != path.stem:
        raise BadRule(f"{at}: `id` is not the name of the file")
    shape = _pattern(entry, "shape", at)
    text = entry.get("text")
    title = _members(entry["title"], {"zh": str, "en": str}, f"{at}: `title`")
    core = None if text is None else shape if text == "same" else _pattern(entry, "text", at)
    identifier = Identifier(
        id=entry["id"], zh=title["zh"], en=title["en"], source=_source(entry, at),
        subject=_choice(entry, "subject", SUBJECTS, at),
        strength=_choice(entry, "strength", STRENGTHS, at),
        shape=re.compile(shape, re.ASCII), gate=gate(shape), floor=_share(entry, at),
        separators=_one(entry, "separators", bool, at, False),
        check_names=_words(entry, "checks", at),
        checks=tuple(_named(CHECKS, name, at)(tables) for name in _words(entry, "checks", at)),
        masked=re.compile(_pattern(entry, "masked", at), re.ASCII) if "masked" in entry else None,
        text=None if core is None else re.compile(bounded(core), re.ASCII),
        digits=0 if core is None else gate(core).digits,
        needs="" if core is None else gate(core).needs,
        glued=_one(entry, "glued", bool, at, False),
        finder=_named(FINDERS, entry["finder"], at)(tables) if "finder" in entry else None,
        hints=_hints(entry["hints"], at), against=_words(entry, "against", at),
        vetoes=_vetoes(entry, at), collisions=_words(entry, "collisions", at),
        examples=_examples(entry["examples"], at))
    _require_examples_hold(identifier, at)
    return identifier


def _version(folder: Path) -> str:
    """Digest over names and contents of all rule files and lists of identifiers."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("identifiers/*.yaml"), *folder.glob("codes/*.csv")]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.parent.name}/{path.name} {content}\n".encode())
    return "sha256:" + digest.hexdigest()


def _one(entry: Mapping[str, Any], name: str, kind: type, at: str, default: Any = None) -> Any:
    value = entry.get(name, default)
    if type(value) is not kind:
        raise BadRule(f"{at}: `{name}` is not {'a text' if kind is str else 'true or false'}")
    return value


def _choice(entry: Mapping[str, Any], name: str, known: tuple[str, ...], at: str) -> str:
    if entry[name] not in known:
        raise BadRule(f"{at}: `{name}` is one of {', '.join(known)}")
    return entry[name]


def _named(known: Mapping[str, Any], name: str, at: str) -> Any:
    if name not in known:
        raise BadRule(f"{at}: there is no check or finder `{name}`")
    return known[name]


def _members(value: Any, kinds: Mapping[str, type], at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != set(kinds):
        raise BadRule(f"{at} holds {', '.join(kinds)} and nothing else")
    if any(type(value[name]) is not kind for name, kind in kinds.items()):
        raise BadRule(f"{at} holds members of the wrong kind")
    return value


def _source(entry: Mapping[str, Any], at: str) -> Words:
    """A standard's number reads alike in both languages; what has words is said in both."""
    told = entry["source"]
    return Words(told, told) if isinstance(told, str) and told else both(told, f"{at}: source")


def _words(entry: Mapping[str, Any], name: str, at: str) -> tuple[str, ...]:
    words = entry.get(name, [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise BadRule(f"{at}: `{name}` is a list of words")
    if len(set(words)) != len(words):
        raise BadRule(f"{at}: `{name}` says a word twice")
    return tuple(words)


def _hints(value: Any, at: str) -> Hints:
    lists = _members(value, {"zh": list, "pinyin": list, "en": list}, f"{at}: `hints`")
    return Hints(*(_words(lists, name, f"{at}: `hints`") for name in ("zh", "pinyin", "en")))


def _vetoes(entry: Mapping[str, Any], at: str) -> tuple[str, ...]:
    vetoes = _words(entry, "vetoes", at)
    if unknown := set(vetoes) - TYPES:
        raise BadRule(f"{at}: `vetoes` knows no type `{min(unknown)}`")
    return vetoes


def _share(entry: Mapping[str, Any], at: str) -> float:
    floor = entry["floor"]
    if type(floor) is not float or not 0 <= floor <= 1:
        raise BadRule(f"{at}: `floor` is a share from 0.0 to 1.0")
    return floor


def _pattern(entry: Mapping[str, Any], name: str, at: str) -> str:
    source = _one(entry, name, str, at)
    try:
        compiled = re.compile(source, re.ASCII)
    except re.error as error:
        raise BadRule(f"{at}: `{name}` is no pattern: {error}") from None
    if re.search(r"\\[bBwW]", source):
        raise BadRule(f"{at}: `{name}` uses word boundaries, which vanish beside Chinese")
    if risk := backtracking_risk(source):
        raise BadRule(f"{at}: `{name}` may run long on hostile text: {risk}")
    if compiled.fullmatch(""):
        raise BadRule(f"{at}: `{name}` matches nothing at all")
    return source


def _examples(value: Any, at: str) -> Examples:
    lists = {"masked": [], **value} if isinstance(value, dict) else value
    kinds = {"masked": list, "valid": list, "invalid": list}
    lists = _members(lists, kinds, f"{at}: `examples`")
    valid, invalid, masked = (_words(lists, name, f"{at}: `examples`")
                              for name in ("valid", "invalid", "masked"))
    if min(len(valid), len(invalid)) < FEWEST_EXAMPLES:
        raise BadRule(f"{at}: `examples` has at least three valid and three invalid values")
    return Examples(valid, invalid, masked)


def _require_examples_hold(identifier: Identifier, at: str) -> None:
    for value in identifier.examples.valid:
        if not identifier.passes(fold(value)):
            raise BadRule(f"{at}: the valid example `{value}` does not pass")
    for value in identifier.examples.invalid:
        if identifier.passes(fold(value)):
            raise BadRule(f"{at}: the invalid example `{value}` passes")
    for value in identifier.examples.masked:
        if not identifier.is_masked(fold(value)):
            raise BadRule(f"{at}: the masked example `{value}` is not known as masked")
    if (identifier.masked is None) != (not identifier.examples.masked):
        raise BadRule(f"{at}: `masked` and masked examples go together")
