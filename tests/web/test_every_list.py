"""W09 and I03: every list is bounded, and no filter of any list is ever read as SQL."""

import pytest

from app.queries.query import MOST, Filters, queries
from app.web.routes import plural
from tests import people
from tests.web import everything

LISTS = sorted(noun for noun, single in queries() if not single)
SAMPLES = ("' OR 1=1 --", "\" OR \"\"=\"", "'; DROP TABLE department; --", "%", "%_%", "\\", "')",
           "1) UNION SELECT password_hash FROM account_secret --", "${jndi:x}", "{{7*7}}")


@pytest.fixture
def staff(rt):
    opened = people.signed_in(rt, people.enrolled(rt, "staff", *everything.STAFF), "127.0.0.1")
    client = people.application(rt).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    return client


def filters(noun: str) -> type[Filters]:
    return queries()[noun, False].filters


@pytest.mark.parametrize("noun", LISTS)
def test_W09_every_list_has_a_bound_and_refuses_to_pass_it(noun):
    for values in ({"limit": MOST + 1}, {"limit": 0}, {"offset": -1}, {"offset": 1_000_001},
                   {"q": "x" * 101}):
        with pytest.raises(ValueError, match="limit|offset|q"):
            filters(noun)(**values)
    assert filters(noun)().limit <= filters(noun)(limit=MOST).limit == 200


def test_W09_every_list_answers_a_page_and_not_more(rt, staff):
    everything.whole(rt)
    for noun in LISTS:
        answer = staff.get(f"/api/v1/{plural(noun)}?limit=1")
        if answer.status_code == 200:
            assert len(answer.json["items"]) <= 1 and answer.json["limit"] == 1, noun


def test_I03_no_filter_of_any_list_is_read_as_sql(rt, staff):
    everything.whole(rt)
    asked, wider = 0, []
    for noun in LISTS:
        base = f"/api/v1/{plural(noun)}"
        whole = staff.get(base)
        if whole.status_code != 200:
            continue
        texts = [name for name, info in filters(noun).model_fields.items()
                 if info.annotation is str and name != "sort"]
        for name in texts:
            nothing = staff.get(base, query_string={name: "zzz-nobody"}).json.get("total", 0)
            for sample in SAMPLES:
                answer = staff.get(base, query_string={name: sample})
                asked += 1
                assert answer.status_code in (200, 422), (base, name, sample)
                if answer.status_code == 200 and answer.json["total"] > nothing:
                    wider.append((noun, name, sample))
        answer = staff.get(base, query_string={"sort": "id; DROP TABLE department"})
        assert answer.status_code in (200, 422)
    assert asked > 400 and not wider, wider
    assert staff.get("/api/v1/departments").json["total"] >= 1
