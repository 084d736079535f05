"""Pages that only show are answered by a real streaming standby, never by what is older than what
the session wrote, and by the first server when the standby is behind or gone."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from app import runtime
from app.domain.callers import SYSTEM
from app.domain.refusals import NotRecorded
from app.queries.processes import processes
from app.queries.query import Filters, queries
from app.settings import Unsafe, load
from app.store import beats, replica
from app.store.migrate import upgrade
from app.store.unit import begin, read
from app.web import create_app
from app.web.nearness import COOKIE
from tests import people, zone
from tests.conftest import caller
from tests.postgres import cluster
from tests.standby import standby

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.xdist_group("replica")]
OPS = caller("wei", "OPS")


@pytest.fixture(scope="module")
def pair():
    """A server of its own with a founded zone, and its standby."""
    with cluster() as first:
        url = first.database("zone")
        upgrade(url)
        with standby(first) as second:
            yield url, second


@pytest.fixture
def rt(pair, tmp_path, clock):
    url, second = pair
    settings = load({"HUFU_DATABASE_URL": url, "HUFU_READ_URL": second.url(url)},
                    data_dir=tmp_path / "data")
    rt = runtime.build(settings, durable=False)
    rt.clock = rt.replica._clock = clock
    runtime.found(rt)
    second.run("SELECT pg_wal_replay_resume()")
    beat(rt)
    arrived(rt)
    yield rt
    rt.close()


def beat(rt, ago_s: float = 0) -> None:
    """The newest beat there is, so long ago."""
    at = rt.clock() - timedelta(seconds=ago_s)
    with rt.db.writing() as connection:
        connection.execute(text("DELETE FROM process_beat"))
        beats.put(connection, beats.Beat("p-1", "node", 1, 0, at, at))


def mark(rt) -> str:
    with rt.db.reading() as connection:
        return replica.written(connection)


def arrived(rt, seconds: float = 10) -> None:
    """Until the standby has what was written up to now."""
    wanted, ends = mark(rt), time.monotonic() + seconds
    while not rt.replica.serves(wanted):
        assert time.monotonic() < ends, "the standby does not follow"
        rt.replica._try_at = rt.replica._looked_at = float("-inf")
        time.sleep(0.02)


def department(rt, name: str) -> None:
    with begin(rt, SYSTEM) as act:
        zone.department(act, name=name, number=f"DEPT-T-{zone.number()}")


def where(rt) -> str:
    """Which server a query of this request is answered by."""
    def run() -> str:
        with read(rt) as session:
            return session.connection().execute(text("SELECT pg_is_in_recovery()")).scalar()
    return "second" if replica.asked(rt, run) else "first"


@pytest.fixture
def way():
    """A request that only shows."""
    made = replica.Way(True)
    token = replica.begin_request(made)
    yield made
    replica.end_request(token)


def test_a_page_that_only_shows_is_answered_by_the_replica(rt, way):
    assert where(rt) == "second"


def test_acts_decisions_and_whatever_is_no_query_of_such_a_page_stay_with_the_first(rt, way):
    with read(rt) as session:
        assert not session.connection().execute(text("SELECT pg_is_in_recovery()")).scalar()
    way.may_lag = False
    assert where(rt) == "first"


def test_outside_of_a_request_the_first_answers(rt):
    assert where(rt) == "first"


def test_after_an_act_the_same_request_reads_from_the_first(rt, way):
    department(rt, "刚建")
    assert (way.wrote, where(rt)) == (True, "first")


def test_a_session_never_reads_what_is_older_than_its_own_act(rt, pair, way):
    pair[1].run("SELECT pg_wal_replay_pause()")
    department(rt, "看得见")
    way.may_lag, way.mark = True, mark(rt)
    listed = queries()["department", False].run(rt, OPS, Filters(q="看得见"))
    assert listed.total == 1 and where(rt) == "first"
    way.mark = ""  # another session may still be shown the moment before
    assert queries()["department", False].run(rt, OPS, Filters(q="看得见")).total == 0
    pair[1].run("SELECT pg_wal_replay_resume()")
    way.mark = mark(rt)
    arrived(rt)
    assert where(rt) == "second"
    assert queries()["department", False].run(rt, OPS, Filters(q="看得见")).total == 1


@pytest.mark.parametrize("told", ["x", "0/0'; --", "0" * 20, "g/1"])
def test_a_mark_nobody_gave_out_leads_to_the_first(rt, way, told):
    way.mark = told
    assert where(rt) == "first"


def test_a_replica_that_is_far_behind_is_not_asked(rt, way):
    beat(rt, replica.MOST_LAG_S + 5)
    arrived_at = mark(rt)
    time.sleep(0.5)
    rt.replica._looked_at = float("-inf")
    assert not rt.replica.serves("") and where(rt) == "first", arrived_at


def test_nothing_can_be_written_through_the_replica(rt):
    with pytest.raises(Exception, match="read-only"), rt.replica.reading() as connection:
        connection.execute(text("DELETE FROM process_beat"))


def test_the_page_of_processes_tells_its_lag(rt, way):
    (line,) = [each for each in processes(rt, OPS, Filters()).items if each.id == "read-replica"]
    assert (line.state, line.name) == ("FOLLOWING", f"replica {rt.replica.host}")
    assert line.lag <= 3 and line.behind == 0


def test_pages_over_http_carry_the_mark_of_what_their_session_wrote(rt, pair):
    opened = people.signed_in(rt, people.enrolled(rt, f"boss{zone.number()}", "BIZ_REVIEW"))
    client = people.browser(create_app(rt), opened)
    beat(rt)  # signing in took half a minute
    arrived(rt)
    assert client.get("/departments").status_code == 200
    assert client.get_cookie(COOKIE, domain="localhost") is None
    pair[1].run("SELECT pg_wal_replay_pause()")
    try:
        name = f"部门{zone.number()}"
        made = client.post("/departments/new", data={
            "name": name, **people.token(opened)})
        assert made.status_code == 303, made.text
        assert replica.MARK.fullmatch(client.get_cookie(COOKIE, domain="localhost").value)
        assert name in client.get("/departments").text
        client.delete_cookie(COOKIE, domain="localhost")
        assert name not in client.get("/departments").text  # so it was the mark that led there
    finally:
        pair[1].run("SELECT pg_wal_replay_resume()")


def test_a_query_the_replica_fails_at_is_answered_by_the_first(rt, way):
    tried = []

    def run():
        tried.append(where_now(rt))
        if tried[-1] == "second":
            raise NotRecorded("x", "x")
        return "answered"

    assert (replica.asked(rt, run), tried) == ("answered", ["second", "first"])
    assert not rt.replica.serves("")  # it is left alone for a while


def where_now(rt) -> str:
    with read(rt) as session:
        found = session.connection().execute(text("SELECT pg_is_in_recovery()")).scalar()
    return "second" if found else "first"


HERE = "postgresql+psycopg://localhost/z"


@pytest.mark.parametrize(("read_url", "url"), [
    (HERE, ""), ("sqlite:///x", HERE), ("postgresql+psycopg://other.example/z", HERE)],
    ids=["beside SQLite", "no PostgreSQL", "another machine without TLS"])
def test_a_replica_needs_postgresql_on_both_sides_and_tls_to_another_machine(
        tmp_path, read_url, url):
    with pytest.raises(Unsafe, match="HUFU_READ_URL"):
        load({"HUFU_READ_URL": read_url, "HUFU_DATABASE_URL": url}, data_dir=tmp_path)
    near = load({"HUFU_READ_URL": HERE + "?x=1", "HUFU_DATABASE_URL": HERE}, data_dir=tmp_path)
    assert near.read_url == HERE + "?x=1"


def test_when_the_replica_is_gone_the_first_answers_at_once(rt, pair, way):
    """The last: the standby does not come back."""
    assert where(rt) == "second"
    pair[1].end()
    began = time.monotonic()
    assert where(rt) == "first" and time.monotonic() - began < 3
    (line,) = [each for each in processes(rt, OPS, Filters()).items if each.id == "read-replica"]
    assert line.state == "SILENT"
