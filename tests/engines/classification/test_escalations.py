"""Every rule of escalation does what its examples say, and no company lowers a set."""

import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.classification.escalation import (
    CONDITIONS,
    FieldSet,
    Item,
    Outcome,
    escalate,
)
from app.engines.classification.escalations import escalations, example_set
from app.engines.classification.words import RULES, elements
from app.engines.strict_yaml import BadRule

KNOWN = escalations()


@pytest.mark.parametrize(("rule", "example"), KNOWN.examples,
                         ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(KNOWN.examples)])
def test_every_rule_does_what_its_examples_say(rule: str, example) -> None:
    outcome = escalate(example_set(example, KNOWN), KNOWN.rules)
    found = {item.element: item for item in outcome.items}
    assert outcome.level == example["level"]
    assert outcome.duties == frozenset(example.get("duties", ()))
    assert outcome.may_fall == example.get("may_fall")
    assert {element: found[element].level for element in example.get("levels", {})} == example.get(
        "levels", {})
    assert all(found[element].personal for element in example.get("personal", ()))


@pytest.mark.parametrize("rule", sorted({rule for rule, _ in KNOWN.examples} - {"ESC-01"}))
def test_without_the_rule_one_of_its_examples_comes_out_differently(rule: str) -> None:
    """All but ESC-01, which is how a set is graded at all."""
    others = [each for each in KNOWN.rules if each.id != rule]
    sets = [example_set(example, KNOWN) for named, example in KNOWN.examples if named == rule]
    assert any(effect(escalate(fields, KNOWN.rules)) != effect(escalate(fields, others))
               for fields in sets)


def effect(outcome: Outcome) -> tuple:
    return outcome.level, outcome.items, outcome.duties, outcome.may_fall


def test_there_are_twenty_two_rules_and_each_condition_is_used_once() -> None:
    assert sorted(rule.id for rule in KNOWN.rules) == [f"ESC-{n:02}" for n in range(1, 23)]
    assert sorted(rule.condition for rule in KNOWN.rules) == sorted(CONDITIONS)


def example(rule: str, number: int = 0) -> FieldSet:
    return example_set([each for named, each in KNOWN.examples if named == rule][number], KNOWN)


@pytest.mark.parametrize(("fields", "least"), [
    (replace(example("ESC-07"), published=True), None),
    (replace(example("ESC-16"), published=True), None),
    (replace(example("ESC-11"), published=True), None),
    (replace(example("ESC-03"), items=(Item("official_name", 3, True),), published=True), 2),
    (replace(example("ESC-15", 1), items=(Item("tax_paid", 3, True),)), 2),
    (replace(example("ESC-05"), sharing="conditional"), 2)],
    ids=["forbidden", "fused", "million", "personal", "aggregate-of-people", "anonymised"])
def test_a_set_may_never_fall_below_the_floor_of_another_rule_it_meets(fields, least) -> None:
    assert escalate(fields, KNOWN.rules).may_fall == least


ITEMS = st.builds(
    lambda element, level, personal, sensitive, found: Item(
        element, level, personal, sensitive, traits=KNOWN.traits.get(element, frozenset()),
        found=found),
    st.sampled_from(sorted(elements().elements)), st.integers(1, 5), st.booleans(), st.booleans(),
    st.integers(0, 4))
SETS = st.builds(
    FieldSet, st.lists(ITEMS, max_size=8).map(tuple), persons=st.integers(0, 2_000_000),
    handled=st.integers(0, 20_000_000), k=st.none() | st.integers(1, 20),
    sharing=st.sampled_from(["", "open", "conditional", "forbidden"]),
    state=st.sampled_from(["raw", "deidentified", "anonymised"]), tested=st.booleans(),
    cells=st.none() | st.integers(1, 50), dominance=st.floats(0, 1), unpublished=st.booleans(),
    sources=st.lists(st.integers(1, 5), max_size=3).map(tuple), leaving=st.booleans(),
    coverage=st.booleans(), minors=st.booleans(), sole_traders=st.booleans(),
    published=st.booleans())


@given(SETS, ITEMS)
def test_adding_a_column_never_lowers_a_set_nor_any_of_its_columns(fields, item) -> None:
    before = escalate(fields, KNOWN.rules)
    after = escalate(replace(fields, items=(*fields.items, item)), KNOWN.rules)
    assert after.level >= before.level
    assert all(new.level >= old.level for old, new in zip(before.items, after.items, strict=False))
    assert after.duties >= before.duties


@given(SETS, st.integers(0, 3_000_000), st.integers(0, 20))
def test_adding_rows_never_lowers_a_set(fields, people, rarer) -> None:
    grown = replace(fields, persons=fields.persons + people, handled=fields.handled + people,
                    k=None if fields.k is None else max(1, fields.k - rarer),
                    minors=True, sole_traders=True)
    assert escalate(grown, KNOWN.rules).level >= escalate(fields, KNOWN.rules).level


@given(SETS)
def test_what_may_fall_stays_above_every_floor(fields) -> None:
    found = escalate(fields, KNOWN.rules)
    floors = {rule.id: rule.floor for rule in KNOWN.rules}
    if found.may_fall is not None and fields.state != "anonymised":
        assert found.may_fall >= max(
            [1, *(floors[rule] for item in found.items for rule in item.raised)])
        assert found.may_fall >= {"forbidden": 4, "conditional": 2}.get(fields.sharing, 1)
        assert found.may_fall >= (2 if fields.state == "deidentified" else 1)


@given(SETS)
def test_a_set_is_never_below_its_highest_field_and_grading_twice_changes_nothing(fields) -> None:
    once = escalate(fields, KNOWN.rules)
    assert once.level >= max((item.level for item in fields.items), default=1)
    twice = escalate(replace(fields, items=once.items), KNOWN.rules)
    assert (twice.level, twice.items) == (once.level, once.items)


@pytest.mark.parametrize(("was", "now", "said"), [
    ("person_origin: 2", "religion: 2", "public grades `religion` below .*, and it is sensitive"),
    ("personal_elements: [person_origin, ", "personal_elements: [", "does not name it as personal"),
])
def test_a_context_that_lowers_what_is_sensitive_or_hides_a_person_is_refused(
        tmp_path, was, now, said) -> None:
    folder = shutil.copytree(RULES, tmp_path / "rules")
    path = folder / "grading" / "contexts.yaml"
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, now), "utf-8")
    with pytest.raises(BadRule, match=said):
        escalations(folder)


def test_rules_that_contexts_and_reasons_cite_give_what_they_are_cited_for() -> None:
    """ESC-10 and ESC-08 are about company, ESC-03 gives 2: none stands for levels it does not."""
    book = elements()
    floors = {rule.id: rule.floor for rule in KNOWN.rules}
    for regime in book.regimes.values():
        given = {regime.floor, *regime.levels.values(), *regime.amounts.values()} - {1}
        alone = [rule for rule in floors if rule in regime.source.zh and "本系统" not in
                 regime.source.zh]
        assert all(floors[rule] in given for rule in alone), regime.id
        assert ("本系统" in regime.source.zh) is ("our" in regime.source.en)
    assert "ESC-03" not in book.reasons["company-phone"].zh
