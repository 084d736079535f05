"""The page of gateways leads on to what they work by, for those who may read it."""

import pytest

from app.web import create_app
from tests import people


@pytest.mark.parametrize("role", ["COMP_REVIEW", "SEC_REVIEW", "OPS", "AUDITOR"])
def test_gateways_lead_to_the_table_of_routes_and_to_the_processes(rt, role):
    client = people.browser(create_app(rt), people.signed_in(
        rt, people.enrolled(rt, "reader", role)))
    page = client.get("/gateways")
    assert page.status_code == 200, page.text
    for path in ("/routes", "/processes"):
        assert (f'class="btn" href="{path}"' in page.text) == (client.get(path).status_code == 200)
