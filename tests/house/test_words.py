"""Every word of the pages exists in Chinese and in English, and none in one language only."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2 import Environment

from app.web import words

WEB = Path(words.__file__).parents[1]
TEMPLATES = sorted((WEB / "pages" / "templates").rglob("*.html"))
SOURCES = sorted(path for path in WEB.rglob("*.py"))
CATALOGUES = words.catalogues("en")
HAN = re.compile(r"[\u3400-\u9fff]")
SHOWN = ("aria-label", "placeholder", "title", "alt", "data-done", "data-warning")
SAME_IN_BOTH = {"OpenAPI", "Hufu", "Enter", "Esc", "中文", "English", "虎符"}
VALUE = "\x00"
CLASS_BLOCKS = re.compile(r"\{% block (main_class|html_attributes) %\}.*?\{% endblock %\}")
ATTRIBUTES = re.compile(r'[\w-]+="[^"]*"|\b(required|readonly|checked|selected|multiple)\b')
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"])
MARKS = {"gettext": None, "_": None, "lazy_gettext": None, "ngettext": (1, 2)}


def name(path: Path) -> str:
    return str(path.relative_to(WEB))


def msgids() -> dict[str, str]:
    """Every marked string of templates and Python, with one place it stands in."""
    found = {}
    for path in TEMPLATES:
        for line, _, message in ENVIRONMENT.extract_translations(path.read_text("utf-8")):
            text = message if isinstance(message, str) else message[0]
            found[text] = f"{name(path)}:{line}"
    for path in SOURCES:
        for line, message, *_ in extract_from_file("python", path, keywords=MARKS):
            text = message if isinstance(message, str) else message[0]
            found[text] = f"{name(path)}:{line}"
    return found


def english() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="en", abort_invalid=True):
                if message.id and not message.fuzzy:
                    found.setdefault(message.id, []).append(message.string)
    return found


def test_every_marked_string_has_an_english_translation():
    known = english()
    missing = {text: place for text, place in msgids().items() if not any(known.get(text, [""]))}
    assert not missing


def test_no_catalogue_line_is_left_over():
    assert not set(english()) - set(msgids())


def test_a_string_is_translated_the_same_way_everywhere():
    assert not {text: all_ for text, all_ in english().items() if len(set(all_)) > 1}


def test_no_english_translation_holds_chinese():
    assert not [text for all_ in english().values() for text in all_ if HAN.search(text)]


def test_translations_keep_the_placeholders():
    holes = re.compile(r"%\((\w+)\)s")
    wrong = [
        text
        for text, all_ in english().items()
        for translated in all_
        if sorted(holes.findall(text)) != sorted(holes.findall(translated))
    ]
    assert not wrong


class Shown(HTMLParser):
    """Collects the words a reader would see: text and the attributes that are read out."""

    def __init__(self):
        super().__init__()
        self.words: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "title", "code", "pre", "kbd"):
            self.inside.append(tag)
        self.words += [value for key, value in attrs if key in SHOWN and value]

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.words.append(data)


def plain_words(source: str) -> list[str]:
    """The words a template writes by itself, outside every expression."""
    source = CLASS_BLOCKS.sub("", source)
    pieces, depth = [], 0
    for _, kind, text in ENVIRONMENT.lex(source):
        if kind in ("variable_begin", "block_begin"):
            depth += 1
            pieces.append(VALUE if kind == "variable_begin" else "")
        elif kind in ("variable_end", "block_end"):
            depth -= 1
        elif kind == "data" and not depth:
            pieces.append(text)
    shown = Shown()
    shown.feed("".join(pieces))
    return [ATTRIBUTES.sub("", word).replace(VALUE, " ").strip() for word in shown.words]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_write_no_word_outside_the_catalogue(path):
    written = [
        word
        for text in plain_words(path.read_text("utf-8"))
        for word in re.findall(r"[A-Za-z]{3,}|[\u3400-\u9fff]+", text)
        if word not in SAME_IN_BOTH and word != "符"
    ]
    assert not written


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_expressions_hold_no_unmarked_chinese(path):
    marked = set(msgids())
    written = unpaired(path.read_text("utf-8"))
    assert not [text for text in written if text not in marked and text not in SAME_IN_BOTH]


def unpaired(source: str) -> list[str]:
    """Chinese strings of the expressions that do not stand as `"zh": …` beside an `"en": …`."""
    tokens = [
        (kind, text)
        for _, kind, text in ENVIRONMENT.lex(source)
        if kind not in ("whitespace", "data")
    ]
    found = []
    for at, (kind, text) in enumerate(tokens):
        before = [token for _, token in tokens[max(0, at - 2) : at]]
        after = [token for _, token in tokens[at + 1 : at + 3]]
        paired = before in (['"zh"', ":"], ["'zh'", ":"]) and after in (
            [",", '"en"'],
            [",", "'en'"],
        )
        if kind == "string" and HAN.search(text) and not paired:
            found.append(text[1:-1])
    return found


def unmarked(source: str) -> list[str]:
    """Chinese texts of a Python file that are neither marked nor paired with their English."""
    tree = ast.parse(source)
    fine: set[int] = set()
    for node in ast.walk(tree):
        for group in groups(node):
            fine |= {id(part) for text in group for part in ast.walk(text)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HAN.search(node.value.replace("虎符", ""))
        and id(node) not in fine
    ]


def groups(node: ast.AST):
    """The texts below a node that need no further mark: docstrings, marked calls, zh-en pairs."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        yield [body[0].value]
    if isinstance(body, list):
        assigned = [line for line in body if isinstance(line, ast.Assign)]
        yield from named_pairs(
            (getattr(line.targets[0], "id", ""), line.value) for line in assigned
        )
    if isinstance(node, ast.Call):
        if called(node) in MARKS:
            yield node.args
        yield from named_pairs((key.arg or "", key.value) for key in node.keywords)
    if isinstance(node, ast.Dict):
        names = [key.value if isinstance(key, ast.Constant) else "" for key in node.keys]
        yield from named_pairs(zip(map(str, names), node.values, strict=True))
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ZH":
        yield [node.value]
    if isinstance(node, ast.JoinedStr) and " / " in ast.unparse(node):
        yield [node]
    listed = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
    for first, second in zip(listed, listed[1:], strict=False):
        if has_han(first) and is_text(second):
            yield [first] if not has_han(second) else []


def named_pairs(named):
    """Values under `zh` or `…_zh` whose `en` stands beside them."""
    known = dict(named)
    for key, value in known.items():
        if key == "zh" or key.endswith("_zh"):
            yield [value] if key[:-2] + "en" in known else []


def is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return is_text(node.left)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def has_han(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and HAN.search(part.value)
        for part in ast.walk(node)
    )


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", None) or getattr(node.func, "attr", "")


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_python_holds_no_unmarked_chinese(path):
    assert not unmarked(path.read_text("utf-8"))


def test_the_house_law_can_fail():
    assert plain_words('<p title="保存">Save {{ x }} 取消</p>') == ["保存", "Save   取消"]
    assert unmarked('x = "中文"\ny = gettext("中文")\nz = dict(zh="中", en="b")') == ["中文"]
    assert unmarked('raise Invalid("一", "one")\nraise Invalid("二")\npair = ("三", "四")') == [
        "二",
        "三",
        "四",
    ]


RULE_CODE = re.compile(r"\b(G-[A-Z][A-Z-]+|INV-\d\d)")


def said_by(path: Path) -> list[str]:
    """The string literals of a file that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)
            and isinstance(node.value, str) and id(node) not in alone]


@pytest.mark.parametrize("path", sorted(WEB.parent.rglob("*.py")), ids=lambda path: path.name)
def test_a_sentence_holds_no_code_of_a_rule(path):
    inside = [text for text in said_by(path)
              if RULE_CODE.search(text) and not RULE_CODE.fullmatch(text)]
    assert not inside, "codes stand beside a sentence: `Guard.code`, `problems.rules`"


@pytest.mark.parametrize("path", [*CATALOGUES, *TEMPLATES], ids=lambda path: path.name)
def test_no_page_and_no_translation_holds_a_code_of_a_rule(path):
    assert not RULE_CODE.findall(path.read_text("utf-8"))
