"""What is seen in a text is masked as decisions order, and nothing seen stays in the open."""

import time
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.texts import LONGEST, PIECE, Orders
from app.engines.classification.recognizers import analyzer
from app.engines.classification.text_engine import LANGUAGE
from app.text.reading import analyze, masked, titles, warm
from kit.hufu_mask import KINDS, TREATMENTS, Key, mask

KEY = Key("t1", bytes(range(32)))
ALL = frozenset()
TEXT = ("客户王建国（身份证号11010519491231002X）联系电话13812345678，卡号6217000010001234569，"
        "邮箱zhang.san@example.com，车牌京A12345。")
SECRETS = ("王建国", "11010519491231002X", "13812345678", "6217000010001234569",
           "zhang.san@example.com", "京A12345")


@pytest.fixture(scope="module", autouse=True)
def warmed():
    warm()


def test_what_a_text_holds_is_seen_at_its_place():
    read = analyze(TEXT, ALL)
    assert [TEXT[span.start:span.end] for span in read.spans] == list(SECRETS)
    assert [span.identifier for span in read.spans] == [
        "person_name_zh", "resident_id", "mobile_cn", "bank_card", "email", "plate"]
    assert all(span.zh and span.en and 0 < span.score <= 1 for span in read.spans)
    assert read.characters == len(TEXT) and read.text == ""


def test_only_what_is_asked_for_is_looked_for():
    read = analyze(TEXT, frozenset({"mobile_cn", "plate"}))
    assert [span.identifier for span in read.spans] == ["mobile_cn", "plate"]


@pytest.mark.parametrize("treatment", [one for one in TREATMENTS if one != "CLEAR"])
def test_every_treatment_leaves_none_of_what_was_seen(treatment):
    read = masked(TEXT, ALL, Orders(treatment, {}), KEY)
    assert not [secret for secret in SECRETS if secret in read.text]
    assert read.text.startswith("客户") and read.text.endswith("。") and "联系电话" in read.text
    assert len(read.spans) == len(SECRETS)


def test_the_treatments_are_those_of_the_kit():
    read = masked(TEXT, ALL, Orders("PARTIAL", {"plate": "DROP", "email": "TOKENIZE"}), KEY)
    shown = {span.identifier: read.text[span.start:span.end] for span in read.spans}
    assert shown == {
        "person_name_zh": "王*", "resident_id": "110***********002X", "mobile_cn": "138****5678",
        "bank_card": "***************4569", "plate": "",
        "email": mask("zhang.san@example.com", "TOKENIZE", kind="email", key=KEY, field="text")}
    assert {span.identifier: span.treatment for span in read.spans}["plate"] == "DROP"


def test_everything_that_is_looked_for_can_be_masked():
    assert set(titles()) <= KINDS


@pytest.mark.parametrize("at", [PIECE - 6, PIECE - 100, PIECE - 101, PIECE - 120, PIECE, 2 * PIECE,
                                2 * PIECE - 105, 2 * PIECE - 205])
def test_what_lies_across_two_pieces_is_seen_once(at):
    text = "，" * at + "11010519491231002X" + "，" * (2 * PIECE)
    read = masked(text, ALL, Orders("REDACT", {}), KEY)
    assert read.text == "，" * at + "***" + "，" * (2 * PIECE) and len(read.spans) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*SECRETS, "，", " ", "的", "x", "1", "－", "\ufdfa", "\u202e",
                                 "１３８１２３４５６７８", "\n", "👍"]), max_size=12).map("".join))
def test_any_text_is_read_and_what_is_seen_is_gone(text):
    read = analyze(text, ALL)
    after = masked(text, ALL, Orders("REDACT", {}), KEY)
    outside = "***".join(part for part in parts(text, read.spans))
    assert after.text == outside


def parts(text, spans):
    """The text between the spans."""
    at = 0
    for span in spans:
        yield text[at:span.start]
        at = span.end
    yield text[at:]


ADVERSARIAL = ["1", "1 ", "1-", "a@", "a.", "a.a@", "京A", "(2023)", "0:", "11010519491231002",
               "E1", "116.3,", "138-1234-567", "王", "市", "\u3000", "--", "ZL2"]


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_I05_each_recognizer_reads_50_kB_of_hostile_text_within_100_ms(piece):
    """Measured in this process's own time, so that a busy machine does not decide."""
    text = (piece * LONGEST)[:LONGEST]
    artifacts = analyzer().nlp_engine.process_text(text, LANGUAGE)
    for each in analyzer().registry.recognizers:
        if each.name == "hufu_names":
            continue  # bounded by sentences: see below
        run = partial(each.analyze, text, each.supported_entities, artifacts)
        assert min(timed(run), timed(run)) < 0.1, each.name


def timed(run) -> float:
    began = time.thread_time()
    run()
    return time.thread_time() - began


@pytest.mark.parametrize("piece", ["1-", "王", "a@b.", "京A1"])
def test_a_whole_hostile_text_stays_far_below_the_limit_of_the_process(piece):
    text = piece * (LONGEST // len(piece.encode()))
    assert timed(lambda: masked(text, ALL, Orders("PARTIAL", {}), KEY)) < 10
