"""Every code the rules use has words in both languages."""

import pytest

from app.domain.classification import rule_words
from app.domain.classification.checks import CHECKS
from app.domain.classification.identifiers import STRENGTHS, SUBJECTS
from app.domain.classification.rule_words import Source, check_words, source_of
from app.engines.classification.escalations import escalations
from app.engines.classification.schemes import schemes
from app.engines.classification.words import elements


@pytest.mark.parametrize("words, used", [
    (rule_words.Subject, set(SUBJECTS)), (rule_words.Strength, set(STRENGTHS)),
    (rule_words.Family, {one.family for one in elements().elements.values()}),
    (rule_words.Kind, {one.kind for one in elements().elements.values()}),
    (rule_words.Scheme, {scheme for one in elements().elements.values()
                         for scheme in (*one.schemes, *one.sensitive)}),
    (rule_words.Duty, {duty for rule in escalations().rules for duty in rule.duties}),
    (rule_words.Gives, {one.gives for one in schemes().all.values()}),
    (rule_words.Known, {rule.status for rule in escalations().rules}
     | {one.known for one in schemes().all.values()})])
def test_every_code_in_use_has_words_and_every_word_is_in_use(words, used):
    assert {member.value for member in words} == used


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_is_told_in_both_languages(name):
    zh, en = check_words(name)
    assert zh != name != en


@pytest.mark.parametrize("text, source", [
    ("GB 11643-1999; GB/T 17710 MOD 11-2", Source.NATIONAL), ("GA 36-2018", Source.TRADE),
    ("Subset of RFC 5322", Source.INTERNATIONAL), ("IEEE 802", Source.INTERNATIONAL),
    ("Form only", Source.RULES)])
def test_a_source_is_told_by_whose_number_it_begins_with(text, source):
    assert source_of(text) is source
