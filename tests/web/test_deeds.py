"""Everything that can be sealed or asked for has words in both languages."""

import ast
from pathlib import Path

import pytest

import app
from app.commands.command import commands
from app.queries.query import queries
from app.web.deeds import NOUNS, act_title, entry_title, lifecycles, one_title, task_title

KINDS = sorted(
    {f"{noun}.{move.action}" for noun, lifecycle in lifecycles().items()
     for move in lifecycle.moves}
    | {node.args[0].value
       for path in Path(app.__file__).parent.rglob("*.py")
       for node in ast.walk(ast.parse(path.read_text("utf-8")))
       if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
       and node.func.attr == "record" and node.args and isinstance(node.args[0], ast.Constant)})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_entry_is_told_in_words(kind):
    commands()
    noun, _, action = kind.partition(".")
    assert one_title(noun)["zh"] != noun and act_title(noun, action)["zh"] != action, kind
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in entry_title(kind)["en"])


def test_no_word_stands_for_what_the_tables_already_name():
    assert not {noun for noun, _ in queries()} & NOUNS.keys()


def test_a_task_is_told_with_its_object_in_both_languages():
    said = task_title("grant_case", "accept", "受理：经营贷核验")
    assert said == {"zh": "受理：经营贷核验", "en": "Accept: 经营贷核验"}
    assert task_title("grant_case", "submit", "确认提交授权申请")["en"] == "Submit"
