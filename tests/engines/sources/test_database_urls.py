"""O02: a URL names an allow-listed driver, one host and one database, and carries no option."""

import pytest

from app.domain.refusals import Refusal
from app.engines.sources.database_urls import is_address, is_private, target_of


@pytest.mark.parametrize("url, kind, host, port, name, account, password", [
    ("postgresql://r@db.example/zone", "postgresql", "db.example", 5432, "zone", "r", ""),
    ("postgresql+psycopg://r:p%40%3Fx@10.0.0.1:6000/zone", "postgresql", "10.0.0.1", 6000, "zone",
     "r", "p@?x"),
    ("mysql+pymysql://r:wq@db.example/库", "mysql", "db.example", 3306, "库", "r", "wq"),
    ("mysql://r:wq@[fd00::1]:3307/z", "mysql", "fd00::1", 3307, "z", "r", "wq"),
])
def test_a_plain_url_is_taken_apart(url, kind, host, port, name, account, password):
    target = target_of(url)
    assert (target.kind, target.host, target.port, target.name, target.account,
            target.password) == (kind, host, port, name, account, password)
    assert is_address(url) and repr(target).count(password or "@") == 0


@pytest.mark.parametrize("url", [
    "postgresql://r@h/d?options=-c%20default_transaction_read_only%3Doff",
    "postgresql://r@h/d?host=/tmp", "postgresql://r@h/d?service=x", "postgresql://r@h/d?sslmode=no",
    "postgresql://r@h/dbname%3Dx%20options%3D-cx", "postgresql://r@h/d%20options=-c",
    "postgresql://r@h/postgresql:%2f%2fx", "postgresql://r%20options%3Dx@h/d",
    "postgresql://r'@h/d", "postgresql://r@h/d\\", "postgresql://r@h/d;x", "postgresql://r@h/d#x",
    "postgresql://h/d", "postgresql://r@h/", "postgresql://r@/d", "postgresql://r@h:99999/d",
    "postgresql://r@h:x/d", "postgresql:///d",
    "mysql+pymysql://r@h/d?local_infile=1", "mysql+pymysql://r@h/d?init_command=DROP",
    "mysql+pymysql://r@h/d?read_default_file=/etc/passwd", "mysql+pymysql://r@h/d?unix_socket=/x",
    "mysql://r:%00@h/d",
    "sqlite:///file:x.db?mode=rwc&uri=true", "sqlite:///file:x.db", "sqlite:///:memory:",
    "sqlite://", "sqlite:///x.db?timeout=1", "sqlite://host/x.db",
    "postgresql+psycopg2://r@h/d", "postgresql+pg8000://r@h/d", "mysql+mysqldb://r@h/d",
    "mysql+mariadbconnector://r@h/d", "mssql+pyodbc://r@h/d?driver=x", "oracle://r@h/d",
    "duckdb:///x", "sqlite+pysqlcipher:///x", "sqlite+aiosqlite:///x", "http://h/x.csv",
    "file:///etc/passwd", "://", "postgresql://r@h/d\n", "postgresql://r@h/d\0",
])
def test_O02_hostile_options_and_unknown_drivers_are_refused(url):
    with pytest.raises(Refusal) as refused:
        target_of(url)
    assert refused.value.zh and len(refused.value.en) < 200


@pytest.mark.parametrize("url", [
    " postgresql://scan:PW@h/d", "\u3000postgresql://scan:PW@h/d", "postgresql:/scan:PW@h/d",
    "postgresql:scan:PW@h/d", "postgres_x://scan:PW@h/d", "scan:PW@h/d", "postgresql//scan:PW@h/d",
    "postgresql：//scan：PW＠h/d", "\ufeffpostgresql://scan:PW@h/d", "p:/scan:PW@h/d",
    "postgresql:\\\\scan:PW@h\\d", "postgresql://scan:PW", "postgresql://scan:P\nW@h/d",
])
def test_a_mistyped_url_is_an_address_too_and_private(url):
    assert is_address(url) and is_private(url)


@pytest.mark.parametrize("text", ["a.csv", "/data/x", "C:/x.csv", "./a:b", "-x"])
def test_a_path_is_no_url(text):
    assert not is_address(text)


@pytest.mark.parametrize("url", [
    "postgresql://r:s3cret@h/d?x=1", "postgres_x://r:s3cret@h/d", "postgresql:/r:s3cret@h/d",
    "s3cret://r@h/d", "postgresql://r:x@h:s3cret/d", "postgresql://r:x@h/s3cret@",
    "postgresql://r:s3cret", "postgresql://s3cret @h/d",
])
def test_no_part_of_a_wrong_address_is_repeated(url):
    with pytest.raises(Refusal) as refused:
        target_of(url)
    assert "s3cret" not in refused.value.en + refused.value.zh
    assert refused.value.__cause__ is None
