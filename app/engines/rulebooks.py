"""The rulebooks of `policies/access`, each entry unpacked into a frozen dataclass.

An unknown key, a key said twice, a missing title or a placeholder nobody fills refuses to load.
"""

import hashlib
import string
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import yaml

from app.domain.attributes import AttributePolicies, AttributePolicy
from app.domain.law import Law
from app.domain.vocabulary import Purpose, Purposes, ReasonText, Vocabulary
from app.engines import access

T = TypeVar("T")
FOLDER = Path(__file__).resolve().parents[2] / "policies" / "access"
PLACEHOLDERS = {"ref", "asked", "limit"}
AUTHORIZATIONS = {"", "REQUIRED", "PERSON_ONLY", "STATUTORY", "REQUIRED_OR_STATUTORY", "NONE"}
CLASSES = {"VIOLATION", "GAP", "HOLD", "ERROR", "INFO"}
REMEDIES = {"AMEND", "RENEW", "SUBJECT", "INSTITUTION", "OPERATOR", "RETRY", "NONE"}
BOOKS = ("purposes.yaml", "reasons.yaml", "vocabulary.yaml", "attributes.yaml")


class Unreadable(ValueError):
    """A rulebook says something nobody defined; the sentence names the place."""


class _Strict(yaml.SafeLoader):
    """YAML in which nothing is said twice."""

    def construct_mapping(self, node, deep=False):
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise Unreadable(f"`{key}` stands twice, line {key_node.start_mark.line + 1}")
            seen.add(key)
        return super().construct_mapping(node, deep)


def load(folder: Path = FOLDER) -> Law:
    """The law a process decides by.

    Raises:
        Unreadable, access_compile.Unloadable: nothing may be decided with what is there.
    """
    purposes = read_purposes(folder / "purposes.yaml")
    reasons = read_reasons(folder / "reasons.yaml")
    vocabulary = unpacked(Vocabulary, read(folder / "vocabulary.yaml"), "vocabulary.yaml")
    policies = read(folder / "attributes.yaml", "policies")
    attributes = AttributePolicies(tuple(
        unpacked(AttributePolicy, entry, f"attributes.yaml {number}")
        for number, entry in enumerate(policies, start=1)))
    return Law(purposes=purposes, reasons=reasons, vocabulary=vocabulary, attributes=attributes,
               sections=access.load(folder, purposes), digest=digest_of(folder))


def digest_of(folder: Path) -> str:
    """One digest over every rulebook of the folder, byte by byte."""
    seal = hashlib.sha256()
    for name in sorted((*BOOKS, "model.conf", "ceiling.csv")):
        seal.update(name.encode() + b"\x00" + hashlib.sha256((folder / name).read_bytes()).digest())
    return "sha256:" + seal.hexdigest()


def read(path: Path, top: str = "") -> Any:
    try:
        content = _Strict(path.read_text(encoding="utf-8")).get_single_data()
    except yaml.YAMLError as error:
        raise Unreadable(f"{path.name} is not YAML: {error}") from error
    if not isinstance(content, dict) or (top and set(content) != {top}):
        raise Unreadable(f"{path.name} must hold `{top or 'sections'}` and nothing else")
    return content[top] if top else content


def read_purposes(path: Path) -> Purposes:
    entries = read(path, "purposes")
    purposes = Purposes({code: unpacked(Purpose, entry, f"{path.name} {code}")
                         for code, entry in entries.items()})
    closures = purposes.upward  # a broken tree refuses here, not at the first decision
    for code in closures:
        purpose = purposes[code]
        if purpose.subject_authorization not in AUTHORIZATIONS:
            raise Unreadable(f"{path.name} {code}: `subject_authorization` is not a known word")
        is_grantable = purposes.is_leaf(code) and not purpose.prohibited
        if is_grantable and not purpose.subject_authorization:
            raise Unreadable(f"{path.name} {code}: a leaf states its `subject_authorization`")
    return purposes


def read_reasons(path: Path) -> Mapping[str, ReasonText]:
    reasons = {code: unpacked(ReasonText, entry, f"{path.name} {code}")
               for code, entry in read(path, "reasons").items()}
    for code, text in reasons.items():
        used = {name for words in (text.zh, text.en) for _, name, _, _ in
                string.Formatter().parse(words) if name is not None}
        if not used <= PLACEHOLDERS:
            raise Unreadable(f"{path.name} {code}: only {{ref}}, {{asked}}, {{limit}} are filled")
        if text.class_ not in CLASSES or text.remedy not in REMEDIES:
            raise Unreadable(f"{path.name} {code}: unknown class or remedy")
    return reasons


def unpacked(kind: type[T], entry: Any, where: str) -> T:
    """``entry`` as a ``kind``; a key the dataclass lacks, or lacks a value for, refuses."""
    if not isinstance(entry, dict):
        raise Unreadable(f"{where} must be a mapping")
    hints = get_type_hints(kind)
    names = {name.rstrip("_"): name for name in hints}
    unknown = sorted(set(map(str, entry)) - set(names))
    if unknown:
        raise Unreadable(f"{where}: unknown key `{unknown[0]}`")
    values = {names[key]: _value(hints[names[key]], item, f"{where} {key}")
              for key, item in entry.items()}
    for field in fields(kind):  # type: ignore[arg-type]
        if (field.name not in values and field.default is MISSING
                and field.default_factory is MISSING):
            raise Unreadable(f"{where}: `{field.name.rstrip('_')}` is missing")
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
    raise Unreadable(f"{where} is not of the kind expected")


