"""The rules of grading can be read whole: each list and each sheet, in both languages."""

import pytest

from app.queries.query import queries
from app.web import create_app
from app.web.routes import plural
from app.web.words import COOKIE as LANGUAGE
from tests import people
from tests.conftest import caller

AUDITOR = caller("auditor", "AUDITOR")
COUNTS = {"identifier": 55, "data_element": 205, "escalation_rule": 22, "grading_scheme": 6}


@pytest.fixture
def reader(rt):
    opened = people.signed_in(rt, people.enrolled(rt, "auditor", "AUDITOR"))
    return people.browser(create_app(rt), opened)


def listed(rt, noun: str, **given):
    query = queries()[noun, False]
    return query.run(rt, AUDITOR, query.filters(limit=200, **given))


@pytest.mark.parametrize("noun", COUNTS)
def test_every_rule_is_listed_and_has_a_sheet(rt, noun):
    assert listed(rt, noun).total == COUNTS[noun]
    ids = [line.id for line in listed(rt, noun).items]
    ids += [line.id for line in listed(rt, noun, offset=200).items]
    assert len(set(ids)) == COUNTS[noun]
    for ref in ids:
        sheet = queries()[noun, True].run(rt, AUDITOR, ref)
        assert sheet.id == ref and sheet.name.zh and sheet.name.en
        assert sheet.rules.assessed == "2026-11-22"


@pytest.mark.parametrize("noun, ref, zh, en", [
    ("identifier", "resident_id", "18 个字符", "18 characters"),
    ("identifier", "mobile_cn", "138****1234", "Looked for in texts"),
    ("data_element", "resident_id", "JR/T 0171-2020", "Default treatment at each level"),
    ("escalation_rule", "ESC-02", "单独同意", "Separate consent"),
    ("grading_scheme", "gbt43697", "可用不可见", "usable, not visible")])
def test_a_sheet_reads_whole_in_both_languages(reader, noun, ref, zh, en):
    address = f"/{plural(noun)}/{ref}"
    assert zh in reader.get(address).text
    reader.set_cookie(LANGUAGE, "en", domain="localhost")
    page = reader.get(address).text
    assert en in page and "Sentence(" not in page and "{&#39;zh" not in page


@pytest.mark.parametrize("noun, given, expected", [
    ("identifier", {"q": "身份"}, "resident_id"), ("identifier", {"q": "gb 32100"}, "uscc"),
    ("identifier", {"subject": "person", "source": "national"}, "resident_id"),
    ("identifier", {"strength": "dictionary"}, "region_code"),
    ("data_element", {"family": "person", "level": 3, "personal": "yes"}, "person_name"),
    ("data_element", {"scheme": "jrt0171"}, "person_name"),
    ("escalation_rule", {"q": "PIPL"}, "ESC-02"), ("grading_scheme", {"q": "0197"}, "jrt0197")])
def test_filters_narrow_to_what_fits(rt, noun, given, expected):
    found = listed(rt, noun, **given)
    assert 0 < found.total < COUNTS[noun]
    assert expected in [line.id for line in found.items]


@pytest.mark.parametrize("noun", COUNTS)
def test_lists_are_taken_out_as_words_of_the_readers_language(reader, noun):
    reader.set_cookie(LANGUAGE, "en", domain="localhost")
    for kind in ("csv", "xlsx"):
        assert reader.get(f"/{plural(noun)}.{kind}").status_code == 200
    table = reader.get(f"/{plural(noun)}.csv").text
    assert len(table.splitlines()) > COUNTS[noun] and "Sentence(" not in table


def test_an_institution_does_not_read_the_rules(rt):
    told = people.browser(create_app(rt), people.signed_in(
        rt, people.enrolled(rt, "maker", "INST_MAKER")))
    assert told.get("/identifiers").status_code == 403
