"""A letter is composed whole: every blank filled, a reason where one is owed, its code over all."""

from datetime import date

import pytest

from app.domain.grounds import Words
from app.domain.instruments import Kind, verification_code
from app.domain.letters import Draft, LetterText, Office, compose

OFFICE = Office(Words("运营中心", "Operations"), "数专", Words("受理岗", "Desk"),
                "https://localhost:8420/verify")
TEXT = LetterText(Kind.SUSPENSION, "停", "letter", Words("自{at}起暂停{matter}。",
                                                        "{matter} is suspended as of {at}."),
                  Words("{due}前答复。", "Answer by {due}."))
FACTS = {"at": "今日", "matter": Words("授权", "the grant"), "due": "明日"}
REASON = {"code": "HOLD.EMERGENCY"}


def composed(text=TEXT, **changes):
    draft = {"kind": Kind.SUSPENSION, "serial": "数专停〔2026〕1号", "day": date(2026, 11, 22),
             "recipient": Words("甲行", "Bank A"), "facts": FACTS, "reasons": (REASON,), **changes}
    return compose(text, OFFICE, Draft(**draft))


def test_each_blank_is_filled_in_its_own_language():
    said = composed()
    assert said["opening"]["zh"] == "自今日起暂停授权。"
    assert said["opening"]["en"] == "the grant is suspended as of 今日."
    assert said["closing"]["zh"] == "明日前答复。"
    assert said["date"] == {"zh": "二〇二六年十一月二十二日", "en": "22 November 2026"}


@pytest.mark.parametrize("facts", [
    {}, {"at": "x", "matter": "y"}, {**FACTS, "mood": "good"}])
def test_facts_and_blanks_of_the_whole_letter_must_agree(facts):
    with pytest.raises(ValueError, match="do not agree"):
        composed(facts=facts)


def test_what_takes_something_away_gives_a_reason():
    with pytest.raises(ValueError, match="at least one reason"):
        composed(reasons=())


def test_a_letter_may_close_without_a_sentence():
    bare = LetterText(Kind.SUSPENSION, "停", "letter", TEXT.opening, None)
    assert composed(bare, facts={"at": "x", "matter": "y"})["closing"] is None


def test_the_code_stands_for_everything_else_the_letter_says():
    said = composed()
    proof = said.pop("verification")
    assert proof["code"] == verification_code(said, "数专停〔2026〕1号")
    assert proof["address"] == f"https://localhost:8420/verify/{proof['code']}"
    assert composed(day=date(2026, 11, 23))["verification"]["code"] != proof["code"]
