"""The pages of accounts: what a system administrator proposed stands ticked before who confirms."""

import re

from app.commands import accounts as verbs
from app.domain.roles import Role
from tests import people
from tests.conftest import caller


def ticked(page: str) -> list[tuple[str, str]]:
    """The boxes that are ticked in the dialog that grants roles."""
    dialog = re.search(r'<dialog id="do-grant_roles".*?</dialog>', page, re.DOTALL)[0]
    boxes = re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]+)"( checked)?', dialog)
    return [(name, value) for name, value, checked in boxes if checked]


def test_the_roles_proposed_are_ticked_for_who_confirms_and_confirmed_as_they_stand(rt):
    made = verbs.create(rt, caller("sys", "SYS_ADMIN"), verbs.NewAccount(
        login="zhou", name="周某", roles=["PRICE_REVIEW", "OPS"], qualified=["DSO"]))
    opened = people.signed_in(rt, people.enrolled(rt, "qian", "SEC_ADMIN"))
    client = people.browser(people.application(rt), opened)
    assert "授予岗位" in client.get("/").text
    page = client.get(f"/accounts/{made.id}").text
    found = ticked(page)
    assert sorted(found) == [("qualified", "DSO"), ("roles", "OPS"), ("roles", "PRICE_REVIEW")]
    sent = {"roles": [value for name, value in found if name == "roles"], "qualified": "DSO",
            "_version": re.search(r'name="_version" value="(\d+)"', page)[1],
            **people.token(opened)}
    assert client.post(f"/accounts/{made.id}/grant-roles", data=sent).status_code == 303
    page = client.get(f"/accounts/{made.id}").text
    assert "待确认岗位" not in page and Role.PRICE_REVIEW.zh in page
    assert "授予岗位" not in client.get("/").text
