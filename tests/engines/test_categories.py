"""Categories are words: read whole or not at all, complete in both languages."""

import json

import pytest

from app.demo.supply import FOLDER
from app.engines import categories
from app.engines.rulefiles import BadRule


def test_every_category_is_worded_in_both_languages():
    assert all(words.zh and words.en and words.zh != words.en
               for words in categories.published().values())


def test_every_element_the_demonstration_grades_by_has_its_words():
    graded = json.loads((FOLDER / "grades.json").read_text("utf-8"))
    used = {element for table in graded.values() for _, _, element in table.values()}
    assert used <= set(categories.published())


@pytest.mark.parametrize(("text", "says"), [
    ("zh,en\nTAX,税务\n", "first line"), ("code,zh,en\nTAX,税务\n", "line 2"),
    ("code,zh,en\nTAX,,Taxation\n", "line 2"),
    ("code,zh,en\nA,甲,A1\nA,乙,A2\n", "`A`"), ("", "first")])
def test_a_wrong_line_refuses_the_file(tmp_path, text, says):
    path = tmp_path / "categories.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BadRule, match=says):
        categories.load(path)
