"""Bodies as forms: a model described field by field, and a posted form read back into it."""

import json
import types
import typing
from collections.abc import Mapping
from enum import Enum

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.commands.command import entry
from app.domain.refusals import Invalid
from app.domain.wire import Malformed, read_json
from app.web.amounts import in_fen, in_yuan
from app.web.words import spoken

VERSION = "_version"
KEPT = "_kept"
SPARE = 3


class Pair(BaseModel):
    """One line of a mapping of texts, where a form asks for one."""

    key: str = entry("项", "Item")
    value: str = entry("内容", "Text")


def describe(model: type[BaseModel], prefix: str, options, *, values: Mapping | None = None,
             errors: Mapping[str, str] | None = None, under: str = "") -> list[dict]:
    """The fields of a body as `macros/forms.html` draws them.

    `prefix` stands before their ids, so that two forms of a page differ; `options(name)` gives the
    choices of a named vocabulary; `values` pre-fills, `errors` says what to mend by dotted name.
    `under` stands before the names of members of members.
    """
    described = []
    for name, info in model.model_fields.items():
        extra, path, kind = info.json_schema_extra or {}, under + name, _kind(info)
        value = (values or {}).get(name, None if info.is_required() else info.get_default(
            call_default_factory=True))
        item = {"name": path, "id": prefix + path, "type": kind, "label": {"zh": info.title or name,
                                                      "en": extra.get("en") or name},
                "required": info.is_required() and kind not in ("checkbox", "multiselect"),
                "value": _shown(value, kind), "error": _fault(errors or {}, path, kind)}
        if extra.get("help_zh"):
            item["help"] = {"zh": extra["help_zh"], "en": extra.get("help_en") or ""}
        if kind in ("select", "multiselect", "radio"):
            item["options"] = _choices(info, extra, options)
        elif kind in ("rows", "given"):
            item |= _rows(_member(info), kind, prefix, options, value, errors or {}, path)
        elif kind == "group":
            held = _plain(value)
            item |= {"kept": bool(held.get(KEPT)), "fields": _optional(describe(
                _member(info), prefix, options, values=held, errors=errors, under=f"{path}."))}
        for bound in info.metadata:
            if hasattr(bound, "max_length"):
                item["maxlength"] = bound.max_length
        described.append(item)
    return described


def _rows(model, kind: str, prefix: str, options, value, errors: Mapping, path: str) -> dict:
    """The rows that are there; free ones also have three to spare and a pattern to add more.

    Faults count the rows that were read, so that they stand at the row they are about.
    """
    def row(at, held: Mapping, faults: Mapping = types.MappingProxyType({}), fault="") -> dict:
        fields = _optional(describe(model, prefix, options, values=held, errors=faults,
                                    under=f"{path}.{at}."))
        return {"at": at, "fields": fields, "held": held, "error": fault,
                "kept": bool(held.get(KEPT, True)),
                "by": {field["name"].rpartition(".")[2]: field for field in fields}}

    given = [{"key": key, "value": text} for key, text in value.items()] if isinstance(
        value, Mapping) else [_plain(item) for item in value or ()]
    rows, read_before = [], 0
    for at, held in enumerate(given):
        faults = {f"{path}.{at}.{name.removeprefix(f'{path}.{read_before}.')}": text
                  for name, text in errors.items() if name.startswith(f"{path}.{read_before}.")}
        told = errors.get(str(held.get(_key(model)))) if kind == "given" else ""
        rows.append(row(at, held, faults if held.get(KEPT, True) else {}, told))
        read_before += bool(held.get(KEPT, True))
    if kind == "given":
        return {"rows": rows, "value": None}
    return {"rows": rows + [row(len(given) + at, {}) for at in range(SPARE)], "value": None,
            "pattern": row("__at__", {})}


def _optional(fields: list[dict]) -> list[dict]:
    """Fields of a row or group, which may be left out as a whole."""
    return [{**field, "required": False} for field in fields]


def _plain(item) -> dict:
    """Values by name, from a document, a body or a line of an answer."""
    return dict(item) if isinstance(item, Mapping) else dict(vars(item)) if item else {}


def _fault(errors: Mapping[str, str], path: str, kind: str) -> str | None:
    deep = kind not in ("rows", "given", "group")
    found = [text for name, text in errors.items()
             if name == path or deep and name.startswith(f"{path}.")]
    return ("; " if spoken() == "en" else "；").join(found) or None


def _kind(info: FieldInfo) -> str:
    """How a member is asked for. A list of bodies is rows, whatever its widget says."""
    extra, bare = info.json_schema_extra or {}, _bare(info.annotation)
    widget = extra.get("widget")
    if widget and widget != "json":
        return widget
    if extra.get("options"):
        return "multiselect" if typing.get_origin(bare) is list else "select"
    if bare in (bool, int):
        return "checkbox" if bare is bool else "number"
    if typing.get_origin(bare) is typing.Literal or _is(bare, Enum):
        return "select"
    if _is(bare, BaseModel):
        return "group"
    held = [_bare(held) for held in typing.get_args(bare)]
    if typing.get_origin(bare) is list and _is(held[0], BaseModel) or held == [str, str]:
        return "rows"
    return "json" if bare is dict or typing.get_origin(bare) in (list, dict) else "text"


def _is(bare, base: type) -> bool:
    return isinstance(bare, type) and issubclass(bare, base)


def _member(info: FieldInfo) -> type[BaseModel]:
    """The body a row or group asks for."""
    bare = _bare(info.annotation)
    if typing.get_origin(bare) is dict:
        return Pair
    return _bare(typing.get_args(bare)[0]) if typing.get_origin(bare) is list else bare


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
    if not _is(bare, Enum):
        return []
    return [(member.value, {"zh": getattr(member, "zh", member.value),
                            "en": getattr(member, "en", member.value)}) for member in bare]


def _shown(value, kind: str):
    if kind == "json" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, indent=1) if value else ""
    if kind == "money" and isinstance(value, int):
        return in_yuan(value)
    if kind == "textarea" and isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return value


Files = Mapping[str, list[str]]


def posted(model: type[BaseModel], form, files: Files | None = None) -> BaseModel:
    """The body a posted form holds; `files` are the digests of what was handed in, by name.

    Raises:
        ValidationError, Invalid: naming the fields to mend.
    """
    values = read(model, form, files)
    readers = {"json": _json, "money": in_fen}
    for name, info in model.model_fields.items():
        if name in values and _kind(info) in readers:
            values[name] = readers[_kind(info)](name, values[name])
    return model.model_validate(values)


def read(model: type[BaseModel], form, files: Files | None = None, *, under: str = "",
         every: bool = False) -> dict:
    """What a posted form says, member by member, as text; `every` keeps rows left unticked."""
    values = {}
    for name, info in model.model_fields.items():
        path, kind, bare = under + name, _kind(info), _bare(info.annotation)
        many = [item for item in form.getlist(path) if item.strip()]
        if kind == "file":
            handed = (files or {}).get(path) or many
            if handed:
                values[name] = handed if typing.get_origin(bare) is list else handed[0]
        elif kind in ("rows", "given"):
            rows = _read_rows(_member(info), form, files, path, given=kind == "given",
                              every=every)
            values[name] = {row["key"]: row["value"] for row in rows} if typing.get_origin(
                bare) is dict else rows
        elif kind == "group":
            if form.get(f"{path}.{KEPT}"):
                held = read(_member(info), form, files, under=f"{path}.", every=every)
                values[name] = held | ({KEPT: True} if every else {})
        elif bare is bool:
            values[name] = form.get(path) is not None
        elif kind == "multiselect" or (typing.get_origin(bare) is list and kind != "json"):
            values[name] = many if kind != "textarea" else [
                line.strip() for line in "\n".join(many).splitlines() if line.strip()]
        elif many or info.is_required():
            values[name] = form.get(path, "")
    return values


def _read_rows(model, form, files: Files | None, path: str, *, given: bool,
               every: bool) -> list[dict]:
    """The rows of a form in their order: given ones that are ticked, free ones not left empty."""
    places = {name.removeprefix(f"{path}.").partition(".")[0]
              for name in (*form, *(files or ())) if name.startswith(f"{path}.")}
    rows = []
    for at in sorted((place for place in places if place.isdecimal()), key=int):
        row = read(model, form, files, under=f"{path}.{at}.", every=every)
        kept = form.get(f"{path}.{at}.{KEPT}") is not None if given else not _is_empty(model, row)
        if given and every:
            rows.append(row | {KEPT: kept})
        elif kept:
            rows.append(row)
    return rows


def takes_file(model: type[BaseModel], name: str) -> bool:
    """Whether a file posted under a dotted name is asked for by the body."""
    first, _, rest = name.partition(".")
    info = model.model_fields.get(first)
    kind = _kind(info) if info else ""
    if kind in ("rows", "given"):
        rest = rest.partition(".")[2]
    return kind == "file" if not rest else (
        kind in ("rows", "given", "group") and takes_file(_member(info), rest))


def _is_empty(model: type[BaseModel], row: Mapping) -> bool:
    """Whether a row says nothing but what it says by itself."""
    defaults = {name: info.get_default(call_default_factory=True)
                for name, info in model.model_fields.items() if not info.is_required()}
    return all(not value or str(value) == str(defaults.get(name)) for name, value in row.items())


def again(model: type[BaseModel], form, start: Mapping | None = None) -> dict:
    """What a refused form said, to be shown once more; given rows keep what `start` tells."""
    values = read(model, form, every=True)
    for name, info in model.model_fields.items():
        if _kind(info) == "given":
            key = _key(_member(info))
            told = {held.get(key): held for held in map(_plain, (start or {}).get(name) or ())}
            values[name] = [told.get(row[key], {}) | row for row in values[name]]
    return values


def _key(model: type[BaseModel]) -> str:
    """The member a given row is known by: the one that is not asked for."""
    return next(name for name, info in model.model_fields.items() if _kind(info) == "hidden")


def _json(name: str, text: str):
    try:
        return read_json(text.encode())
    except Malformed as error:
        raise Invalid(error.zh, str(error), errors=[{"at": name, "zh": error.zh,
                                                     "en": str(error)}]) from error


ZH = {"missing": "必填", "string_too_short": "未填写或太短", "string_too_long": "太长",
      "string_pattern_mismatch": "格式不符", "int_parsing": "应为整数",
      "extra_forbidden": "多余的项", "greater_than_equal": "过小", "less_than_equal": "过大",
      "literal_error": "不在可选范围", "enum": "不在可选范围", "too_short": "至少填一项",
      "date_from_datetime_parsing": "应为日期"}
EN = {"missing": "required", "string_too_short": "not filled in, or too short",
      "string_too_long": "too long", "string_pattern_mismatch": "not of the expected form",
      "int_parsing": "a whole number is needed", "extra_forbidden": "not expected here",
      "greater_than_equal": "too small", "less_than_equal": "too large",
      "literal_error": "not one of the choices", "enum": "not one of the choices",
      "too_short": "at least one is needed", "date_from_datetime_parsing": "a date is needed"}
