"""Whether an account could write; one that can is refused, however read-only its session is.

Temporary tables (`TEMP`, which PostgreSQL gives to everybody) are let pass: only the session that
makes them sees them, and they go with it.

Source: OWASP ASVS 5.0 13.2.2; GB/T 22239-2019 8.1.4.2.d.
"""

import re
from collections.abc import Iterable

from sqlalchemy import Connection, text

from app.engines.sources.remarks import SourceRefused, shown

_STRONG_ROLE = text("""
    SELECT r.rolname FROM pg_catalog.pg_roles r
    WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
      AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
           OR r.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_maintain',
                            'pg_execute_server_program', 'pg_database_owner'))
    ORDER BY r.rolsuper DESC LIMIT 1
""")
_WRITABLE = text("""
    SELECT c.relname FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND EXISTS (
        SELECT 1 FROM pg_catalog.pg_roles r
        WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
          AND (r.oid = c.relowner
               OR pg_catalog.has_table_privilege(
                    r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
               OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')))
    ORDER BY c.relname LIMIT 1
""")
# What gives a new object or moves a number on, with whoever it was granted to.
_MAKING = text("""
    WITH place(rank, kind, name, owner, held) AS (
      SELECT 1, 'DATABASE', quote_ident(datname), datdba,
             COALESCE(datacl, acldefault('d', datdba))
      FROM pg_catalog.pg_database WHERE datname = current_database()
      UNION ALL
      SELECT 2, 'SCHEMA', quote_ident(nspname), nspowner,
             COALESCE(nspacl, acldefault('n', nspowner))
      FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
      UNION ALL
      SELECT 3, 'SEQUENCE', c.oid::regclass::text, c.relowner,
             COALESCE(c.relacl, acldefault('s', c.relowner))
      FROM pg_catalog.pg_class c WHERE c.relkind = 'S')
    SELECT kind, name, given.right,
           CASE given.holder WHEN 0 THEN 'PUBLIC'
           ELSE quote_ident(pg_get_userbyid(given.holder)) END
    FROM place CROSS JOIN LATERAL (
      SELECT owner, 'OWNER' UNION ALL
      SELECT grantee, string_agg(privilege_type, ', ' ORDER BY privilege_type) FROM aclexplode(held)
      WHERE privilege_type = 'CREATE'
            OR kind = 'SEQUENCE' AND privilege_type IN ('UPDATE', 'USAGE')
      GROUP BY grantee) AS given(holder, "right")
    WHERE CASE given.holder WHEN 0 THEN true
          ELSE pg_catalog.pg_has_role(current_user, given.holder, 'MEMBER') END
    ORDER BY rank, name LIMIT 3
""")
_READING = frozenset({
    "SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REPLICATION CLIENT",
})
_QUOTED = re.compile(r"`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
_GRANT = re.compile(r"GRANT (.+?) ON .+? TO [^ ]+(.*)", re.IGNORECASE)
_COLUMNS = re.compile(r"\([^()]*\)")


def require_reader(kind: str, connection: Connection) -> None:
    """The account of the connection can read and cannot write.

    Raises:
        SourceRefused: it could write, or nobody can tell; names the right and what to do.
    """
    if kind == "postgresql":
        _require_postgresql(connection)
    elif kind == "mysql":
        lines = [str(line) for line in connection.execute(text("SHOW GRANTS")).scalars()]
        if found := writing_grants(lines):
            raise _can_write(f"{'、'.join(found)}", ", ".join(found))


def _require_postgresql(connection: Connection) -> None:
    if role := connection.execute(_STRONG_ROLE).scalar():
        raise _can_write(f"角色 {shown(role)}", f"the role {shown(role)}")
    if table := connection.execute(_WRITABLE).scalar():
        raise _can_write(f"表 {shown(table)} 的写权限", f"rights to write the table {shown(table)}")
    if found := connection.execute(_MAKING).all():
        raise _can_make("; ".join(_taken_back(*row) for row in found))


def _taken_back(kind: str, name: str, right: str, holder: str) -> str:
    """The statement that takes a right back."""
    if right == "OWNER":
        return shown(f"ALTER {kind} {name} OWNER TO …")
    return shown(f"REVOKE {right} ON {kind} {name} FROM {holder}")


def writing_grants(lines: Iterable[str]) -> list[str]:
    """What the lines of `SHOW GRANTS` give beyond reading; roles and what is not understood too."""
    found: dict[str, None] = {}
    for line in lines:
        given = _GRANT.fullmatch(_QUOTED.sub("_", line))
        if not given:
            found["ROLE"] = None
            continue
        if "GRANT OPTION" in given.group(2).upper():
            found["GRANT OPTION"] = None
        for right in _COLUMNS.sub("", given.group(1)).split(","):
            if right.strip().upper() not in _READING:
                found[shown(right.strip().upper())] = None
    return list(found)


def _can_write(zh: str, en: str) -> SourceRefused:
    return SourceRefused(
        f"该帐号可以写入（{zh}），请改用只有 SELECT 权限的帐号",
        f"this account could write ({en}): use one that has SELECT alone",
    )


def _can_make(statements: str) -> SourceRefused:
    return SourceRefused(
        f"该帐号可以写入（能新建对象或改动序列），请由库主执行：{statements}",
        f"this account could write (make objects or move sequences): as the owner {statements}",
    )
