"""A level rests on the name of a column and on what was counted in it, not on shares."""

import pytest

from app.domain.classification.business import Setting
from app.domain.classification.facts import ColumnSpec, Hit, Profile, TableSpec
from app.domain.classification.grounds import Counts, beside_contacts, counted, graded, named
from app.domain.classification.verdicts import grade
from app.engines.classification.rules import identifiers
from app.engines.classification.words import elements

BOOK, KNOWN = elements(), identifiers()


def count(title: str, distinct: int = 1_000, rising: bool = False, **hits: Hit) -> Counts:
    profile = Profile(distinct, distinct, distinct, hits, rising=rising)
    return counted(profile, named(ColumnSpec("c", title), BOOK), KNOWN, BOOK)


@pytest.mark.parametrize(("shaped", "passed", "within", "stands"), [
    (3, 3, 0, True), (2, 2, 0, False), (0, 0, 3, True), (2, 2, 1, True),
    (200, 20, 0, False), (200, 20, 3, True)])
def test_so_many_count_unless_most_of_their_shape_fail(shaped, passed, within, stands) -> None:
    found = count("登记机关", resident_id=Hit("resident_id", shaped, passed, 0, within))
    assert ("resident_id" in found.people) is stands


@pytest.mark.parametrize("distinct", [10, 100, 100_000])
def test_how_many_others_there_are_does_not_matter(distinct) -> None:
    seen = {"mobile_cn": Hit("mobile_cn", 10, 10)}
    assert count("登记机关", distinct, **seen).people == ("mobile_cn",)
    assert count("登记机关", distinct, rising=True, **seen).people == ()


def test_what_a_name_leads_to_is_graded_by_the_name_alone() -> None:
    assert count("法定代表人", person_name_zh=Hit("person_name_zh", 90, 90)).people == ()
    assert count("主键", person_name_zh=Hit("person_name_zh", 90, 90)).people == (
        "person_name_zh",)


@pytest.mark.parametrize(("regime", "level"), [("neutral", 3), ("internal", 3), ("public", 2)])
def test_one_mobile_makes_the_telephone_of_an_enterprise_personal_unless_published(
        regime, level) -> None:
    found = graded("ent_phone", None, Counts(mobiles=True), Setting("", regime), BOOK)
    assert (found.level, found.personal) == (level, level == 3)


def test_what_nobody_could_name_is_never_open() -> None:
    found = graded("", None, Counts(unread=True, unknown=True), Setting("", "neutral"), BOOK)
    assert found.level == BOOK.unknown == 2


@pytest.mark.parametrize(("columns", "held"), [
    (("联系人", "电话"), True), (("联系人", "状态", "电话"), True), (("电话", "联系人"), False),
    (("联系人", "电话", "传真"), True), (("姓名", "电话"), False)])
def test_a_telephone_behind_a_contact_is_his(columns, held) -> None:
    spec = TableSpec("t", "", "", tuple(ColumnSpec(each, each) for each in columns))
    assert bool(beside_contacts(spec, BOOK)) is held


def test_a_title_of_a_petition_says_less_than_its_text_and_no_floor_is_lowered_by_it() -> None:
    [reading] = [one.reading for one in named(ColumnSpec("c", "标题"), BOOK)[:1]]
    assert grade("petition_text", reading, Setting("case", "petition"), BOOK)[0] == 3
    assert grade("petition_text", reading, Setting("person", "minors"), BOOK)[0] == 4


@pytest.mark.parametrize("regime", ["grown", "persons"])
def test_a_school_roll_of_grown_students_is_the_same_with_and_without_people(regime) -> None:
    assert grade("school_roll", None, Setting("person", regime), BOOK) == (3, True)
