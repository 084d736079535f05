"""The pages of sources and scans: who registers, what is shown of a secret, a page that moves."""

import pytest
from sqlmodel import select

from app.commands import scan_runs, scan_sources
from app.commands.command import commands, perform
from app.domain.refusals import Invalid, NotAllowed
from app.domain.sign_ins import IDLE
from app.store import scans
from app.store.tables_scans import ScanRun, ScanSource
from app.store.unit import read
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


def drawn_again(reviewer, home: str, **values) -> str:
    """The form of a new source as it comes back refused."""
    form = reviewer.get("/scan-sources/new", base_url=people.HOST).get_data(as_text=True)
    token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    refused = reviewer.post("/scan-sources/new", base_url=people.HOST, data={
        "csrf_token": token, "name": "库二", "department": home, "password": WORD, "rows": "3000",
        "schedule": "NONE", **values})
    assert refused.status_code == 422
    return refused.get_data(as_text=True)


def test_no_page_shows_a_password(rt, home, reviewer):
    made = registered(rt, home)
    for path in (f"/scan-sources/{made.number}", "/scan-sources", f"/api/v1/scan-sources/{made.id}",
                 "/scan-sources/new"):
        answer = reviewer.get(path, base_url=people.HOST)
        assert answer.status_code == 200 and WORD not in answer.get_data(as_text=True), path


@pytest.mark.parametrize("address", [
    f"postgresql://r:{WORD}@db.example.org/zone", f"postgresql://r%3A{WORD}@db.example.org/zone",
    f"postgresql:r:{WORD}@db.example.org/zone", f"postgresql://db.example.org/zone?password={WORD}",
    f"oracle://r:{WORD}@db.example.org/zone", f"postgresql://r:{WORD}", WORD,
    f"Server=db.example.org;Password={WORD}", f" mysql://r:{WORD}@[::1]:3306/zone ",
    f"postgresql://reader@db.example.org:{WORD}/zone", f"postgresql://r:{WORD}@[h/zone",
])
@pytest.mark.parametrize("name", ["库二", "库"], ids=["whole", "another-fault"])
def test_a_password_in_a_refused_address_stands_nowhere_in_the_page(
        rt, home, reviewer, address, name):
    shown = drawn_again(reviewer, home, address=address, name=name)
    assert WORD not in shown and 'name="address"' in shown


def test_a_refused_address_that_surely_carries_no_password_need_not_be_written_again(
        rt, home, reviewer):
    assert f'value="{ADDRESS}"' in drawn_again(reviewer, home, address=ADDRESS, name="库")


def test_a_refused_address_says_where_the_password_belongs(rt, home, reviewer):
    address = f"postgresql://r:{WORD}@db.example.org/zone"
    assert "地址中不写口令" in drawn_again(reviewer, home, address=address)


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

    asked = "/progress?seen=QUEUED"
    assert f'hx-get="{path}{asked}" hx-trigger="every 2s"' in page()
    assert f'hx-get="{path}{asked}" hx-trigger="every 2s"' in page(asked)
    assert page(asked).lstrip().startswith('<div id="progress"') and len(page(asked)) < 2_000
    with rt.db.writing() as connection:
        scans.claim(connection, run.id, "jobs", rt.clock())
        scans.progressed(connection, run.id, total=68, finished=17)
    held = scan_runs.Held(run.id, "jobs")
    scan_runs.begin_run(rt, held, "规则 x")
    assert '<progress max="68" value="17"' in page() and "取消扫描" in page()
    reviewer.set_cookie("hufu_language", "en", domain="localhost")
    assert "Rules x" in page() and "规则 x" not in page()
    reviewer.set_cookie("hufu_language", "zh", domain="localhost")
    assert f'hx-get="{path}" hx-trigger="load"' in page(asked) and "seen=RUNNING" in page()
    assert '<progress max="68" value="17"' in page("/progress?seen=RUNNING")
    scan_runs.fail(rt, held, "该帐号可以写入", "this account could write")
    assert "该帐号可以写入" in page() and "hx-trigger=\"every" not in page()
    assert 'hx-trigger="load"' in page("/progress?seen=RUNNING")
    assert "该帐号可以写入" in page("/progress?seen=FAILED")


def test_the_progress_of_a_run_is_told_to_those_who_may_read_it(rt, home):
    run = scan_sources.start(rt, SEC, registered(rt, home).id, scan_sources.Start())
    path = f"/scan-runs/{run.number}/progress"
    intake = people.browser(people.application(rt), people.signed_in(
        rt, people.enrolled(rt, "intake", "INTAKE")))
    assert intake.get(path, base_url=people.HOST).status_code == 403
    stranger = people.browser(people.application(rt))
    assert stranger.get(path, base_url=people.HOST).status_code == 303


def test_A10_an_open_page_that_asks_by_itself_keeps_no_session(rt, home, reviewer):
    run = scan_sources.start(rt, SEC, registered(rt, home).id, scan_sources.Start())
    path, asked = f"/scan-runs/{run.number}", {"HX-Request": "true"}
    assert reviewer.get(path, base_url=people.HOST).status_code == 200
    for _ in range(2):
        rt.clock.forward(seconds=IDLE.total_seconds() / 2 - 1)
        answer = reviewer.get(f"{path}/progress", base_url=people.HOST, headers=asked)
        assert answer.status_code == 200 and "HX-Refresh" not in answer.headers
    rt.clock.forward(seconds=2)
    answer = reviewer.get(f"{path}/progress", base_url=people.HOST, headers=asked)
    assert answer.headers["HX-Refresh"] == "true" and not answer.data
    assert reviewer.get(path, base_url=people.HOST).status_code == 303


def test_a_run_asked_for_by_the_calendar_says_so_in_both_languages(rt, home, reviewer):
    registered(rt, home, schedule="DAILY")
    assert scan_sources.queue_due(rt) == 1
    with read(rt) as session:
        number = session.exec(select(ScanRun.number)).one()
        source = session.exec(select(ScanSource.number)).one()
    for path in ("/scan-runs", f"/scan-runs/{number}", f"/scan-sources/{source}"):
        for language, said, other in (("zh", "系统", "The system"), ("en", "The system", "系统")):
            reviewer.set_cookie("hufu_language", language, domain="localhost")
            shown = reviewer.get(path, base_url=people.HOST).get_data(as_text=True)
            main = shown.partition("<main")[2].partition("</main>")[0]
            assert said in main and other not in main, (path, language)
