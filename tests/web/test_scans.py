"""The pages of sources and scans: who registers, what is shown of a secret, a page that moves."""

import pytest

from app.commands import scan_runs, scan_sources
from app.commands.command import commands, perform
from app.domain.refusals import Invalid, NotAllowed
from app.store import scans
from tests import people
from tests.commands import supply
from tests.conftest import caller

SEC = caller("sun", "SEC_REVIEW")
ADDRESS = "postgresql://reader@db.example.org:5432/zone"
WORD = "Sealed-Word-2026"


@pytest.fixture
def home(rt):
    return supply.department(rt)


def registered(rt, home: str, **values):
    return scan_sources.create(rt, SEC, scan_sources.NewSource(**{
        "name": "业务库", "department": home, "address": ADDRESS, "password": WORD, **values}))


@pytest.fixture
def reviewer(rt):
    return people.browser(people.application(rt), people.signed_in(
        rt, people.enrolled(rt, "reviewer", "SEC_REVIEW")))


def test_no_page_shows_a_password_and_a_refused_form_does_not_repeat_it(rt, home, reviewer):
    made = registered(rt, home)
    for path in (f"/scan-sources/{made.number}", "/scan-sources", f"/api/v1/scan-sources/{made.id}",
                 "/scan-sources/new"):
        answer = reviewer.get(path, base_url=people.HOST)
        assert answer.status_code == 200 and WORD not in answer.get_data(as_text=True), path
    token = reviewer.get("/scan-sources/new", base_url=people.HOST).get_data(as_text=True)
    token = token.partition('name="csrf_token" value="')[2].partition('"')[0]
    refused = reviewer.post("/scan-sources/new", base_url=people.HOST, data={
        "csrf_token": token, "name": "库二", "department": home, "password": WORD, "rows": "3000",
        "schedule": "NONE", "address": f"postgresql://r:{WORD}@db.example.org/zone"})
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "地址中不写口令" in shown
    assert f'value="{WORD}"' not in shown


@pytest.mark.parametrize("address, said", [
    ("sqlite:///etc/hufu.db", "command line"), ("oracle://r@h/db", "not allowed"),
    ("postgresql://r@h/db?options=x", "no options"), ("postgresql://h/db", "account"),
    ("postgresql://r:p@h/db", "no password"), ("../../etc/passwd", "malformed"),
])
def test_O02_an_address_names_a_server_an_account_and_nothing_else(rt, home, address, said):
    with pytest.raises(Invalid, match=said):
        registered(rt, home, address=address)


@pytest.mark.parametrize("role", ["INTAKE", "APPROVER", "AUDITOR", "SYS_ADMIN", "DEPT_LIAISON"])
def test_only_security_review_and_operations_register_and_start(rt, home, role):
    made = registered(rt, home)
    who = caller("x", role)
    for action, body in (("start", scan_sources.Start()),
                         ("set_secret", scan_sources.Secret(password="other"))):
        with pytest.raises(NotAllowed):
            perform(rt, who, commands()["scan_source", action], made.id, body)


def test_a_page_moves_while_its_scan_is_open_and_is_taken_anew_when_the_state_changed(
        rt, home, reviewer):
    run = scan_sources.start(rt, SEC, registered(rt, home).id, scan_sources.Start())
    path = f"/scan-runs/{run.number}"

    def page(query: str = "") -> str:
        return reviewer.get(path + query, base_url=people.HOST).get_data(as_text=True)

    assert f'hx-get="{path}?seen=QUEUED" hx-trigger="every 2s"' in page()
    assert 'hx-trigger="load"' not in page("?seen=QUEUED")
    with rt.db.writing() as connection:
        scans.claim(connection, run.id, "jobs", rt.clock())
        scans.progressed(connection, run.id, total=68, finished=17)
    held = scan_runs.Held(run.id, "jobs")
    scan_runs.begin_run(rt, held, "规则 x")
    assert '<progress max="68" value="17"' in page() and "取消扫描" in page()
    assert 'hx-trigger="load"' in page("?seen=QUEUED") and 'seen=RUNNING' in page()
    scan_runs.fail(rt, held, "该帐号可以写入", "this account could write")
    assert "该帐号可以写入" in page() and "hx-trigger=\"every" not in page()
    assert 'hx-trigger="load"' in page("?seen=RUNNING")
