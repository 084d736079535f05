"""What the application's role may do on PostgreSQL: read, add and change rows, nothing else.

The owner of the schema runs `./hufu migrate`; web and jobs run as a role that can neither alter nor
drop, nor change or remove what only grows.

Source: OWASP ASVS 5.0 13.2.2; GB/T 22239-2019 8.1.4.2.d.
"""

from sqlalchemy import Connection, text

from app.domain.refusals import Invalid
from app.store.guards import APPEND_ONLY
from app.store.ranges import SCHEMA
from app.store.schema import metadata

ONLY_GROWS = frozenset({*APPEND_ONLY, "decision", "policy_change", "trail_private",
                        "policy_bundle", "what_if_part"})
REMOVES = frozenset({"session", "sign_in_attempt", "rate_counter", "key_challenge", "security_key",
                     "process_beat"})
ROLE = text(
    "SELECT r.rolsuper, pg_has_role(r.oid, t.relowner, 'MEMBER') AS is_owner "
    "FROM pg_roles r, pg_class t WHERE r.rolname = :role AND t.oid = to_regclass('trail_head')")
GRANTED = text(
    "SELECT DISTINCT r.rolname FROM pg_class t, aclexplode(t.relacl) a JOIN pg_roles r "
    "ON r.oid = a.grantee WHERE t.oid = to_regclass('trail_head') "
    "AND a.privilege_type = 'UPDATE' AND a.grantee <> t.relowner ORDER BY 1")


def of_table(name: str) -> str:
    """What the application may do with the rows of a table."""
    if name == "trail_head":
        return "SELECT, UPDATE"
    if name in ONLY_GROWS:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE" + (", DELETE" if name in REMOVES else "")


def granted(connection: Connection) -> list[str]:
    """The roles that were made the application's before."""
    return list(connection.execute(GRANTED).scalars())


def grant(connection: Connection, role: str) -> None:
    """Make a role the application's, with exactly this and nothing it had before; safe to repeat.

    Raises:
        Invalid: there is no such role, or it may do more than an application may.
    """
    found = connection.execute(ROLE, {"role": role}).one_or_none()
    if found is None:
        raise Invalid(f"数据库中没有角色 {role}，请先创建",
                      f"the database has no role `{role}`; create it first")
    if found.rolsuper or found.is_owner:
        raise Invalid(f"角色 {role} 是超级用户或库表属主，应用须使用另一角色",
                      f"`{role}` is a superuser or owns the schema; the application needs another")
    name = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(
        connection.execute(text("SELECT current_schema()")).scalar_one())
    for statement in (
            f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema}, {SCHEMA} FROM {name}",
            f"REVOKE ALL ON SCHEMA {schema}, {SCHEMA} FROM {name}",
            f"GRANT USAGE ON SCHEMA {schema} TO {name}",
            f"GRANT SELECT ON alembic_version TO {name}"):
        connection.exec_driver_sql(statement)
    for table in metadata.sorted_tables:
        connection.exec_driver_sql(
            f'GRANT {of_table(table.name)} ON {schema}."{table.name}" TO {name}')
