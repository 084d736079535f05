"""One value under one treatment, and one record under the treatments of its fields."""

from typing import Dict, Mapping, Optional

from . import feistel
from .folding import HIDDEN, LONGEST, compact, fold, read
from .general import generalized
from .kinds import KINDS
from .partial import partial
from .refused import CannotMask
from .tokens import Key, checked, token

# Weakest to strictest, as decisions order them in `fields_effective`.
TREATMENTS = ("CLEAR", "PARTIAL", "GENERALIZE", "TOKENIZE", "BOOLEAN", "REDACT", "DROP")
_NOTHING = frozenset({"", "0", "NO", "N", "FALSE", "NULL", "NONE", "否", "无", "没有"})


def mask(value: object, treatment: str, *, kind: str = "text", key: Optional[Key] = None,
         field: str = "", step: str = "", keep_shape: bool = False) -> Optional[str]:
    """What may be returned in the value's place; ``None`` where nothing may be, or nothing is.

    Args:
        treatment: one of TREATMENTS.
        kind: one of KINDS; a value that is not of its kind is hidden altogether.
        key, field: for TOKENIZE; the same field name gives tokens that can be joined.
        step: for GENERALIZE, how coarse.
        keep_shape: for TOKENIZE, digits in place of digits where the kind has a way.

    Raises:
        CannotMask: the order cannot be carried out; the field must not be returned.
    """
    if not isinstance(treatment, str) or treatment not in TREATMENTS:
        raise CannotMask("unknown treatment; known are " + ", ".join(TREATMENTS))
    if not isinstance(kind, str) or kind not in KINDS:
        raise CannotMask("unknown kind; KINDS lists those that are known")
    if step and treatment != "GENERALIZE":
        raise CannotMask("`step` is for GENERALIZE")
    made = checked(key, field) if treatment == "TOKENIZE" else None
    if treatment == "DROP":
        return None
    if treatment == "REDACT":
        return HIDDEN
    text = read(value)
    if treatment == "BOOLEAN":
        return "true" if _is_something(text) else "false"
    if text is None or treatment == "CLEAR":
        return text
    if made is not None:
        return _tokenized(text, kind, made, field, keep_shape)
    if len(text) > LONGEST:
        return HIDDEN
    if treatment == "GENERALIZE":
        return generalized(kind, text, step)
    return partial(kind, text)


def _is_something(text: Optional[str]) -> bool:
    """Whether there is a value, and it does not say that there is none."""
    if text is None or len(text) > LONGEST:
        return text is not None
    bare = fold(text).upper()
    return bare not in _NOTHING and bool(bare.strip("0.-+ "))


def _tokenized(text: str, kind: str, key: Key, field: str, keep_shape: bool) -> str:
    if len(text) > LONGEST:
        return token(key, field, kind, text)
    plain = fold(text) if kind == "text" else compact(fold(text))
    if kind == "mobile_cn" and plain[-11:].isdigit():
        plain = plain[-11:]  # with and without the country's code
    if not plain:
        return ""
    shaped = feistel.SHAPED.get(kind) if keep_shape else None
    found = shaped(key, field + "/" + kind, plain) if shaped else None
    return token(key, field, kind, plain) if found is None else found


def mask_record(record: Mapping[str, object], treatments: Mapping[str, str], *,
                kinds: Mapping[str, str], key: Optional[Key] = None) -> Dict[str, Optional[str]]:
    """A record as a decision lets it out: ``treatments`` is its ``fields_effective``.

    A field without a treatment is left out, and so is one that is dropped. A field without a kind
    is read as text. Tokens are made for the field's name.

    Raises:
        CannotMask: names the field that cannot be carried out; nothing may be returned then.
    """
    found = {}
    for name, value in record.items():
        treatment = treatments.get(name, "DROP")
        try:
            masked = mask(value, treatment, kind=kinds.get(name, "text"), key=key, field=name)
        except CannotMask as error:
            raise CannotMask(f"field {name!r}: {error}") from None
        if treatment != "DROP":
            found[name] = masked
    return found
