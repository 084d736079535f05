"""Rule files are taken whole or not at all, and the refusal names the place."""

import shutil

import pytest

from app.domain.instruments import NEEDS_REASONS, Kind
from app.engines.rulefiles import CASES, TEXTS, BadRule, letter_texts, load_cases, office

CASE_WORDS = load_cases()


def test_every_article_we_state_is_relied_on():
    cited = {ground.article.id for ground in CASE_WORDS.grounds.values()}
    cited |= {list_.required_by.id for list_ in CASE_WORDS.checklists.values()
              if list_.required_by}
    assert cited == set(CASE_WORDS.articles)


@pytest.mark.parametrize("letter", sorted(NEEDS_REASONS))
def test_every_letter_that_states_reasons_has_sentences(letter):
    assert CASE_WORDS.grounds_for(letter)


@pytest.mark.parametrize(("letter", "families"), [
    (Kind.REVOCATION, {"BREACH"}), (Kind.SUSPENSION, {"HOLD", "BREACH"}), (Kind.REMOVAL, {"PLAN"}),
    (Kind.SUPPLEMENT, {"DOC"}), (Kind.CLOSING, {"CASE"}),
    (Kind.NON_ACCEPTANCE, {"PURPOSE", "SCOPE", "INST"})])
def test_a_sentence_stands_only_where_it_fits(letter, families):
    codes = {ground.code for ground in CASE_WORDS.grounds_for(letter)}
    assert {code.partition(".")[0] for code in codes} == families


@pytest.mark.parametrize("letter", sorted(kind for kind in NEEDS_REASONS if "REFUSAL" in kind))
def test_no_refusal_says_that_the_applicant_withdrew_or_a_paper_is_missing(letter):
    codes = {ground.code.partition(".")[0] for ground in CASE_WORDS.grounds_for(letter)}
    assert not codes & {"CASE", "DOC", "HOLD", "BREACH", "PLAN"}


@pytest.mark.parametrize("dimension", ["purpose", "scope", "method", "term", "consent"])
def test_an_application_can_be_refused_in_every_dimension(dimension):
    assert [ground for ground in CASE_WORDS.grounds_for(Kind.GRANT_REFUSAL)
            if ground.dimension == dimension]


@pytest.mark.parametrize("code", sorted(CASE_WORDS.grounds))
def test_every_sentence_can_be_given_in_both_languages(code):
    ground = CASE_WORDS.grounds[code]
    reason = ground.given({name: f"<{name}>" for name in ground.fact.blanks()})
    for side in ("zh", "en"):
        assert all(f"<{name}>" in reason["fact"][side] for name in ground.fact.blanks())
        assert "{" not in reason["fact"][side]
        assert reason["clause"][side] and reason["remedy"][side] and reason["period"][side]


@pytest.mark.parametrize(("name", "items"), [
    ("head-agreement", 13), ("provision-agreement", 10), ("application-contract", 16),
    ("subject-notice", 9)])
def test_the_checklists_are_whole(name, items):
    assert len(CASE_WORDS.checklists[name].items) == items


ENTRY = "  - code: HOLD.INCIDENT"


@pytest.mark.parametrize(("file", "old", "new", "said"), [
    ("refusals/stop.yaml", ENTRY, "  - mood: red\n    code: HOLD.INCIDENT", "`mood` is unknown"),
    ("refusals/stop.yaml", ENTRY, "  - code: HOLD.ORDER", "`HOLD.ORDER` stands twice"),
    ("refusals/stop.yaml", "article: data-security-law/29", "article: data-security-law/99",
     "`data-security-law/99`"),
    ("refusals/stop.yaml", "remedy: RECTIFY", "remedy: PRAY", "`PRAY` is no remedy"),
    ("refusals/stop.yaml", "remedy: RECTIFY", "remedy: NONE", "needs a remedy"),
    ("refusals/stop.yaml", "dimension: stop", "dimension: mood", "`mood` is no dimension"),
    ("refusals/stop.yaml", "letters: [SUSPENSION]", "letters: [MOON]", "`MOON` is no kind"),
    ("refusals/stop.yaml", "letters: [SUSPENSION]", "letters: [GRANT]", "`letters` names"),
    ("refusals/stop.yaml", "days: 10", "days: soon", "`days` is a number"),
    ("refusals/stop.yaml", "发现{cause}", "发现{reason}", "different blanks"),
    ("refusals/stop.yaml", "title: {zh: 紧急停用, en: Emergency stop}", "title: {zh: 紧急停用}",
     "`en` is missing"),
    ("refusals/stop.yaml", "    days: 10", "    days: 10\n    days: 5", "`days` stands twice"),
    ("refusals/stop.yaml", "refusals:", "refusals: !!python/object:os.system", "stop.yaml"),
    ("refusals/stop.yaml", "refusals:", "answers:", "must hold `refusals`"),
    ("sources.yaml", "in_force: 2025-03-01", "in_force: spring", "`in_force` is a date"),
    ("sources.yaml", "      12:", "      twelve:", "`twelve` is not a number"),
    ("clauses.yaml", "required_by: operation-rules/14", "required_by: folklore/1", "`folklore/1`"),
    ("clauses.yaml", "version: 2026-1", "edition: 2026-1", "`edition` is unknown"),
])
def test_a_wrong_entry_is_refused_by_name(tmp_path, file, old, new, said):
    folder = tmp_path / "cases"
    shutil.copytree(CASES, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRule) as refused:
        load_cases(folder)
    assert said in str(refused.value)


def test_each_kind_has_a_text_and_its_own_letter_in_the_serial():
    texts = letter_texts()
    assert set(texts) == set(Kind)
    assert len({text.letter for text in texts.values()}) == len(Kind)


@pytest.mark.parametrize(("old", "new", "said"), [
    ("letter: 补", "letter: 受", "each stand once"),
    ("kind: SUPPLEMENT", "kind: ACCEPTANCE", "each stand once"),
    ("kind: SUPPLEMENT", "kind: BILL", "`BILL` is no kind"),
    ("template: return", "template: novel", "no template `novel`"),
    ("  - kind: SERVICE_RETURN", "  - kind: REVOCATION2", "`REVOCATION2` is no kind"),
])
def test_a_wrong_text_is_refused_by_name(tmp_path, old, new, said):
    text = TEXTS.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "texts.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRule) as refused:
        letter_texts(path)
    assert said in str(refused.value)


def test_a_kind_without_a_text_is_named(tmp_path):
    text = TEXTS.read_text(encoding="utf-8")
    path = tmp_path / "texts.yaml"
    path.write_text(text[:text.index("  - kind: SERVICE_RETURN")], encoding="utf-8")
    with pytest.raises(BadRule, match="SERVICE_RETURN"):
        letter_texts(path)


def test_only_a_demonstration_marks_its_letters():
    assert office("https://localhost/verify", True).mark.zh.startswith("演示")
    assert office("https://localhost/verify", False).mark is None
