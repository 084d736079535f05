"""The rulebooks of `policies/access`, each entry unpacked into a frozen dataclass.

An unknown key, a key said twice, a missing title or a placeholder nobody fills refuses to load.
"""

import hashlib
import string
import tempfile
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from app.domain.attributes import AttributePolicies, AttributePolicy
from app.domain.law import Law
from app.domain.obligation_table import MARKS, SAYS, TURNS, Clause, Duties, Duty
from app.domain.obligations import Obligation
from app.domain.vocabulary import Purpose, Purposes, ReasonText, Vocabulary
from app.engines import access
from app.engines.strict_yaml import BadRule, document

T = TypeVar("T")
FOLDER = Path(__file__).resolve().parents[2] / "policies" / "access"
PLACEHOLDERS = {"ref", "asked", "limit"}
AUTHORIZATIONS = {"", "REQUIRED", "PERSON_ONLY", "STATUTORY", "REQUIRED_OR_STATUTORY", "NONE"}
CLASSES = {"VIOLATION", "GAP", "HOLD", "ERROR", "INFO"}
REMEDIES = {"AMEND", "RENEW", "SUBJECT", "INSTITUTION", "OPERATOR", "RETRY", "NONE"}
BOOKS = ("purposes.yaml", "reasons.yaml", "vocabulary.yaml", "attributes.yaml",
         "obligations.yaml")
FILES = tuple(sorted((*BOOKS, "model.conf", "ceiling.csv")))


def load(folder: Path = FOLDER) -> Law:
    """The law a process decides by.

    Raises:
        BadRule, access_compile.Unloadable: nothing may be decided with what is there.
    """
    purposes = read_purposes(folder / "purposes.yaml")
    reasons = read_reasons(folder / "reasons.yaml")
    vocabulary = unpacked(Vocabulary, document(folder / "vocabulary.yaml"), "vocabulary.yaml")
    policies = document(folder / "attributes.yaml", "policies")
    attributes = AttributePolicies(tuple(
        unpacked(AttributePolicy, entry, f"attributes.yaml {number}")
        for number, entry in enumerate(policies, start=1)))
    duties = read_duties(folder / "obligations.yaml", vocabulary)
    return Law(purposes=purposes, reasons=reasons, vocabulary=vocabulary, attributes=attributes,
               duties=duties, sections=access.load(folder, purposes), digest=digest_of(folder))


def digest_of(folder: Path) -> str:
    """One digest over every rulebook of the folder, byte by byte."""
    return digest_of_texts(texts_of(folder))


def texts_of(folder: Path) -> dict[str, str]:
    """Every rulebook of the folder by name, byte for byte."""
    return {name: (folder / name).read_bytes().decode("utf-8") for name in FILES}


def digest_of_texts(texts: Mapping[str, str]) -> str:
    """The digest of rulebooks by name, whoever keeps them."""
    seal = hashlib.sha256()
    for name in FILES:
        seal.update(name.encode() + b"\x00" + hashlib.sha256(texts[name].encode()).digest())
    return "sha256:" + seal.hexdigest()


@lru_cache(maxsize=8)
def _law_of(texts: tuple[tuple[str, str], ...]) -> Law:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, text in texts:
            (folder / name).write_bytes(text.encode())
        return load(folder)


def law_of(texts: Mapping[str, str]) -> Law:
    """The law these rulebooks state, read once.

    Raises:
        BadRule, access_compile.Unloadable: this release cannot decide by them.
    """
    return _law_of(tuple((name, texts[name]) for name in FILES))


def read_purposes(path: Path) -> Purposes:
    entries = document(path, "purposes")
    purposes = Purposes({code: unpacked(Purpose, entry, f"{path.name} {code}")
                         for code, entry in entries.items()})
    closures = purposes.upward  # a broken tree refuses here, not at the first decision
    for code in closures:
        purpose = purposes[code]
        if purpose.subject_authorization not in AUTHORIZATIONS:
            raise BadRule(f"{path.name} {code}: `subject_authorization` is not a known word")
        is_grantable = purposes.is_leaf(code) and not purpose.prohibited
        if is_grantable and not purpose.subject_authorization:
            raise BadRule(f"{path.name} {code}: a leaf states its `subject_authorization`")
    return purposes


def read_reasons(path: Path) -> Mapping[str, ReasonText]:
    reasons = {code: unpacked(ReasonText, entry, f"{path.name} {code}")
               for code, entry in document(path, "reasons").items()}
    for code, text in reasons.items():
        used = {name for words in (text.zh, text.en) for _, name, _, _ in
                string.Formatter().parse(words) if name is not None}
        if not used <= PLACEHOLDERS:
            raise BadRule(f"{path.name} {code}: only {{ref}}, {{asked}}, {{limit}} are filled")
        if text.class_ not in CLASSES or text.remedy not in REMEDIES:
            raise BadRule(f"{path.name} {code}: unknown class or remedy")
    return reasons


def read_duties(path: Path, words: Vocabulary) -> Duties:
    """Every kind of obligation once, each naming words that exist."""
    found = {kind: unpacked(Duty, entry, f"{path.name} {kind}")
             for kind, entry in document(path, "obligations").items()}
    if set(found) != {kind.value for kind in Obligation}:
        raise BadRule(f"{path.name} must name every kind of obligation, and no other")
    for kind, duty in found.items():
        if not says_all(kind, duty):
            needed = f"`{SAYS[kind][0]}` alone and not empty" if kind in SAYS else "left out"
            raise BadRule(f"{path.name} {kind}: `says` must be {needed}")
        named: list[tuple[Any, Any]] = [(duty.denials, TURNS.get(kind, ()))]
        for clause in duty.when:
            if clause == Clause():
                raise BadRule(f"{path.name} {kind}: a `when` that states nothing always holds")
            named += [(clause.marks, MARKS), (clause.actions, words.actions),
                      (clause.channels, words.channels), (clause.forms, words.output_forms)]
        for names, known in named:
            if unknown := sorted(set(names) - set(known)):
                raise BadRule(f"{path.name} {kind}: `{unknown[0]}` is not a known word")
    return Duties(found)


def says_all(kind: str, duty: Duty) -> bool:
    """Whether a duty says what its kind needs said, of the right form, and nothing else."""
    if kind not in SAYS:
        return not duty.says
    name, form = SAYS[kind]
    value = duty.says.get(name)
    return set(duty.says) == {name} and type(value) is form and bool(value)


def unpacked(kind: type[T], entry: Any, where: str) -> T:
    """``entry`` as a ``kind``; a key the dataclass lacks, or lacks a value for, refuses."""
    if not isinstance(entry, dict):
        raise BadRule(f"{where} must be a mapping")
    hints = get_type_hints(kind)
    names = {name.rstrip("_"): name for name in hints}
    unknown = sorted(set(map(str, entry)) - set(names))
    if unknown:
        raise BadRule(f"{where}: unknown key `{unknown[0]}`")
    values = {names[key]: _value(hints[names[key]], item, f"{where} {key}")
              for key, item in entry.items()}
    for field in fields(kind):  # type: ignore[arg-type]
        if (field.name not in values and field.default is MISSING
                and field.default_factory is MISSING):
            raise BadRule(f"{where}: `{field.name.rstrip('_')}` is missing")
    return kind(**values)


def _value(hint: Any, item: Any, where: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return unpacked(hint, item, where)  # type: ignore[arg-type]
    if origin is tuple and isinstance(item, list):
        return tuple(_value(inner[0], each, where) for each in item)
    if origin is not None and origin is not tuple and isinstance(item, dict):
        return {key: _value(inner[1], each, f"{where} {key}") for key, each in item.items()}
    if hint is object or (isinstance(hint, type) and type(item) is hint):
        return item
    raise BadRule(f"{where} is not of the kind expected")


