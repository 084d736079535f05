"""A fresh zone tells each role what to do next; what is done is ticked, and at last nothing is."""

import pytest

from app.domain.roles import STAFF
from app.queries.desk import desk
from app.queries.first_steps import STEPS
from tests import people
from tests import zone as rows
from tests.commands import supply
from tests.conftest import caller


def steps(rt, *roles: str, **scope) -> list[tuple[str, bool]]:
    """The addresses of the steps the desk shows, and whether each is done."""
    found = desk(rt, caller("somebody", *roles, **scope), "me").first_steps
    return [(step.href, step.done) for step in found]


@pytest.mark.parametrize(("role", "first"), [
    ("SYS_ADMIN", "/accounts/new"), ("SEC_ADMIN", "/accounts"), ("BIZ_REVIEW", "/departments/new"),
    ("OPS", "/departments/new"), ("COMP_REVIEW", "/departments"), ("INTAKE", "/institutions/new"),
    ("PRICE_REVIEW", "/price-entries"), ("APPROVER", "/departments")])
def test_a_fresh_zone_tells_each_role_where_to_begin(rt, role, first):
    found = steps(rt, role)
    assert found[0] == (first, False) and not any(done for _, done in found)


def test_every_step_is_somebodys_and_leads_to_a_page_there_is(rt):
    app = people.application(rt)
    adapter = app.url_map.bind("localhost")
    for step in STEPS:
        assert any(rt.staff.covers({str(role)}, step.noun, step.action) for role in STAFF), step
        assert adapter.match(step.href, method="GET")


def test_what_is_done_is_ticked_from_the_facts(rt):
    supply.department(rt)
    assert dict(steps(rt, "OPS"))["/departments/new"] is True
    assert dict(steps(rt, "OPS"))["/head-agreements/new"] is False
    people.enrolled(rt, "adm", "SYS_ADMIN")
    assert steps(rt, "SYS_ADMIN") == [("/accounts/new", False)]
    people.enrolled(rt, "zhou", "OPS")
    assert steps(rt, "SYS_ADMIN") == [] and steps(rt, "SEC_ADMIN") == []


def test_a_zone_that_runs_and_a_guest_have_no_steps(rt):
    z = rows.tiny(rt)
    assert steps(rt, "INST_MAKER", institution=z.institution.id) == []
    assert steps(rt, "DEPT_LIAISON", department=z.department.id) == []
    assert steps(rt, "AUDITOR") == [] and steps(rt, "INTAKE") == []


def test_the_desk_shows_the_steps_with_their_links(rt):
    opened = people.signed_in(rt, people.enrolled(rt, "zhou", "BIZ_REVIEW"))
    page = people.browser(people.application(rt), opened).get("/").text
    assert "专区起步" in page and 'href="/departments/new"' in page
