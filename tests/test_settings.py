"""Settings refuse what a zone must not run with, and say each reason."""

import pytest
from sqlalchemy.exc import OperationalError

from app.settings import Unsafe, load
from app.store.db import Database
from app.web.serve import refuse_signing_key

SAFE: dict[str, str] = {}


def test_safe_settings_load(tmp_path):
    assert load(SAFE, data_dir=tmp_path).is_sqlite


@pytest.mark.parametrize("env, address", [
    ({}, "http://localhost:8420"), ({"HUFU_PORT": "9000"}, "http://localhost:9000"),
    ({"HUFU_BASE_URL": "https://zone.example"}, "https://zone.example"),
    ({"HUFU_BASE_URL": "https://localhost:8443"}, "https://localhost:8443"),
])
def test_links_begin_with_an_address_that_answers(env, address, tmp_path):
    assert load(env, data_dir=tmp_path).pages_url == address


@pytest.mark.parametrize("env, words", [
    ({"HUFU_DEBUG": "1"}, "HUFU_DEBUG"), ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
    ({"HUFU_DEMO": "1", "HUFU_HOST": "0.0.0.0"}, "loopback"),
    ({"HUFU_PASSWORD_PROFILE": "none"}, "HUFU_PASSWORD_PROFILE"),
    ({"HUFU_BASE_URL": "http://zone.example"}, "https"), ({"HUFU_HOSTS": "*"}, "HUFU_HOSTS"),
    ({"HUFU_DATABASE_URL": "mysql://x"}, "HUFU_DATABASE_URL"), ({"HUFU_PORT": "x"}, "HUFU_PORT"),
    ({"HUFU_SCAN_NETWORKS": "10.0.0.0/8,intranet"}, "HUFU_SCAN_NETWORKS"),
    ({"HUFU_SCAN_NETWORKS": "10.0.0.1/8"}, "HUFU_SCAN_NETWORKS"),
    ({"HUFU_ACCOUNT_RATE": "0"}, "HUFU_ACCOUNT_RATE"),
    ({"HUFU_SOURCE_RATE": "-1"}, "HUFU_SOURCE_RATE"),
])
def test_W08_P04_the_start_refuses_each_unsafe_setting_by_name(env, words, tmp_path):
    with pytest.raises(Unsafe) as refused:
        load(env, data_dir=tmp_path)
    assert words in str(refused.value)


@pytest.mark.parametrize(("address", "env", "is_safe"), [
    ("db.example/z?sslmode=verify-full", {}, True), ("db.example/z", {}, False),
    ("db.example/z", {"PGSSLMODE": "verify-full"}, True),
    ("db.example/z?sslmode=require", {"PGSSLMODE": "verify-full"}, False),
    ("db.example/z?sslmode=verify-ca", {}, False), ("10.0.0.9/z?sslmode=prefer", {}, False),
    ("db.example/z?sslmode=verify-full&ssl_min_protocol_version=TLSv1.1", {}, False),
    ("db.example/z?sslmode=verify-full&ssl_min_protocol_version=TLSv1.3", {}, True),
    ("127.0.0.1:5432/z", {}, True), ("localhost/z", {}, True), ("[::1]/z", {}, True),
    ("/z?host=/run/postgresql", {}, True), ("/z", {}, True), ("/z?host=db.example", {}, False),
    ("localhost/z?host=db.example", {}, False), ("/z?host=/run/postgresql,db.example", {}, False),
    ("localhost/z?hostaddr=10.0.0.9", {}, False), ("/z", {"PGHOST": "db.example"}, False),
    ("localhost/z", {"PGHOSTADDR": "10.0.0.9"}, False), ("/z?service=far", {}, False),
    ("/z", {"PGSERVICE": "far"}, False)])
def test_K09_a_database_on_another_machine_is_spoken_to_by_verified_tls_only(
        address, env, is_safe, tmp_path):
    told = {**env, "HUFU_DATABASE_URL": f"postgresql+psycopg://hufu@{address}"}
    if is_safe:
        assert load(told, data_dir=tmp_path).database_url.endswith(address)
        return
    with pytest.raises(Unsafe) as refused:
        load(told, data_dir=tmp_path)
    assert "sslmode=verify-full" in str(refused.value)


@pytest.mark.postgres
def test_K09_a_server_that_speaks_no_tls_is_not_spoken_to(postgres_cluster):
    url = f"postgresql+psycopg://postgres@localhost:{postgres_cluster.port}/postgres"
    db = Database(url + "?sslmode=verify-full")
    with pytest.raises(OperationalError), db.reading():
        pass
    db.close()


def test_P04_every_reason_is_said_at_once(tmp_path):
    with pytest.raises(Unsafe) as refused:
        load({"HUFU_DEBUG": "1", "HUFU_HOSTS": "*"}, data_dir=tmp_path)
    assert len(refused.value.reasons) == 2


def test_K02_web_refuses_to_start_where_the_signing_key_is_named(monkeypatch):
    monkeypatch.setenv("HUFU_SIGNING_KEY_FILE", "trail.key")
    with pytest.raises(Unsafe):
        refuse_signing_key()
    monkeypatch.delenv("HUFU_SIGNING_KEY_FILE")
    refuse_signing_key()


def test_K02_jobs_reads_the_signing_key_where_it_is_told(tmp_path):
    told = load({"HUFU_SIGNING_KEY_FILE": str(tmp_path / "trail.key")}, data_dir=tmp_path)
    assert told.signing_key_file == tmp_path / "trail.key"
    assert load({}, data_dir=tmp_path).signing_key_file.parent == tmp_path / "keys"
