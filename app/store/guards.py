"""What the database itself refuses: changed rows, and a trail that grows otherwise than by one.

Triggers stop accidents; the tree stops people. Source: GB/T 22239-2019 8.1.4.3.c.
"""

from sqlalchemy import Connection, text

APPEND_ONLY = ("trail_entry", "object_version", "transition", "trail_checkpoint", "trail_anchor",
               "trail_tile")

REFUSES = """CREATE OR REPLACE FUNCTION hufu_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""

# A table in ranges of seq cannot have a unique key without seq. What the plain tables of SQLite
# hold by such keys is held here, once an append, when the locked head moves on: every place has its
# leaf, every stream goes on from its count and is counted, no decision id was given before. Names
# mean the tables of the schema and never a temporary table that stands in for one.
HEAD_GROWS = """CREATE OR REPLACE FUNCTION hufu_head_grows() RETURNS trigger LANGUAGE plpgsql
SET search_path = {schema}, pg_temp SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE grown record; leaves bigint := 0; least text; most text;
BEGIN
  FOR grown IN SELECT fresh.*, coalesce(counted.count, 0) AS known FROM (
      SELECT stream, min(stream_seq) AS first, max(stream_seq) AS last, count(*) AS leaves,
        count(DISTINCT stream_seq) AS numbers FROM trail_entry
      WHERE seq >= OLD.size AND seq < NEW.size GROUP BY stream) AS fresh
    LEFT JOIN trail_stream AS counted ON counted.stream = fresh.stream
  LOOP
    IF grown.first <> grown.known OR grown.numbers <> grown.leaves
        OR grown.last - grown.first + 1 <> grown.leaves THEN
      RAISE EXCEPTION 'stream % does not go on from its % entries', grown.stream, grown.known;
    END IF;
    INSERT INTO trail_stream AS counted (stream, count) VALUES (grown.stream, grown.last + 1)
      ON CONFLICT (stream) DO UPDATE SET count = excluded.count;
    leaves := leaves + grown.leaves;
  END LOOP;
  IF leaves <> NEW.size - OLD.size THEN
    RAISE EXCEPTION 'the head goes from % to % over % leaves', OLD.size, NEW.size, leaves;
  END IF;
  SELECT min(id), max(id) INTO least, most FROM (
    SELECT id FROM decision WHERE seq >= OLD.size AND seq < NEW.size OFFSET 0) AS indexed;
  IF least IS NOT NULL AND EXISTS (
      SELECT FROM decision WHERE id >= least AND id <= most AND seq < NEW.size
      GROUP BY id HAVING count(*) > 1) THEN
    RAISE EXCEPTION 'a decision id is given twice';
  END IF;
  RETURN NULL;
END $$"""
STREAM_GROWS = """CREATE OR REPLACE FUNCTION hufu_stream_grows() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the count of stream % only grows', OLD.stream; END $$"""

# No range inherits the guard against TRUNCATE from its table.
READ_RANGES = text(
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_inherits i JOIN pg_class c "
    "ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE i.inhparent = to_regclass(:name)")


def install_guards(connection: Connection) -> None:
    """Every guard of this engine; safe to repeat."""
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                connection.execute(text(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} "
                    f"ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"))
        return
    connection.execute(text(REFUSES))
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    connection.execute(text(HEAD_GROWS.format(schema=schema)))
    connection.execute(text(STREAM_GROWS))
    for table in APPEND_ONLY:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE TRIGGER {table}_row_guard BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION hufu_append_only()")
        for place in (table, *connection.execute(READ_RANGES, {"name": table}).scalars().all()):
            connection.exec_driver_sql(
                f"CREATE OR REPLACE TRIGGER {table}_truncate_guard BEFORE TRUNCATE ON {place} "
                "FOR EACH STATEMENT EXECUTE FUNCTION hufu_append_only()")
    connection.exec_driver_sql(
        "CREATE OR REPLACE TRIGGER trail_head_grows AFTER UPDATE OF size ON trail_head "
        "FOR EACH ROW WHEN (OLD.size <> NEW.size) EXECUTE FUNCTION hufu_head_grows()")
    connection.exec_driver_sql(
        "CREATE OR REPLACE TRIGGER trail_stream_grows BEFORE UPDATE ON trail_stream FOR EACH ROW "
        "WHEN (NEW.count < OLD.count OR NEW.stream <> OLD.stream) "
        "EXECUTE FUNCTION hufu_stream_grows()")
    connection.exec_driver_sql(
        "CREATE OR REPLACE TRIGGER trail_stream_stays BEFORE DELETE ON trail_stream "
        "FOR EACH ROW EXECUTE FUNCTION hufu_stream_grows()")
