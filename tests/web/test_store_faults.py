"""The fault table over HTTP: when the store is gone, full, read-only or locked, whatever a person
asks answers 503 with a time to try again, and nothing is written."""

import contextlib
import itertools
import re
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.store.db import Database
from app.store.tables import TrailEntry
from app.store.tables_supply import Department
from app.store.unit import read
from tests import people
from tests.commands.test_decide_faults import full, require_whole

_numbers = itertools.count(1)


def new() -> dict:
    return {"name": f"市统计局{next(_numbers)}", "liaison": "周某"}


class Desk:
    """A reviewer with a browser and a program, and what the store holds of their acts."""

    def __init__(self, rt) -> None:
        self.rt, self.app = rt, people.application(rt)
        self.opened = people.signed_in(rt, people.enrolled(rt, "business", "BIZ_REVIEW"))
        self.browser = people.browser(self.app, self.opened)
        self.bearer = {"Authorization": f"Bearer {self.opened.token}"}

    def acts(self):
        """The same act as a form and as a call."""
        yield self.browser.post("/departments/new", data=new() | people.token(self.opened))
        yield self.app.test_client().post("/api/v1/departments", json=new(), headers=self.bearer)

    def held(self) -> tuple[int, int]:
        with read(self.rt) as session:
            return (len(session.exec(select(Department.id)).all()),
                    len(session.exec(select(TrailEntry.seq)).all()))


@pytest.fixture
def desk(rt):
    return Desk(rt)


def require_refused(answer) -> None:
    assert answer.status_code == 503, (answer.status_code, answer.get_data(as_text=True)[:300])
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    if answer.is_json:
        assert answer.json["code"] == "SYS.UNAVAILABLE"
        assert answer.json["messages"]["zh"] and answer.json["messages"]["en"]


@contextlib.contextmanager
def gone(rt):
    """The database cannot be reached: its file is not there, or nobody listens."""
    if rt.db.is_sqlite:
        path = Path(rt.db.engine.url.database)
        rt.db.engine.dispose()
        for part in path.parent.glob(f"{path.name}*"):
            part.rename(part.with_name(f"aside-{part.name}"))
        path.mkdir()
        yield
        path.rmdir()
        for part in path.parent.glob(f"aside-{path.name}*"):
            part.rename(part.with_name(part.name.removeprefix("aside-")))
        return
    url = rt.db.engine.url
    kept, rt.db = rt.db, Database(url.set(port=1).render_as_string(hide_password=False))
    yield
    rt.db.close()
    rt.db = kept


def test_whoever_asks_whatever_while_the_database_is_gone_is_told_to_come_back(desk):
    before = desk.held()
    bad = []
    with gone(desk.rt):
        for rule in desk.app.url_map.iter_rules():
            if rule.endpoint == "static":
                continue
            address = re.sub(r"<any[^>]+>", "csv", rule.rule)
            address = re.sub(r"<[^>]+>", "x", address)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                answer = desk.app.test_client().open(
                    address, method=method, headers=desk.bearer,
                    **({"json": {}} if method != "GET" else {}))
                if answer.status_code != 503 and rule.endpoint not in (
                        "health.healthz", "health.metrics"):
                    bad.append((method, address, answer.status_code))
                elif answer.status_code == 503:
                    require_refused(answer)
        page = desk.browser.get("/departments")
        require_refused(page)
        assert "稍后" in page.get_data(as_text=True)
    assert not bad
    assert desk.held() == before
    assert [answer.status_code for answer in desk.acts()] == [303, 201]


def test_a_full_or_read_only_store_refuses_acts_and_answers_questions(desk):
    lift = full(desk.rt)
    try:
        for _ in range(20):  # what still fits into the last page is taken, and recorded
            if all(answer.status_code == 503 for answer in desk.acts()):
                break
        before = desk.held()
        for answer in desk.acts():
            require_refused(answer)
        assert desk.browser.get("/departments").status_code == 200
    finally:
        lift()
    assert desk.held() == before
    require_whole(desk.rt)


def test_an_act_that_waits_for_a_lock_too_long_is_refused_with_a_time(desk):
    before = desk.held()
    with desk.rt.db.writing() as connection:
        connection.execute(text("SELECT size FROM trail_head WHERE id = 1" + (
            "" if desk.rt.db.is_sqlite else " FOR UPDATE")))
        for answer in desk.acts():
            began = time.monotonic()
            require_refused(answer)
            assert time.monotonic() - began < 5
    assert desk.held() == before
    assert next(desk.acts()).status_code == 303
