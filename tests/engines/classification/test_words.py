"""Rule files of elements and words hold together."""

import re
from pathlib import Path

import pytest
import yaml

from app.engines.classification.words import RULES, elements
from app.engines.strict_yaml import BadRule

BOOK = elements()


@pytest.mark.parametrize("element", BOOK.elements.values(), ids=lambda element: element.id)
def test_every_element_has_both_titles_and_the_higher_of_its_schemes_levels(element) -> None:
    assert element.title.zh and element.title.en
    levels = [level for level in element.schemes.values() if isinstance(level, int)]
    assert element.level == max(levels)
    assert 1 <= element.level <= 5


def test_sensitive_elements_are_personal_and_at_least_level_three() -> None:
    wrong = [element.id for element in BOOK.elements.values()
             if element.sensitive and not (element.personal and element.level > 2)]
    assert wrong == []


def test_every_chinese_character_of_a_word_has_its_reading() -> None:
    known = set((RULES / "words" / "pinyin.csv").read_text(encoding="utf-8"))
    missing = {c for word in BOOK.lexicon.zh for c in word if "\u4e00" <= c <= "\u9fff"} - known
    assert missing == set()


def test_no_word_is_yaml_for_something_else() -> None:
    for path in [*(RULES / "words").glob("*.yaml"), *(RULES / "elements").glob("*.yaml")]:
        for entry in _lists(yaml.safe_load(path.read_text(encoding="utf-8"))):
            assert all(isinstance(word, str | int) and not isinstance(word, bool)
                       for word in entry), path.name


def _lists(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from _lists(inner)
    elif isinstance(value, list):
        if value and not isinstance(value[0], dict | list):
            yield value
        for inner in value:
            yield from _lists(inner)


def test_an_undeclared_element_is_refused_by_name(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(RULES, tmp_path / "rules")
    readings = tmp_path / "rules" / "words" / "readings.yaml"
    text = readings.read_text(encoding="utf-8")
    wrong = re.sub(r"element: legal_rep_name", "element: legal_rep_nmae", text, count=1)
    readings.write_text(wrong, encoding="utf-8")
    with pytest.raises(BadRule, match="legal_rep_nmae"):
        elements(tmp_path / "rules")
