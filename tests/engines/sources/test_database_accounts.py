"""MySQL's own words on an account: reading and nothing else, or refused."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.types import BLOB, VARCHAR

from app.domain.classification.facts import TableSpec
from app.domain.refusals import Refusal
from app.engines.sources.database_accounts import writing_grants
from app.engines.sources.database_engines import engine_of
from app.engines.sources.database_rows import Declared, Relation, sampling
from app.engines.sources.database_urls import target_of
from app.engines.sources.databases import open_database
from app.engines.sources.sampling import Limits
from app.engines.sources.targets import networks_of

USAGE = "GRANT USAGE ON *.* TO `r`@`%`"


@pytest.mark.parametrize("lines", [
    [USAGE, "GRANT SELECT ON `zone`.* TO `r`@`%`"],
    [USAGE, "GRANT SELECT, SHOW VIEW ON `zone`.* TO `r`@`%`"],
    [USAGE, "GRANT SELECT (`a`, `b`) ON `zone`.`t` TO `r`@`%`"],
    ["GRANT SELECT, PROCESS, SHOW DATABASES, REPLICATION CLIENT ON *.* TO `r`@`%`"],
    ["GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*0'"],
])
def test_O02_an_account_that_reads_is_taken(lines):
    assert writing_grants(lines) == []


@pytest.mark.parametrize("lines, right", [
    (["GRANT ALL PRIVILEGES ON *.* TO `r`@`%`"], "ALL PRIVILEGES"),
    ([USAGE, "GRANT SELECT, INSERT ON `zone`.* TO `r`@`%`"], "INSERT"),
    ([USAGE, "GRANT SELECT (`a`), UPDATE (`b`) ON `zone`.`t` TO `r`@`%`"], "UPDATE"),
    (["GRANT SELECT, FILE ON *.* TO `r`@`%`"], "FILE"),
    (["GRANT EXECUTE ON `zone`.* TO `r`@`%`"], "EXECUTE"),
    (["GRANT `writers`@`%` TO `r`@`%`"], "ROLE"),
    (["GRANT PROXY ON ``@`` TO `r`@`%`"], "PROXY"),
    (["GRANT BACKUP_ADMIN,SYSTEM_USER ON *.* TO `r`@`%`"], "BACKUP_ADMIN"),
    (["GRANT SELECT ON `zone`.* TO `r`@`%` WITH GRANT OPTION"], "GRANT OPTION"),
    (["GRANT SELECT (`a) ON b`), DELETE ON `zone`.`t` TO `r`@`%`"], "DELETE"),
    (["what is this"], "ROLE"),
])
def test_O02_an_account_that_could_write_or_is_not_understood_is_not(lines, right):
    found = writing_grants(lines)
    assert right in found


def test_O02_a_mysql_session_is_read_only_and_hands_out_no_file():
    engine = engine_of(target_of("mysql://r:p@db.example/zone"), "10.0.0.9", Limits())
    options = engine.dialect.create_connect_args(engine.url)[1]
    assert options["host"] == "10.0.0.9" and "local_infile" not in options
    assert engine.url.query == {} and engine.url.drivername == "mysql+pymysql"


def test_bad_input_an_unreachable_mysql_is_one_clear_line():
    with pytest.raises(Refusal, match="cannot be reached"):
        open_database(target_of("mysql://r:p@127.0.0.1:1/zone"),
                      networks_of(["127.0.0.0/8"]), Limits())


def test_a_mysql_sample_is_drawn_by_chance_and_cut_by_the_server():
    made = Table("t", MetaData(), Column("a`b", VARCHAR(9)), Column("n", Integer),
                 Column("p", BLOB))
    found = Declared(TableSpec("t"), tuple(made.c.keys()), tuple(c.type for c in made.c))
    statement = sampling("mysql", Relation("t`x", None, True, 10**9), found, 300, Limits())
    said = str(statement.compile(dialect=mysql.dialect(),
                                 compile_kwargs={"literal_binds": True}))
    assert "`t``x`" in said and "`a``b`" in said and "NULL AS c2" in said
    assert "substr(CAST(`t``x`.`a``b` AS CHAR), 1, 8193)" in said
    assert "WHERE rand() < 3e-06 ORDER BY rand()" in " ".join(said.split()) and "LIMIT" in said
    small = sampling("mysql", Relation("t`x", None, True, 6_000), found, 300, Limits())
    assert "WHERE" not in str(small.compile(dialect=mysql.dialect()))
