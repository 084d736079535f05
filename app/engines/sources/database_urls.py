"""Which database a URL names: an allow-listed driver, one host, one database, and no options.

Whatever a driver would read as an option is refused, wherever in the URL it hides (rule O02).
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.engines.sources.remarks import SourceRefused, shown

DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql",
    "postgresql+psycopg": "postgresql",
    "mysql": "mysql",
    "mysql+pymysql": "mysql",
}
PORTS = {"postgresql": 5432, "mysql": 3306}
_DATABASE = re.compile(r"[\w$][\w$.-]{0,62}")
_ACCOUNT = re.compile(r"[\w$][\w$.@-]{0,62}")
_ADDRESS = re.compile(r":[/\\]|:.*@", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:[/\\][^@]*")


@dataclass(frozen=True)
class Target:
    """A database to scan; ``path`` is set for SQLite, the rest for servers."""

    kind: str
    name: str
    path: Path | None = None
    host: str = ""
    port: int = 0
    account: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Without the password."""
        return f"Target({self.kind}, {self.host or self.path}, {self.name})"


def is_address(text: str) -> bool:
    """Whether this is meant as the address of a database, however it is mistyped."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_ADDRESS.search(plain)) and not _DRIVE.fullmatch(plain)


def is_private(text: str) -> bool:
    """Whether some part of this may be a password, so that no message repeats it."""
    return not {"@", ":"}.isdisjoint(unicodedata.normalize("NFKC", text))


def target_of(text: str) -> Target:
    """The database ``text`` names.

    Raises:
        SourceRefused: which part of it is not allowed; the URL itself is not repeated.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SourceRefused(
            "数据库地址写法有误，写法如 postgresql://帐号@主机:5432/库名",
            "the database URL is malformed: write postgresql://account@host:5432/database",
        ) from None
    kind = DRIVERS.get(url.drivername)
    if kind is None:
        raise SourceRefused(
            f"不支持这个驱动，可用：{'、'.join(DRIVERS)}",
            f"this driver is not allowed, only {', '.join(DRIVERS)}",
        )
    if url.query or any(mark in text for mark in "?#;\0\r\n"):
        raise SourceRefused(
            "数据库地址不能带选项，请删除 ? 之后的内容；口令中的特殊符号请写成 %XX",
            "a database URL carries no options: remove what follows the `?`;"
            " write special marks of a password as %XX",
        )
    return _file(url) if kind == "sqlite" else _server(kind, url)


def _file(url: URL) -> Target:
    if url.host or url.username or not url.database or url.database.startswith((":", "file:")):
        raise SourceRefused(
            "SQLite 地址应为 sqlite:///文件路径", "an SQLite URL is sqlite:///path/of/the/file"
        )
    return Target("sqlite", shown(Path(url.database).stem), Path(url.database))


def _server(kind: str, url: URL) -> Target:
    _require(_DATABASE.fullmatch, url.database, "库名", "the database name")
    _require(_ACCOUNT.fullmatch, url.username, "帐号", "the account")
    if not url.host:
        raise SourceRefused("缺少主机名", "the host is missing")
    port = url.port or PORTS[kind]
    if not 0 < port < 65_536:
        raise SourceRefused("端口号有误", "the port is not a port")
    password = str(url.password or "")
    if "\0" in password:
        raise SourceRefused("口令中有空字符", "the password holds a NUL")
    return Target(kind, url.database, None, url.host, port, url.username, password)


def _require(holds: Callable[[str], object], text: str | None, zh: str, en: str) -> None:
    """A part that stands in a connection string has letters, digits and `_ $ . -` only."""
    if not text or not holds(text):
        raise SourceRefused(
            f"{zh}缺失，或含有字母、数字和 _ $ . - 以外的符号",
            f"{en} is missing, or holds other than letters, digits and _ $ . -",
        )
