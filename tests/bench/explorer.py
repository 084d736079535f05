"""What a search for decisions costs among many: its time, and how each engine goes about it.

    python -m tests.bench.explorer [ROWS] [sqlite|postgres] [plans]

Index rows and entries are written in bulk; then every way to look for decisions is timed, the
list with its counts and the sheet alike. With `plans` each statement's plan is printed too.
"""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import event, text

from app import runtime
from app.domain.refusals import NotFound
from app.queries.decision_search import DecisionFilters
from app.queries.decision_survey import survey
from app.queries.decisions import decision, decisions
from app.settings import load
from app.store.migrate import upgrade
from tests.conftest import caller
from tests.postgres import cluster

WHO = caller("fang", "COMP_REVIEW")
INDEX = """INSERT INTO decision (seq, id, at, permits, institution_id, app, product, "grant",
purpose, action, codes, trace_id, business_ref, subject, epoch, digest) """
ENTRY = """INSERT INTO trail_entry (seq, stream, stream_seq, kind, ref, at, leaf, body) """
DIGEST = "'sha256:' || '" + "0" * 64 + "'"
COMMON = """{instant}, i % 11 <> 0, 'institution-' || (i % 68), 'APP-' || (i % 90),
'PRD-' || (i % 12), CASE WHEN i < 1010 THEN 'GR-OLD' ELSE 'GR-' || (i * i % 90) END,
'PF.CRD.NEW', 'QUERY_ONE', CASE WHEN i % 11 <> 0 THEN '' WHEN i % 22 = 0 THEN 'SCOPE.FIELD'
ELSE 'TERM.REVOKED PURPOSE.MISSING' END, 'tr-' || i, 'LN-' || (i / 3),
'hmac-sha256:' || (i * 7919 % 50021), 1, """ + DIGEST
LITE_AT = "strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i * 12, 'unixepoch') || '.000000Z'"
BIG_AT = ("to_char(to_timestamp(1700000000 + i::bigint * 12) AT TIME ZONE 'UTC', "
          "'YYYY-MM-DD\"T\"HH24:MI:SS') || '.000000Z'")
LITE_ROWS = ("WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < :last) ",
             " FROM n")
BIG_ROWS = ("", " FROM generate_series(10::bigint, :last) AS i")


def fill(rt, rows: int) -> None:
    lite = rt.db.is_sqlite
    at, (head, tail) = (LITE_AT, LITE_ROWS) if lite else (BIG_AT, BIG_ROWS)
    empty = "x''" if lite else "''::bytea"
    rt.db.statement_s = 3_600
    with rt.db.writing() as connection:
        if not lite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for into, members in (
                (INDEX, "i, 'dec_' || i, " + COMMON.format(instant=at)),
                (ENTRY, f"i, 'bench', i, 'decision', 'decision/dec_' || i, {at}, {empty}, "
                        f"{empty}")):
            said = (f"{head}{into}SELECT {members}{tail}" if lite
                    else f"{into}{head}SELECT {members}{tail}")
            connection.execute(text(said.replace(":MI:SS", r"\:MI\:SS").replace(
                ":%M:%S", r"\:%M\:%S").replace("::", r"\:\:").replace("HH24:MI", r"HH24\:MI")),
                {"last": rows})
    with rt.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not lite:
            connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE" if lite else "VACUUM ANALYZE")


def ways(rt, rows: int) -> dict:
    """Every way of looking, as (what is asked, whether its counts are drawn too)."""
    def listed(**filters):
        return lambda: decisions(rt, WHO, DecisionFilters(**filters))

    def drawn(**filters):
        return lambda: survey(rt, WHO, DecisionFilters(**filters))

    found = {"list": listed(), "counts": drawn()}
    for name, filters in {
            "trace id": {"q": f"tr-{rows // 2}"}, "unknown number": {"q": "tr-none"},
            "business number": {"q": f"LN-{rows // 6}"}, "decision number": {"q": f"dec_{rows}"},
            "grant": {"grant": "GR-4"}, "grant long ago": {"grant": "GR-OLD"},
            "subject": {"q": "hmac-sha256:7"}, "minute": {"q": "2023-11-20 02:15"},
            "one day": {"begins": "2023-12-01", "ends": "2023-12-01"},
            "refused": {"state": "DENY"}, "reason nobody had": {"reason": "SYS.NONE"},
            "product": {"product": "PRD-3"}}.items():
        found[name] = listed(**filters)
        found[f"{name}, counts"] = drawn(**filters)
    return found | {"sheet by unknown trace": lambda: decision(rt, WHO, "tr-none")}


def plans(rt, ask) -> list[str]:
    """How the engine goes about each statement of one search."""
    said: list = []

    def heard(connection, cursor, statement, parameters, context, many):
        if "FROM decision" in statement and not statement.startswith("EXPLAIN"):
            said.append((statement, parameters))

    event.listen(rt.db.engine, "before_cursor_execute", heard)
    with contextlib.suppress(NotFound):
        ask()
    event.remove(rt.db.engine, "before_cursor_execute", heard)
    found = []
    with rt.db.reading() as connection:
        for statement, parameters in said:
            word = "EXPLAIN QUERY PLAN " if rt.db.is_sqlite else "EXPLAIN "
            lines = connection.exec_driver_sql(word + statement, parameters).all()
            found += [str(line[-1]) for line in lines]
    return found


def measured(url: str, rows: int, is_explained: bool) -> None:
    upgrade(url)
    rt = runtime.build(load({}, data_dir=Path(tempfile.mkdtemp()), database_url=url))
    runtime.found(rt)
    began = time.perf_counter()
    fill(rt, rows)
    print(f"{rows:,} decisions in {time.perf_counter() - began:.0f} s", flush=True)
    for name, ask in ways(rt, rows).items():
        spent = []
        for _ in range(3):
            began = time.perf_counter()
            with contextlib.suppress(NotFound):
                ask()
            spent.append(time.perf_counter() - began)
        print(f"{name:28} first {spent[0] * 1e3:8.1f} ms   best {min(spent) * 1e3:8.1f} ms",
              flush=True)
        if is_explained and "counts" not in name:
            print(*(f"    {line}" for line in plans(rt, ask)), sep="\n")
    rt.close()


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    is_explained = "plans" in sys.argv
    if "postgres" in sys.argv:
        with cluster() as server:
            measured(server.database("explorer"), rows, is_explained)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measured(f"sqlite:///{folder}/hufu.db", rows, is_explained)


if __name__ == "__main__":
    main()
