"""A table is of a business by its title, its code name and what its columns surely are."""

import pytest

from app.domain.classification.business import setting
from app.domain.classification.facts import TableSpec
from app.engines.classification.words import elements

BOOK = elements()


def about(title: str = "", name: str = "", **sure: float):
    return setting(TableSpec(name, title), sure, BOOK)


@pytest.mark.parametrize(("title", "business", "regime"), [
    ("信访事项办理信息", "petition", "petition"),
    ("小学学生学籍信息", "pupil", "minors"),
    ("高校毕业生信息", "student", "persons"),
    ("行政处罚公示信息", "penalty", "public"),
    ("不动产权证信息", "realty", "persons"),
    ("企业用水信息", "utility", "internal"),
    ("重大投资项目信息", "project", "public"),
])
def test_a_title_names_the_business(title: str, business: str, regime: str) -> None:
    found = about(title, resident_id=1.0, person_name=1.0) if regime in ("persons", "minors") \
        else about(title)
    assert (found.business.id, found.regime) == (business, regime)


def test_columns_name_the_business_where_no_title_does() -> None:
    found = about(realty_cert=0.9, realty_unit=0.9, realty_owner=0.9, realty_addr=0.8)
    assert found.business.id == "realty"


def test_a_business_about_people_needs_people_among_its_columns() -> None:
    with_people = about("社会保险缴费明细", resident_id=0.9, person_name=0.9)
    without = about("社会保险缴费明细", uscc=0.9, ent_name=0.9)
    assert with_people.rows == "person"
    assert without.rows != "person"


def test_what_is_published_is_public_whatever_its_business() -> None:
    assert about("重大税收违法案件信息", uscc=0.9).regime == "internal"
    assert about("重大税收违法案件公告", uscc=0.9).regime == "public"


def test_a_table_about_contacts_lends_its_subject_to_bare_names() -> None:
    assert about("企业联络员信息", uscc=0.9).subject == "contact"


def test_a_table_that_tells_nothing_is_neutral() -> None:
    found = about("表", "t1")
    assert (found.business, found.rows, found.regime) == (None, "", "neutral")


def test_people_beside_an_enterprises_number_do_not_make_its_rows_people() -> None:
    assert about(resident_id=0.9, person_name=0.9, uscc=0.9).rows == "enterprise"
    assert about(resident_id=0.9, person_name=0.9).rows == "person"
