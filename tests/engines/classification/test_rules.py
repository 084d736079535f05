"""Rule files of identifiers are read strictly and hold their own examples."""

import re
import shutil

import pytest

from app.domain.classification.folding import fold
from app.engines.classification.rules import identifiers, load
from app.engines.classification.words import RULES
from app.engines.strict_yaml import BadRule
from tests.domain.classification.random_shapes import values

ALL = list(identifiers())
EXAMPLES = [(each.id, value) for each in ALL for value in each.examples.valid]
COUNTEREXAMPLES = [(each.id, value) for each in ALL for value in each.examples.invalid]
MASKED = [(each.id, value) for each in ALL for value in each.examples.masked]


def test_there_is_one_file_for_each_of_fifty_five_identifiers():
    assert len(ALL) == 55


@pytest.mark.parametrize(("name", "value"), EXAMPLES)
def test_a_valid_example_passes(name, value):
    assert identifiers()[name].passes(fold(value))


@pytest.mark.parametrize(("name", "value"), COUNTEREXAMPLES)
def test_an_invalid_example_does_not(name, value):
    assert not identifiers()[name].passes(fold(value))


@pytest.mark.parametrize(("name", "value"), MASKED)
def test_a_masked_example_is_known_as_masked_and_not_as_whole(name, value):
    assert identifiers()[name].is_masked(fold(value))
    assert not identifiers()[name].passes(fold(value))


@pytest.mark.parametrize("identifier", [each for each in ALL if each.checks and not each.finder],
                         ids=lambda each: each.id)
def test_the_floor_is_what_random_values_of_the_shape_reach(identifier):
    """Within four standard errors and the two digits the files give."""
    drawn = [value for value in values(identifier.shape.pattern, 4000, seed=7)
             if identifier.shape.fullmatch(value)]
    share = sum(identifier.holds(identifier.reads(value)) for value in drawn) / len(drawn)
    spread = (identifier.floor * (1 - identifier.floor) / len(drawn)) ** 0.5
    assert abs(share - identifier.floor) < 4 * spread + 0.005


def test_without_a_check_every_random_value_passes():
    for identifier in ALL:
        if not identifier.checks:
            assert identifier.floor == 1.0, identifier.id


GOOD = """\
id: made_up
title: {zh: 编造号, en: Made up}
source: none
subject: none
strength: weak
shape: '\\d{5}'
floor: 1.0
hints: {zh: [], pinyin: [], en: []}
against: []
vetoes: []
examples: {valid: ['12345', '54321', '11111'], invalid: ['1', '2', 'abcde']}
collisions: []
"""


@pytest.fixture
def rules(tmp_path):
    shutil.copytree(RULES / "codes", tmp_path / "codes")
    (tmp_path / "identifiers").mkdir()
    (tmp_path / "identifiers" / "made_up.yaml").write_text(GOOD, "utf-8")
    return tmp_path


def changed(rules, before, after):
    assert before in GOOD
    path = rules / "identifiers" / "made_up.yaml"
    path.write_text(GOOD.replace(before, after), "utf-8")


def test_a_sound_file_is_taken(rules):
    assert load(rules)["made_up"].passes("12345")


@pytest.mark.parametrize(("before", "after", "said"), [
    ("strength: weak", "strength: vague", "`strength` is one of"),
    ("subject: none", "subject: dog", "`subject` is one of"),
    ("source: none\n", "", "`source` is missing"),
    ("source: none", "source: none\nscore: 0.5", "there is no member `score`"),
    ("id: made_up", "id: other", "not the name of the file"),
    ("'\\d{5}'", "'(\\d{5}'", "is no pattern"),
    ("'\\d{5}'", "'\\b\\d{5}'", "vanish beside Chinese"),
    ("'\\d{5}'", "'\\w{5}'", "vanish beside Chinese"),
    ("'\\d{5}'", "'(\\d+)+'", "may run long"),
    ("'\\d{5}'", "'(?:\\d{1,3}){1,3}'", "a repeat within a repeat"),
    ("'\\d{5}'", "'\\d{0,5}'", "matches nothing"),
    ("floor: 1.0", "floor: 2.0", "`floor` is a share"),
    ("floor: 1.0", "floor: 1.0\nchecks: [magic]", "no check or finder `magic`"),
    ("floor: 1.0", "floor: 1.0\nmasked: '\\d\\*{4}'", "go together"),
    ("floor: 1.0", "floor: 1.0\nseparators: 'yes'", "true or false"),
    ("'12345', ", "", "at least three"),
    ("'12345'", "'1234x'", "the valid example `1234x` does not pass"),
    ("'abcde'", "'99999'", "the invalid example `99999` passes"),
    ("vetoes: []", "vetoes: [blob]", "knows no type `blob`"),
    ("against: []", "against: [a, a]", "says a word twice"),
    ("{zh: [], pinyin: [], en: []}", "{zh: []}", "`hints` holds"),
    ("collisions: []", "collisions: [nobody]", "which there is not"),
    ("source: none", "source: none\nsource: none", "stands twice"),
])
def test_an_unsound_file_is_refused_by_name(rules, before, after, said):
    changed(rules, before, after)
    with pytest.raises(BadRule) as refused:
        load(rules)
    assert "made_up.yaml" in str(refused.value) and said in str(refused.value)


@pytest.mark.parametrize(("line", "said"), [
    ("01,twice,HA,\n", "stands twice"), ("99,short\n", "members of the header"),
    (",nothing,,\n", "members of the header")])
def test_an_unsound_list_is_refused_by_line(rules, line, said):
    with (rules / "codes" / "ethnic_groups.csv").open("a", encoding="utf-8") as lines:
        lines.write(line)
    with pytest.raises(BadRule, match=rf"ethnic_groups.csv line 60: .*{said}"):
        load(rules)


def test_a_list_that_is_no_text_is_refused(rules):
    (rules / "codes" / "sexes.csv").write_bytes(b"code,zh\n1,\xff\xfe\n")
    with pytest.raises(BadRule, match="sexes.csv is not a list"):
        load(rules)


def test_the_version_moves_with_any_file(rules):
    before = load(rules).version
    changed(rules, "strength: weak", "strength: medium")
    assert load(rules).version != before


def test_a_collision_is_told_by_both_unless_a_context_decides_one():
    lone = {(each.id, other) for each in ALL for other in each.collisions
            if each.id not in identifiers()[other].collisions
            and "context-only" not in (each.strength, identifiers()[other].strength)}
    assert lone == set()


def test_a_source_with_words_is_said_in_both_languages():
    """A standard's number reads alike; whatever else is said is Chinese on Chinese pages."""
    alone = [rule.source.zh for rule in identifiers() if rule.source.zh == rule.source.en]
    assert [text for text in alone if re.search(r"[a-z]{3,}", text)] == []
