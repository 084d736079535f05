"""A reason keeps its code, dimension and article whatever the officer writes into it."""

from datetime import date

import pytest

from app.domain.grounds import (
    Article,
    Checklist,
    ChecklistItem,
    Dimension,
    Ground,
    Remedy,
    Source,
    Words,
)

SOURCE = Source("law", "令第1号", Words("某法", "Some Law"), date(2021, 9, 1))
ARTICLE = Article("law/21", SOURCE, 21, Words("要义", "gist"))


def ground(remedy=Remedy.AMEND, days=10):
    return Ground(
        "TERM.RETENTION", ("grant_case",), Dimension.TERM, Words("过长", "Too long"),
        Words("“{purpose}”留存{asked}天。", "{purpose} kept {asked} days."), ARTICLE, remedy,
        Words("缩短。", "Shorten it."), days)


def test_a_reason_states_fact_dimension_clause_remedy_and_period():
    facts = {"purpose": Words("首次授信", "first credit"), "asked": "400"}
    assert ground().given(facts) == {
        "code": "TERM.RETENTION",
        "dimension": {"zh": "期限", "en": "Term"},
        "fact": {"zh": "“首次授信”留存400天。", "en": "first credit kept 400 days."},
        "clause": {"zh": "《某法》（令第1号，2021年9月1日起施行）第二十一条",
                   "en": "Some Law (令第1号, in force since 1 September 2021), article 21"},
        "remedy": {"zh": "缩短。", "en": "Shorten it."},
        "period": {"zh": "收到本文书之日起10个工作日内",
                   "en": "within 10 working days of receipt"},
    }


@pytest.mark.parametrize("facts", [
    {}, {"purpose": "x"}, {"purpose": "x", "asked": "1", "extra": "2"}])
def test_facts_and_blanks_must_agree(facts):
    with pytest.raises(ValueError, match="do not agree"):
        ground().given(facts)


def test_the_officer_may_reword_the_sentence_and_nothing_else():
    reworded = Words("另述 {purpose}", "Said otherwise {purpose}")
    given = ground().given({}, reworded)
    assert given["fact"] == {"zh": "另述 {purpose}", "en": "Said otherwise {purpose}"}
    assert given["code"] == "TERM.RETENTION"
    assert given["clause"]["zh"].startswith("《某法》")


def test_what_an_officer_fills_in_is_never_read_as_a_blank():
    given = ground().given({"purpose": "{asked}", "asked": "1"})
    assert given["fact"]["zh"] == "“{asked}”留存1天。"


@pytest.mark.parametrize(("remedy", "days", "zh"), [
    (Remedy.NONE, 0, "不适用"), (Remedy.AMEND, 0, "不设期限"),
    (Remedy.OBJECT, 5, "收到本文书之日起5个工作日内")])
def test_every_remedy_says_how_long_it_is_open(remedy, days, zh):
    assert ground(remedy, days).period().zh == zh


@pytest.mark.parametrize(("zh", "en", "wrong"), [
    ("{a}", "{b}", "different"), ("{a}", "none", "different"),
    ("{a.b}", "{a.b}", "plain word"), ("{}", "{}", "plain word"), ("{a[0]}", "{a[0]}", "plain")])
def test_blanks_are_plain_words_and_the_same_in_both_languages(zh, en, wrong):
    with pytest.raises(ValueError, match=wrong):
        Words(zh, en).blanks()


def test_a_citation_of_a_whole_document_names_no_article():
    whole = Article("law/0", SOURCE, 0, Words("要义", "gist"))
    assert whole.cited().zh == "《某法》（令第1号，2021年9月1日起施行）"


def checklist():
    return Checklist("c", Words("清单", "List"), "1", ARTICLE, (
        ChecklistItem("one", Words("一", "one")), ChecklistItem("two", Words("二", "two"))))


@pytest.mark.parametrize(("ticked", "missing"), [
    (set(), ["one", "two"]), ({"two"}, ["one"]), ({"one", "two"}, [])])
def test_a_checklist_names_what_is_missing(ticked, missing):
    assert [item.id for item in checklist().missing(frozenset(ticked))] == missing


def test_a_tick_for_an_unknown_item_is_refused():
    with pytest.raises(ValueError, match="three"):
        checklist().missing(frozenset({"one", "two", "three"}))
