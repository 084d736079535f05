"""What templates may call: values in words, in both languages, on a Shanghai wall clock."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask_babel import force_locale

from app.domain.refusals import Invalid
from app.domain.rights import Population
from app.web import look, mending
from tests.web.styleguide import NOW, create


@pytest.fixture(scope="module")
def app():
    return create()


@pytest.fixture()
def page(app):
    with app.test_request_context("/list?q=海&state=ACTIVE&page=3&state=OPEN"):
        yield


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("ACTIVE", "green"),
        ("SUSPENDED", "red"),
        ("SUPPLEMENT", "amber"),
        ("APPROVAL", "violet"),
        ("REVIEWING", "blue"),
        ("CLOSED", "grey"),
        ("NO_SUCH_STATE", "grey"),
        (None, "grey"),
        ("NEEDS_JUDGEMENT", "amber"),
        ("MISMATCH", "red"),
        ("MATCH", "green"),
    ],
)
def test_a_state_has_one_tone_and_an_unknown_one_is_grey(state, tone):
    assert look.tone(state) == tone


def test_a_stop_in_force_is_red_though_active_things_are_green():
    assert look.tone("ACTIVE", "hold") == "red" and look.tone("ACTIVE", "grant") == "green"


def test_no_state_is_in_two_tones():
    every = [state for states in look.TONES.values() for state in states.split()]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("delta", "zh", "en", "tone"),
    [
        (timedelta(hours=-2, minutes=-15), "超时 2 小时 15 分", "2 h 15 min overdue", "over"),
        (timedelta(minutes=42), "剩 42 分钟", "42 min left", "warn"),
        (timedelta(hours=13), "剩 13 小时 0 分", "13 h 0 min left", "warn"),
        (timedelta(hours=14), "剩 14 小时 0 分", "14 h 0 min left", "calm"),
        (timedelta(days=2), "剩 2 天 0 小时", "2 d 0 h left", "calm"),
        (timedelta(days=-1, hours=-5), "超时 1 天 5 小时", "1 d 5 h overdue", "over"),
    ],
)
def test_a_clock_says_overdue_or_left_and_warns_on_its_last_shanghai_day(page, delta, zh, en, tone):
    assert look.due(NOW + delta, NOW) == look.Due(zh, tone)
    with force_locale("en"):
        assert look.due(NOW + delta, NOW).text == en


def test_no_clock_is_a_dash(page):
    assert look.due(None, NOW) == look.Due("—", "none")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-22T16:00:00.000000Z", "2026-11-23 00:00"),
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "2026-11-22 23:59"),
        (None, "—"),
    ],
)
def test_instants_are_shown_on_a_shanghai_wall_clock(value, shown):
    assert look.instant(value) == shown


def test_a_term_that_ends_at_sixteen_utc_ends_that_day_in_shanghai():
    assert look.day("2027-06-30T15:59:59Z") == "2027-06-30"
    assert look.day("2027-06-30T16:00:00Z") == "2027-07-01"
    assert look.day(date(2027, 6, 30)) == look.day("2027-06-30") == "2027-06-30"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2027-06-30T16:00:00.000000Z", "2027-06-30"), ("2027-06-30T15:00:00Z", "2027-06-30"),
        (datetime(2028, 12, 31, 16, tzinfo=UTC), "2028-12-31"), ("2026-12-18", "2026-12-18"),
        (date(2026, 12, 18), "2026-12-18"), (None, "—"),
    ],
)
def test_a_half_open_period_shows_the_last_day_inside_it(value, shown):
    assert look.last_day(value) == shown


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (look.number(1204), "1,204"),
        (look.number(None), "—"),
        (look.yuan(123456), "¥1,234.56"),
        (look.yuan(-5), "-¥0.05"),
        (look.percent(1, 8), "12.5%"),
        (look.percent(0, 0), "—"),
        (look.size(999), "999 B"),
        (look.size(1536), "1.5 KB"),
        (look.short("sha256:0123456789abcdef"), "0123456789ab"),
        (look.initial(" 林知远"), "林"),
    ],
)
def test_numbers_are_read_as_people_write_them(shown, wanted):
    assert shown == wanted


def test_titles_come_in_the_readers_language(page):
    title = {"zh": "机构", "en": "Institution"}
    assert look.say(Population.ALL) == "全量主体"
    assert look.say(title) == "机构" and look.say(None) == "" and look.say("原样") == "原样"
    with force_locale("en"):
        assert look.say(title) == "Institution"
        assert look.say(SimpleNamespace(zh="机构", en="Institution")) == "Institution"
        assert look.say({"zh": "只有中文"}) == "只有中文"


def test_an_address_keeps_the_other_query_values(page):
    assert look.here(page=None, q=None) == "/list?state=ACTIVE&state=OPEN"
    assert look.here(state="DONE") == "/list?q=%E6%B5%B7&page=3&state=DONE"


def test_a_file_address_changes_with_the_file(page, app):
    address = look.asset("css/tokens.css")
    assert address.startswith("/static/css/tokens.css?v=") and len(address.split("v=")[1]) == 10


def test_a_wrong_icon_name_fails_loudly():
    assert "<path" in look.icon("key")
    with pytest.raises(KeyError):
        look.icon("no-such-icon")


def test_text_of_people_is_escaped_wherever_a_macro_shows_it(app):
    hostile = "<img src=x onerror=alert(1)>\"'"
    source = (
        '{% from "macros/basics.html" import pill, notice, copyable, empty %}'
        '{% from "macros/detail.html" import header, terms, timeline %}'
        '{% from "macros/forms.html" import field %}'
        "{{ pill('X', t) }}{{ copyable(t, 'a') }}{{ empty(t) }}"
        "{{ terms([{'title': t, 'value': t}]) }}"
        "{{ field({'name': 'n', 'label': t, 'value': t, 'help': t, 'error': t}) }}"
        "{{ timeline([{'title': t, 'note': t, 'who': t, 'at': none}]) }}"
        "{% call notice('red', t) %}{{ t }}{% endcall %}"
        "{% call header({'name': t, 'number': t, 'owner': t}) %}{% endcall %}"
    )
    with app.test_request_context("/"):
        shown = app.jinja_env.from_string(source, None, None).render(t=hostile)
    assert "<img" not in shown and shown.count("&lt;img") >= 12


@pytest.mark.parametrize(("name", "zh", "en"), [
    ("李明", "李明", "李明"), ("", "", ""), (None, "", ""),
    ("李明（代 王芳）", "李明（代 王芳）", "李明 (for 王芳)"),
    ("李明（代 ）", "李明（代 ）", "李明（代 ）")])
def test_who_acts_for_another_is_named_in_the_readers_language(page, name, zh, en):
    assert (look.person(name), look.person(name, "en")) == (zh, en)


def test_two_faults_of_a_field_are_told_apart_in_the_readers_language(page):
    refused = Invalid("两处", "two", errors=[{"at": "ends", "zh": "甲", "en": "one"},
                                            {"at": "ends", "zh": "乙", "en": "two"}])
    assert mending.by_field(refused) == {"ends": "甲；乙"}
    with force_locale("en"):
        assert mending.by_field(refused) == {"ends": "one; two"}
