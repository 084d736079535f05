"""P01: the application's role decides and acts, and can neither alter, drop nor rewrite."""

import itertools
import re
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import runtime
from app.cli.__main__ import main
from app.commands.decide import Gate
from app.domain.refusals import Invalid
from app.jobs import checkpoints
from app.queries.trail_check import recompute
from app.settings import load
from app.store import privileges
from app.store.migrate import is_current, upgrade
from app.store.schema import metadata
from tests import zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW
from tests.store.ledgers import database, ranges_of, rows

APP = Path(__file__).resolve().parents[2] / "app"
_numbers = itertools.count()


@pytest.fixture
def roles(postgres_cluster):
    """An owner and an application role without any right, and a database of the owner's."""
    number = next(_numbers)
    owner, app = f"owner_{number}", f"app_{number}"
    url = database(postgres_cluster)
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(postgres_cluster.dsn("postgres"), autocommit=True) as connection:
        for statement in (f"CREATE ROLE {owner} LOGIN", f"CREATE ROLE {app} LOGIN",
                          f"ALTER DATABASE {name} OWNER TO {owner}"):
            connection.execute(statement)
    return {kind: url.replace("postgres@", f"{role}@") for kind, role in
            (("owner", owner), ("app", app))}, app


@pytest.fixture
def rt(roles, tmp_path, clock):
    """The application under its own role, in a zone the owner's migration founded."""
    urls, app = roles
    settings = load({}, data_dir=tmp_path / "data", database_url=urls["owner"])
    assert upgrade(urls["owner"], 16, app) == [app]
    founder = runtime.build(settings, durable=False)
    founder.clock = clock
    runtime.found(founder)
    founder.close()
    rt = runtime.build(load({}, data_dir=tmp_path / "data", database_url=urls["app"]),
                       durable=False)
    rt.clock = clock
    yield rt
    rt.close()


@pytest.mark.postgres
def test_P01_the_application_acts_decides_and_signs(rt, clock):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    try:
        answers = [gate.answer(question(z)) for _ in range(20)]
    finally:
        gate.close()
    assert all(answer["decision"] for answer in answers)
    zone.set_state(rt, z.dataset, "FROZEN")
    clock.forward(minutes=2)
    assert checkpoints.run_due(rt)
    assert len(ranges_of(rt, "trail_entry")) > 2
    assert recompute(rt).findings == []


@pytest.mark.postgres
@pytest.mark.parametrize("statement", [
    "UPDATE trail_entry SET kind = 'x'", "DELETE FROM trail_entry", "TRUNCATE trail_entry",
    "UPDATE decision SET permits = true", "DELETE FROM decision",
    "DELETE FROM trail_private", "UPDATE trail_private SET value = ''",
    "UPDATE transition SET person = 'x'", "DELETE FROM object_version",
    "UPDATE trail_checkpoint SET note = ''", "INSERT INTO trail_head (id) VALUES (2)",
    "DELETE FROM trail_head", "DELETE FROM trail_stream", "DELETE FROM access_grant",
    "ALTER TABLE trail_entry ADD COLUMN x int", "ALTER TABLE access_grant DROP COLUMN state",
    "ALTER TABLE trail_entry DISABLE TRIGGER ALL", "DROP TABLE trail_entry",
    "DROP TABLE hufu_ranges.trail_entry_0", "ALTER TABLE trail_entry DETACH PARTITION "
    "hufu_ranges.trail_entry_0", "SELECT * FROM hufu_ranges.trail_entry_0",
    "INSERT INTO hufu_ranges.trail_entry_0 SELECT * FROM trail_entry",
    "DROP TRIGGER trail_head_grows ON trail_head", "DROP FUNCTION hufu_append_only() CASCADE",
    "CREATE OR REPLACE FUNCTION hufu_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RETURN NULL; END'", "CREATE TABLE x (y int)", "CREATE SCHEMA x",
    "DROP SCHEMA hufu_ranges CASCADE", "SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = ''"])
def test_P01_the_application_can_neither_alter_drop_nor_rewrite(rt, statement):
    before = rows(rt, "SELECT seq, body FROM trail_entry")
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), \
            rt.db.writing() as connection:
        connection.execute(text(statement))
    assert rows(rt, "SELECT seq, body FROM trail_entry") == before


@pytest.mark.postgres
def test_P01_a_temporary_table_of_the_same_name_deceives_no_guard(rt):
    with pytest.raises(DBAPIError, match="the head goes from"), rt.db.writing() as connection:
        for statement in (
                "CREATE TEMP TABLE trail_entry AS SELECT * FROM public.trail_entry WHERE false",
                "INSERT INTO trail_entry (seq, stream, stream_seq) "
                "SELECT size, 'inst/forged', 0 FROM trail_head",
                "UPDATE trail_head SET size = size + 1"):
            connection.execute(text(statement))


@pytest.mark.postgres
def test_a_role_once_granted_is_granted_again_by_every_migration(roles, rt):
    urls, app = roles
    with psycopg.connect(urls["owner"].replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"REVOKE ALL ON task FROM {app}")
        connection.execute(f"GRANT DELETE ON trail_private TO {app}")
    assert upgrade(urls["owner"], 16) == [app]
    rows(rt, "SELECT count(*) FROM task")
    with pytest.raises(DBAPIError, match="permission denied"), rt.db.writing() as connection:
        connection.execute(text("DELETE FROM trail_private"))


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["unknown", "owner", "superuser"])
def test_a_role_that_may_do_more_is_not_the_applications(roles, kind):
    urls, _ = roles
    role = {"unknown": "nobody_knows", "superuser": "postgres",
            "owner": re.search(r"//(\w+)@", urls["owner"])[1]}[kind]
    with pytest.raises(Invalid):
        upgrade(urls["owner"], 16, role)
    assert not rows_of(urls["owner"], "SELECT to_regclass('trail_head')")[0][0]


def rows_of(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.postgres
def test_words_of_the_console_open_a_zone_they_do_not_own(roles, rt, capsys, monkeypatch):
    urls, _ = roles
    assert is_current(urls["app"])
    monkeypatch.setenv("HUFU_DATABASE_URL", urls["app"])
    assert main(["admin", "first-link", "--data", str(rt.settings.data_dir)]) == 0
    assert "/first/" in capsys.readouterr().out


def test_a_migration_leaves_the_keys_every_machine_needs(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("HUFU_DATABASE_URL", raising=False)
    assert main(["migrate", "--data", str(tmp_path)]) == 0
    made = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    assert set(made) == {"cookie.key", "field.key", "subject.key"}
    assert main(["migrate", "--data", str(tmp_path)]) == 0
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}


def test_on_sqlite_there_is_nobody_to_grant(tmp_path, capsys):
    assert main(["migrate", "--data", str(tmp_path), "--grant", "app"]) == 1
    assert "--grant" in capsys.readouterr().err


def test_what_the_code_removes_it_may_remove_and_no_more():
    """A `delete(Model)` in the sources names a table of REMOVES; those exist."""
    named = {match for path in APP.rglob("*.py")
             for match in re.findall(r"\bdelete\(([A-Z]\w+)\)", path.read_text("utf-8"))}
    tables = {mapper.class_.__name__: mapper.local_table.name
              for mapper in registry().mappers}
    assert {tables[name] for name in named} <= privileges.REMOVES <= set(metadata.tables)
    assert privileges.ONLY_GROWS <= set(metadata.tables)


def registry():
    from sqlmodel import SQLModel

    return SQLModel._sa_registry
