"""What arrives from outside is read strictly: one text, one meaning, bounded in every direction.

JSON here has no duplicate keys, no NaN, no number a browser would round and no hidden depth.
Schemas are not checked here; a caller gets plain values and checks the shape itself.
"""

import json
import math
import re
import unicodedata
from datetime import date
from typing import NoReturn

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32
BODY_LIMIT = 1_048_576
EARLIEST, LATEST = 1900, 2199

_NUMBER = r"-?(?:NaN|Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_TOKEN = re.compile(rf'"(?:[^"\\]+|\\.)*+"?|[\[\]{{}}]|{_NUMBER}', re.DOTALL)


class Malformed(ValueError):
    """The text cannot be read; says where, and what to mend, in both languages."""

    code = "INPUT.MALFORMED"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class TooLarge(Malformed):
    """More bytes than the caller allows."""

    code = "INPUT.TOO_LARGE"


class NotUtf8(Malformed):
    """Bytes that are not UTF-8 without a byte order mark."""

    code = "INPUT.NOT_UTF8"


class NotJson(Malformed):
    """Text that is not one JSON value."""

    code = "INPUT.NOT_JSON"


class DuplicateKey(Malformed):
    """An object that says two things under one name."""

    code = "INPUT.DUPLICATE_KEY"


class TooDeep(Malformed):
    """Lists and objects nested deeper than `DEEPEST`."""

    code = "INPUT.TOO_DEEP"


class UnsafeNumber(Malformed):
    """NaN, infinity, or an integer beyond 2^53-1."""

    code = "INPUT.UNSAFE_NUMBER"


class UnsafeText(Malformed):
    """Control, direction-override or half characters where text is expected."""

    code = "INPUT.UNSAFE_TEXT"


def read_json(body: bytes, limit: int = BODY_LIMIT) -> object:
    """The one value in ``body``.

    Raises:
        Malformed: a subclass naming the place and what to mend; never a parser's own error.
    """
    if len(body) > limit:
        raise TooLarge(
            f"内容超过 {limit} 字节，请分批提交", f"more than {limit} bytes: send less at once"
        )
    text = _decoded(body)
    _require_shallow(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=lambda digits: _integer(digits, text),
            parse_float=lambda digits: _float(digits, text),
            parse_constant=lambda word: _refuse_number(word, text),
        )
    except json.JSONDecodeError as error:
        where = _place(text, error.pos)
        raise NotJson(f"{where[0]}不是合法的 JSON", f"not valid JSON at {where[1]}") from None
    if "\\u" in text:
        _require_whole_characters(value)
    return value


def clean_text(text: str, lines: bool = False) -> str:
    """``text`` in NFC, or UnsafeText naming the first character that may not stand in it.

    Refused: control, format (zero-width, direction overrides), separator and half characters.
    With ``lines`` newline and tab are kept, for statements rather than names.
    """
    for position, character in enumerate(text, start=1):
        if lines and character in "\n\t":
            continue
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            mark = f"U+{ord(character):04X}"
            raise UnsafeText(
                f"第 {position} 个字符是不可见或控制字符 {mark}，请删除",
                f"character {position} is the invisible or control character {mark}: remove it",
            )
    return unicodedata.normalize("NFC", text)


def _decoded(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise NotUtf8(
            "请去掉文件开头的字节顺序标记 (BOM)", "remove the byte order mark at the start"
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8(
            f"第 {error.start + 1} 个字节不是 UTF-8，请用 UTF-8 保存",
            f"byte {error.start + 1} is not UTF-8: save the text as UTF-8",
        ) from None


def _require_shallow(text: str) -> None:
    """Nesting is measured before parsing, so a parser never recurses into hostile depth."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                zh, en = _place(text, token.start())
                raise TooDeep(
                    f"{zh}嵌套超过 {DEEPEST} 层，请拆平结构",
                    f"nested deeper than {DEEPEST} levels at {en}: flatten the value",
                )
        elif mark in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            shown = json.dumps(name[:64])[1:-1]
            raise DuplicateKey(
                f"同一对象中键 `{shown}` 出现两次，请只保留一个",
                f"key `{shown}` stands twice in one object: keep one",
            )
        found[name] = value
    return found


def _integer(digits: str, text: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        _refuse_number(digits, text)
    return int(digits)


def _float(digits: str, text: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        _refuse_number(digits, text)
    return value


def _refuse_number(digits: str, text: str) -> NoReturn:
    token = next(token for token in _TOKEN.finditer(text) if token.group() == digits)
    zh, en = _place(text, token.start())
    raise UnsafeNumber(
        f"{zh}的数值不能精确表示，请改为 ±(2^53-1) 以内的数，或写成字符串",
        f"the number at {en} cannot be kept exactly: stay within 2^53-1 or send it as a string",
    )


def _require_whole_characters(value: object) -> None:
    """Escapes may spell half a character or NUL, which no database can store as text."""
    if isinstance(value, str):
        if "\0" in value or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise UnsafeText(
                "字符串中含有空字符或不成对的代理字符，请删除",
                "a string holds NUL or half a character: remove it",
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            _require_whole_characters(key)
            _require_whole_characters(item)
    elif isinstance(value, list):
        for item in value:
            _require_whole_characters(item)


def _place(text: str, position: int) -> tuple[str, str]:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f"第 {line} 行第 {column} 列", f"line {line} column {column}"


def in_calendar(value: object) -> object:
    """The value, unless it is a day or an instant no period can be counted from (I08).

    Raises:
        ValueError: the year lies outside 1900 to 2199.
    """
    if isinstance(value, date) and not EARLIEST <= value.year <= LATEST:
        raise ValueError(f"年份应在 {EARLIEST} 至 {LATEST} 之间 / "
                         f"the year lies between {EARLIEST} and {LATEST}")
    return value


_REF = re.compile(r"[A-Za-z0-9._-]{1,64}")


def is_ref(text: str) -> bool:
    """Whether a text has the shape of an id or a number; anything else names nothing (I08)."""
    return bool(_REF.fullmatch(text))
