"""What a subject authorization costs a decision: asked for among many rows, against not asked for.

    python -m tests.bench.consents [ROWS] [sqlite|postgres]

Both are measured by turns in one run on one durable database: decisions whose product asks for an
authorization, found by token and by subject, read and reserved in the sealing transaction, and the
same decisions without. Prints decisions a second and the ratio, for callers of one and of many.
"""

import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from app import runtime
from app.commands.decide import Gate, Question
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
from app.settings import load
from app.store.follower import keep_for_good
from app.store.migrate import upgrade
from app.store.tables_consents import SubjectAuthorization
from app.store.unit import begin
from tests import zone
from tests.decision_zone import LAW, body
from tests.postgres import cluster

ASKED, TURNS = 4_000, 9
SIZES = ((1, 150), (32, 40), (256, 8))
COLUMNS = """INSERT INTO subject_authorization (id, version, created_at, updated_at, token,
institution_id, subject, subject_kind, state, purposes, products, items, mode, earliest, separate,
valid_from, valid_to, noted, notice, evidence, evidence_holds, grant_id, replaced_by) """
BEGAN, ENDS = "2026-01-01T00:00:00.000000Z", "2027-12-31T00:00:00.000000Z"
LITE = COLUMNS + """WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n
WHERE i + 1 < :rows) SELECT printf('id-%010d', i), 1, :began, :began, printf('sa_%s', hex(
randomblob(12))), :owner, 'hmac-sha256:' || lower(hex(randomblob(32))), 'ENTERPRISE', 'ACTIVE',
'PF.CRD.NEW', :product, '', 'VIEW', '', '', :began, :ends, 1, '', '{}', 1, '', '' FROM n"""
BIG = COLUMNS + """SELECT 'id-' || lpad(i::text, 10, '0'), 1, :began, :began, 'sa_' || substr(
md5('t' || i), 1, 24), :owner, 'hmac-sha256:' || md5('a' || i) || md5('b' || i), 'ENTERPRISE',
'ACTIVE', 'PF.CRD.NEW', :product, '', 'VIEW', '', '', :began, :ends, true, '', '{}', true, '', ''
FROM generate_series(0, :rows - 1) AS i"""


def fill(rt, z, rows: int) -> list[tuple[str, str]]:
    """That many authorizations; the tokens and subject numbers of those that will be asked for.

    They lie all over the table: every so many rows one is given a subject with a known number.
    """
    rt.db.statement_s = 3_600
    values = {"rows": rows, "began": BEGAN, "ends": ENDS, "owner": z.institution.id,
              "product": z.product.number}
    with rt.db.writing() as connection:
        if not rt.db.is_sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        indexes = SubjectAuthorization.__table__.indexes
        for index in indexes:  # built once over all rows rather than row by row
            index.drop(connection)
        connection.execute(text(LITE if rt.db.is_sqlite else BIG), values)
        for index in indexes:
            index.create(connection)
        numbers = [(f"sa_known{at:08d}", f"9111{at:08d}") for at in range(ASKED)]
        connection.execute(text(
            "UPDATE subject_authorization SET token = :token, subject = :subject WHERE id = :id"),
            [{"token": token, "subject": rt.subject_hash("ENTERPRISE", number),
              "id": f"id-{at * (rows // ASKED):010d}"} for at, (token, number)
             in enumerate(numbers)])
    with rt.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return numbers


def question(z, number: str, **more) -> Question:
    asked = body(app=z.app.number, product=z.product.number, grant=z.grant.number,
                 region="110105", lookback_from="2025-06-01", business_ref="LN1",
                 data_subject={"kind": "ENTERPRISE", "id": number}, **more)
    return Question(asked, Presented(z.credential.prefix, "203.0.113.8"))


def asking(rt, z, gate: Gate, word: str) -> None:
    with begin(rt, SYSTEM) as act:
        row = act.find(type(z.product_version), z.product_version.id)
        row.subject_authorization = word
        act.record("product_version.place", f"product_version/{row.id}")
        act.affects("product_version", row.id)
    gate.follower.refresh()


def rate(gate: Gate, asked: list[Question], size: int, rounds: int) -> float:
    """Decisions a second, `size` of them at once; every one must be permitted."""
    began = time.perf_counter()
    for at in range(rounds):
        start = at * size % (len(asked) - size)
        answers = gate.answers(asked[start:start + size])
        assert all(each["decision"] for each in answers), answers[0]["context"]["reasons"]
    return size * rounds / (time.perf_counter() - began)


def measured(url: str, rows: int) -> None:
    upgrade(url)
    rt = runtime.build(load({}, data_dir=Path(tempfile.mkdtemp()), database_url=url))
    runtime.found(rt)
    z = zone.tiny(rt)
    began = time.perf_counter()
    known = fill(rt, z, rows)
    print(f"{rows:,} rows in {time.perf_counter() - began:.0f} s")
    gate = Gate(rt, LAW)
    bare = [question(z, number) for _, number in known]
    ways = {"without": ("NONE", bare), "by token": ("REQUIRED", [
        question(z, number, subject_authorization=token) for token, number in known]),
            "by subject": ("REQUIRED", bare)}
    keep_for_good()  # as a web process does once it has begun
    for size, rounds in SIZES:
        found: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(TURNS):
            for name, (word, asked) in ways.items():
                asking(rt, z, gate, word)
                rate(gate, asked, size, 2)
                found[name].append(rate(gate, asked, size, rounds))
        base = statistics.median(found["without"])
        print(f"{size:>4} at once: " + ", ".join(
            f"{name} {statistics.median(each):,.0f}/s ({statistics.median(each) / base:.0%})"
            for name, each in found.items()))
    gate.close()
    rt.close()


def main(rows: int, engine: str) -> None:
    with contextlib.ExitStack() as stack:
        if engine == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{folder}/hufu.db"
        else:
            url = stack.enter_context(cluster(fsync=True)).database("consents")
        print(engine, end=": ", flush=True)
        measured(url, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
         sys.argv[2] if len(sys.argv) > 2 else "sqlite")
