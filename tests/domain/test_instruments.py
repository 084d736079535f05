"""Every letter has a type, a number and a code that stands for exactly what it says."""

import pytest

from app.domain.instruments import (
    ALPHABET,
    BY_CASE_KIND,
    NEEDS_REASONS,
    PRODUCED_BY,
    Kind,
    file_name,
    kind_of,
    read_code,
    serial,
    verification_code,
)

PAYLOAD = {"title": "不予授权决定书", "reasons": [{"code": "PURPOSE.PROHIBITED"}]}
SERIAL = "数专不授〔2026〕1号"


@pytest.mark.parametrize(("noun", "command", "case_kind", "kind"), [
    ("grant_case", "accept", "NEW", Kind.ACCEPTANCE),
    ("grant_case", "approve", "NEW", Kind.GRANT),
    ("grant_case", "approve", "AMEND_NARROW", Kind.GRANT_CHANGE),
    ("grant_case", "approve", "RESUME", Kind.RESUMPTION),
    ("grant_case", "reject", "AMEND_NARROW", Kind.GRANT_REFUSAL),
    ("grant_case", "return_to_applicant", "NEW", Kind.SUPPLEMENT),
    ("admission_case", "approve", "AMEND_NARROW", Kind.ADMISSION),
    ("grant", "suspend", "", Kind.SUSPENSION),
    ("grant", "activate", "", None),
])
def test_an_act_produces_its_instrument(noun, command, case_kind, kind):
    assert kind_of(noun, command, case_kind) is kind


@pytest.mark.parametrize("noun", ["onboarding_case", "admission_case", "grant_case"])
def test_INV_14_a_withdrawal_ends_in_a_numbered_closing_notice(noun):
    assert kind_of(noun, "withdraw") is Kind.CLOSING


def test_every_kind_is_produced_by_some_act():
    reached = set(PRODUCED_BY.values()) | set(BY_CASE_KIND.values())
    assert reached == set(Kind)


def test_every_refusal_needs_reasons():
    assert {kind for kind in Kind if kind.zh.startswith("不予")} < NEEDS_REASONS


def test_a_serial_names_letters_year_and_number():
    assert serial("数专授", 2026, 3) == "数专授〔2026〕3号"


@pytest.mark.parametrize(("letters", "year", "number"), [
    ("", 2026, 1), ("数专授", 2026, 0), ("数专授", 1999, 1)])
def test_a_serial_without_its_parts_is_refused(letters, year, number):
    with pytest.raises(ValueError, match="serial"):
        serial(letters, year, number)


def test_a_file_is_named_by_serial_and_cannot_leave_its_folder():
    assert file_name(SERIAL, "不予授权决定书") == "数专不授〔2026〕1号 不予授权决定书.pdf"
    assert "/" not in file_name("../../x", "a\\b\x00c")


def test_the_code_changes_with_every_word_and_with_the_serial():
    code = verification_code(PAYLOAD, SERIAL)
    assert code == verification_code(dict(reversed(PAYLOAD.items())), SERIAL)
    assert code != verification_code({**PAYLOAD, "title": "授权决定书"}, SERIAL)
    assert code != verification_code(PAYLOAD, "数专不授〔2026〕2号")


def test_a_code_is_read_as_people_type_it():
    code = verification_code(PAYLOAD, SERIAL)
    assert read_code(code) == code
    assert read_code(f"  {code.lower().replace('-', ' ')} ") == code
    assert read_code(code.replace("0", "o").replace("1", "l")) == code


def test_any_one_wrong_character_is_noticed():
    plain = verification_code(PAYLOAD, SERIAL).replace("-", "")
    for place, right in enumerate(plain):
        for wrong in ALPHABET.replace(right, ""):
            assert read_code(plain[:place] + wrong + plain[place + 1:]) is None


@pytest.mark.parametrize("text", ["", "9K3M", "../../etc/passwd", "９K3M-7QTX-40CD-H", "U" * 13,
                                  "0" * 100_000])
def test_what_is_no_code_reads_as_none(text):
    assert read_code(text) is None
