"""Subject authorizations over HTTP: counted by state, found by subject, withdrawn after a
question."""

import re
from html import unescape

import pytest

from app.queries.subject_authorizations import ConsentFilters, state_counts
from app.web import create_app
from tests import consents, people, zone
from tests.conftest import caller

PAGE = "/subject-authorizations"


@pytest.fixture
def given(rt):
    """Three authorizations of one institution, one of them withdrawn, and one of another."""
    z, other = zone.tiny(rt), zone.tiny(rt)
    rows = [consents.given(rt, z, max_uses=3), consents.given(rt, z, state="WITHDRAWN"),
            consents.given(rt, z, subject="hmac-sha256:other", purposes="PF.PLM.CHK")]
    return z, [*rows, consents.given(rt, other)]


def enter(rt, *roles, **scope):
    opened = people.signed_in(rt, people.enrolled(rt, "reader", *roles, **scope))
    return people.browser(create_app(rt), opened), people.token(opened)


def test_each_state_leads_to_as_many(rt, given):
    client, _ = enter(rt, "COMP_REVIEW")
    page = client.get(PAGE).text
    tabs = re.findall(r'<a href="([^"]+)"[^>]*>[^<]+<small>(\d+)</small></a>', page)
    assert [count for _, count in tabs] == ["4", "3", "1"]
    for href, count in tabs:
        assert f"共 {count} 条" in client.get(unescape(href)).text, href


def test_a_subject_is_found_without_its_number_in_an_address(rt, given):
    client, token = enter(rt, "PI_OFFICER")
    led = client.post(f"{PAGE}/find", data={"kind": "ENTERPRISE", "number": "91110000"} | token)
    assert led.status_code == 303 and "91110000" not in led.location
    found = client.get(led.location).text
    assert "共 3 条" in found and given[1][0].token in found and given[1][2].token not in found
    assert client.post(f"{PAGE}/find", data={"kind": "CAT", "number": "1"} | token
                       ).status_code == 422


def test_filters_narrow_by_purpose_and_institution(rt, given):
    z, rows = given
    officer = caller("fang", "COMP_REVIEW")
    for filters, count in (({"purpose": "PF.PLM.CHK"}, 1), ({"purpose": "PF.PLM"}, 0),
                           ({"institution": z.institution.number}, 3), ({"q": rows[0].token}, 1),
                           ({"institution": "INST-NONE"}, 0)):
        assert sum(state_counts(rt, officer, ConsentFilters(**filters)).values()) == count, filters


def test_a_sheet_shows_the_uses_and_a_withdrawal_is_confirmed(rt, given):
    _, rows = given
    client, token = enter(rt, "INTAKE")
    sheet = client.get(f"{PAGE}/{rows[0].id}").text
    assert rows[0].token in sheet and "次数上限" in sheet and "已用次数" in sheet
    assert f'action="{PAGE}/{rows[0].id}/withdraw"' in sheet and "<dialog" in sheet
    done = client.post(f"{PAGE}/{rows[0].id}/withdraw", data=token | {
        "_version": str(rows[0].version), "reason": "柜台撤回"})
    assert done.status_code == 303
    assert "已撤回" in client.get(f"{PAGE}/{rows[0].id}").text


def test_an_institution_sees_its_own(rt, given):
    z, rows = given
    client, _ = enter(rt, "INST_MAKER", institution=z.institution.id)
    page = client.get(PAGE).text
    assert "共 3 条" in page and rows[3].token not in page
    assert client.get(f"{PAGE}/{rows[3].id}").status_code == 404
