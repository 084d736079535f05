"""Recognizers for running text: exact places, sober scores, no model and no network."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from presidio_analyzer import BatchAnalyzerEngine, PatternRecognizer

from app.domain.classification.folding import fold, fold_with_places
from app.engines.classification.nearby_words import speaks
from app.engines.classification.recognizers import IdentifierRecognizer, NameRecognizer, analyzer
from app.engines.classification.rules import identifiers
from tests.domain.classification.random_shapes import values
from tests.engines.classification.networkless import blocked

ROOT = Path(__file__).resolve().parents[3]
KNOWN = identifiers()
IN_TEXT = [each for each in KNOWN if each.text is not None]
PEOPLE = [each for each in values(KNOWN["resident_id"].shape.pattern, 1500)
          if KNOWN["resident_id"].passes(each)]
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=12)


def seen(text, *entities, **more):
    results = analyzer().analyze(text, "zh", entities=list(entities) or None, **more)
    return {(text[each.start:each.end], each.entity_type) for each in results}


def score(text, entity, **more):
    results = analyzer().analyze(text, "zh", entities=[entity], **more)
    return max((round(each.score, 2) for each in results), default=0.0)


@given(st.sampled_from(PEOPLE), HAN, HAN, st.booleans())
@settings(max_examples=150, deadline=None)
def test_an_identity_number_amid_chinese_is_found_in_its_exact_place(value, before, after, wide):
    written = "".join(chr(ord(char) + 0xFEE0) for char in value) if wide else value
    text = before + written + after
    assert KNOWN["resident_id"].spans(fold_with_places(text)[0])
    recognizer = IdentifierRecognizer(KNOWN["resident_id"])
    found, = recognizer.analyze(text, ["resident_id"])
    assert text[found.start:found.end] == written
    assert found.score == 1.0


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_text_is_analyzed_without_error_and_places_lie_within(text):
    for result in analyzer().analyze(text, "zh"):
        assert 0 <= result.start < result.end <= len(text)


@pytest.mark.parametrize("identifier", IN_TEXT, ids=lambda each: each.id)
def test_a_recognizer_is_made_from_the_identifier_that_scans_columns(identifier):
    recognizer = IdentifierRecognizer(identifier)
    assert isinstance(recognizer, PatternRecognizer)
    assert recognizer.patterns[0].regex == identifier.text.pattern
    assert recognizer.validate_result(identifier.examples.invalid[0]) is False


@pytest.mark.parametrize("identifier", IN_TEXT, ids=lambda each: each.id)
def test_an_invalid_example_is_not_seen_in_text(identifier):
    for value in identifier.examples.invalid:
        assert (value, identifier.id) not in seen(f"内容{value}结束", identifier.id)


def test_a_number_that_one_in_ten_would_pass_is_not_certain():
    assert score("订单6217000010001234569", "bank_card") == 0.5
    assert score("银行卡号6217000010001234569", "bank_card") == 0.85
    assert score("身份证号11010519491231002X", "resident_id") == 1.0


@pytest.mark.parametrize(("near", "heard"), [
    ("手机号码", True), ("他的手机", True), ("SCN-TEL", True), ("HOTELS", False), ("传真", False)])
def test_a_word_speaks_whole_where_it_is_latin_and_uncut_where_it_is_chinese(near, heard):
    assert speaks(["手机", "tel"], fold(near)) is heard


def test_a_word_beside_a_number_raises_it_and_one_far_away_does_not():
    assert score("手机13812345678", "mobile_cn") == 0.85
    assert score("13812345678", "mobile_cn") == 0.5
    assert score("手机" + "甲" * 30 + "13812345678", "mobile_cn") == 0.5


def test_a_columns_comment_given_as_context_raises_too():
    assert score("13812345678", "mobile_cn", context=["联系手机号码"]) == 0.85


def test_only_our_recognizers_are_in_the_registry():
    kinds = {type(each) for each in analyzer().get_recognizers("zh")}
    assert kinds == {IdentifierRecognizer, NameRecognizer}
    assert analyzer().supported_languages == ["zh"]


def test_a_batch_answers_as_one_by_one():
    texts = ["申请人张三丰电话13812345678", "向北京银行申请", "", "邮箱a.b@example.com"] * 3
    batch = BatchAnalyzerEngine(analyzer()).analyze_iterator(texts, "zh")
    alone = [analyzer().analyze(text, "zh") for text in texts]
    told = [[sorted(map(str, results)) for results in side] for side in (batch, alone)]
    assert told[0] == told[1]


def test_analysis_opens_no_connection():
    with blocked():
        assert ("张三丰", "person_name_zh") in seen("申请人张三丰，手机13812345678")


def test_neither_import_nor_load_nor_scan_opens_a_connection():
    """In a process of its own, since here all is loaded already."""
    script = """
        import socket
        def refuse(*args, **kwargs):
            raise SystemExit(f"a connection was tried: {args!r}")
        for name in ("connect", "connect_ex", "sendto"):
            setattr(socket.socket, name, refuse)
        socket.getaddrinfo = socket.create_connection = socket.gethostbyname = refuse
        from app.engines.classification.recognizers import analyzer
        from app.engines.classification.rules import identifiers
        from app.domain.classification.profiling import profile
        found = profile(["13812345678", "11010519491231002X"], identifiers())
        assert found.hits["resident_id"].passed == 1
        print(len(analyzer().analyze("\\u624b\\u673a13812345678", "zh")))
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, timeout=120,
                         capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip()) == (0, "1"), ran.stdout + ran.stderr


@pytest.mark.parametrize("package", ["app.web", "app.queries", "app.commands", "app.jobs",
                                     "app.domain.classification.profiling",
                                     "app.engines.classification.rules"])
def test_the_web_and_the_column_scan_load_no_presidio(package):
    script = (f"import sys, {package}; "
              "print([name for name in ('presidio_analyzer', 'onnxruntime', 'spacy') "
              "if name in sys.modules])")
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=120,
                         capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr
