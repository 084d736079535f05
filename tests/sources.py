"""Databases of departments for tests of scans: real PostgreSQL, an account that may only read."""

import itertools
import os
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.postgres import Server

_numbers = itertools.count()
PASSWORD = "Reads-Only-2026"
PEOPLE = """
    CREATE TABLE patient (id bigint PRIMARY KEY, xm varchar(20), sfzh varchar(18), bz text);
    CREATE TABLE shop (id bigint PRIMARY KEY, shop_name varchar(40), sl integer);
    COMMENT ON TABLE patient IS '患者信息';
    COMMENT ON COLUMN patient.xm IS '姓名'; COMMENT ON COLUMN patient.sfzh IS '身份证号';
    COMMENT ON COLUMN patient.bz IS '备注';
    INSERT INTO shop SELECT n, '商店' || n, n % 50 FROM generate_series(1, 400) n;
"""


@dataclass(frozen=True)
class Source:
    """A department's database: the owner's connection, the reader's address and account."""

    owner: psycopg.Connection
    server: Server
    name: str
    reader: str

    @property
    def address(self) -> str:
        return self.address_of(self.reader)

    def address_of(self, account: str) -> str:
        return f"postgresql://{account}@127.0.0.1:{self.server.port}/{self.name}"

    def settle(self) -> None:
        """Grant what is new to the reader and take the statistics."""
        self.owner.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}; ANALYZE"
                                   ).format(sql.Identifier(self.reader)))


@contextmanager
def source(server: Server, statements: str = ""):
    """A database with an account that may read all of it; both are gone afterwards."""
    name = f"dept_{os.getpid()}_{next(_numbers)}"
    reader = f"reader_{name}"
    server.database(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as owner:
        owner.execute(statements or "SELECT 1")
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(reader), PASSWORD))
        made = Source(owner, server, name, reader)
        made.settle()
        yield made
        owner.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(reader)))
