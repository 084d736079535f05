"""Bodies as forms: a model described field by field, and a posted form read back into it."""

import json
import types
import typing
from collections.abc import Mapping
from enum import Enum

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.domain.refusals import Invalid
from app.domain.wire import Malformed, read_json

VERSION = "_version"


def describe(model: type[BaseModel], prefix: str, options, *, values: dict | None = None,
             errors: dict[str, str] | None = None) -> list[dict]:
    """The fields of a body as `macros/forms.html` draws them.

    `options(name)` gives the choices of a named vocabulary; `values` pre-fills, `errors` says
    what to mend by field name.
    """
    described = []
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra or {}
        kind = extra.get("widget") or _kind(info, extra)
        value = (values or {}).get(name, None if info.is_required() else info.get_default(
            call_default_factory=True))
        item = {"name": name, "type": kind, "label": {"zh": info.title or name,
                                                      "en": extra.get("en") or name},
                "required": info.is_required() and kind not in ("checkbox", "multiselect"),
                "value": _shown(value, kind), "error": (errors or {}).get(name)}
        if extra.get("help_zh"):
            item["help"] = {"zh": extra["help_zh"], "en": extra.get("help_en") or ""}
        if kind in ("select", "multiselect", "radio"):
            item["options"] = _choices(info, extra, options)
        for bound in info.metadata:
            if hasattr(bound, "max_length"):
                item["maxlength"] = bound.max_length
        described.append(item)
    return described


def _kind(info: FieldInfo, extra: dict) -> str:
    bare = _bare(info.annotation)
    if extra.get("options"):
        return "multiselect" if typing.get_origin(bare) is list else "select"
    if bare is bool:
        return "checkbox"
    if bare is int:
        return "number"
    if typing.get_origin(bare) is typing.Literal or (
            isinstance(bare, type) and issubclass(bare, Enum)):
        return "select"
    if typing.get_origin(bare) in (list, dict) or (
            isinstance(bare, type) and issubclass(bare, BaseModel)):
        return "json"
    return "text"


def _bare(annotation):
    """The annotation without Annotated and without `| None`."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kept = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        return _bare(kept[0]) if len(kept) == 1 else annotation
    return annotation


def _choices(info: FieldInfo, extra: dict, options) -> list:
    if extra.get("options"):
        return options(extra["options"])
    bare = _bare(info.annotation)
    if typing.get_origin(bare) is typing.Literal:
        return [(value, {"zh": value, "en": value}) for value in typing.get_args(bare)]
    if not (isinstance(bare, type) and issubclass(bare, Enum)):
        return []
    return [(member.value, {"zh": getattr(member, "zh", member.value),
                            "en": getattr(member, "en", member.value)}) for member in bare]


def _shown(value, kind: str):
    if value is None:
        return None
    if kind == "json" and not isinstance(value, str):
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json")
        return json.dumps(value, ensure_ascii=False, indent=1) if value else ""
    if kind == "textarea" and isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return value


def posted(model: type[BaseModel], form, files: Mapping[str, list[str]] | None = None) -> BaseModel:
    """The body a posted form holds; `files` are the digests of what was handed in, by field.

    Raises:
        ValidationError, Invalid: naming the fields to mend.
    """
    values = {}
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra or {}
        kind = extra.get("widget") or _kind(info, extra)
        bare = _bare(info.annotation)
        if kind == "file":
            handed = (files or {}).get(name, [])
            if handed:
                values[name] = handed if typing.get_origin(bare) is list else handed[0]
        elif bare is bool:
            values[name] = form.get(name) is not None
        elif kind == "multiselect" or (typing.get_origin(bare) is list and kind != "json"):
            found = [item for item in form.getlist(name) if item.strip()]
            values[name] = found if kind != "textarea" else [
                line.strip() for line in "\n".join(found).splitlines() if line.strip()]
        elif kind == "json":
            text = form.get(name, "").strip()
            if text:
                values[name] = _json(name, text)
        elif form.get(name, "") != "" or info.is_required():
            values[name] = form.get(name, "")
    return model.model_validate(values)


def _json(name: str, text: str):
    try:
        return read_json(text.encode())
    except Malformed as error:
        raise Invalid(error.zh, str(error), errors=[{"at": name, "zh": error.zh,
                                                     "en": str(error)}]) from error


def mending(error: ValidationError | Invalid, english: bool) -> dict[str, str]:
    """What to mend, by field name, in the reader's language."""
    if isinstance(error, ValidationError):
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return {str(item["loc"][0]) if item["loc"] else "": _sentence(item, english)
                for item in found}
    return {str(item.get("at", "")).split(".")[0]: item.get("en" if english else "zh", "")
            for item in error.facts.get("errors", ())}


ZH = {"missing": "必填", "string_too_short": "太短", "string_too_long": "太长",
      "string_pattern_mismatch": "格式不符", "int_parsing": "应为整数", "extra_forbidden": "多余的项",
      "greater_than_equal": "过小", "less_than_equal": "过大", "literal_error": "不在可选范围",
      "enum": "不在可选范围", "too_short": "至少选一项", "date_from_datetime_parsing": "应为日期"}


def _sentence(item: dict, english: bool) -> str:
    place = ".".join(str(part) for part in item["loc"][1:])
    text = item["msg"] if english else ZH.get(item["type"], item["msg"])
    return f"{place} {text}".strip()
