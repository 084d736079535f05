"""Settings: environment in, one frozen value out; unsafe combinations are refused with each reason.

Source: GB/T 22239-2019 8.1.10.8.a (start refuses what is unsafe); OWASP ASVS 5.0 13.4.2.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TLS = ("TLSv1.2", "TLSv1.3")
RATES = ("account_rate", "source_rate", "credential_rate", "institution_rate")  # a minute


class Unsafe(Exception):
    """The settings name something a zone must not run with; every reason is listed."""

    def __init__(self, reasons: list[str]):
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Settings:
    """What a process is told from outside. Paths are absolute, intervals are seconds."""

    data_dir: Path
    database_url: str
    read_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8420
    base_url: str = "https://localhost:8420"
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    proxy_hops: int = 0
    demo: bool = False
    origin: str = "hufu.example/zone"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    subject_key_file: Path | None = None
    signing_key: Path | None = None
    password_profile: str = "mlps"
    debug: bool = False
    lock_wait_s: float = 2.0
    decision_wait_s: float = 1.2  # half of it may go before to an epoch: within 2 s in all
    stale_after_s: float = 5.0
    range_rows: int = 5_000_000
    scan_networks: tuple[str, ...] = ()
    account_rate: int = 3_000
    source_rate: int = 6_000
    credential_rate: int = 30_000
    institution_rate: int = 60_000

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def is_local(self) -> bool:
        """Whether `base_url` is the default: then no proxy speaks TLS for the process."""
        return self.base_url == f"https://localhost:{self.port}"

    @property
    def pages_url(self) -> str:
        """What links to pages begin with: `base_url`, and plain HTTP where the zone is local."""
        return f"http://localhost:{self.port}" if self.is_local else self.base_url

    @cached_property
    def known_hosts(self) -> frozenset[str]:
        """The names pages and decisions are asked at: the list and the public address's own."""
        public = urlsplit(self.base_url).hostname or ""
        return frozenset(name.lower() for name in (*self.hosts, public) if name)

    @property
    def signing_key_file(self) -> Path:
        """The checkpoint signing key: only the jobs process may read it."""
        return self.signing_key or self.data_dir / "keys" / "trail-signing.key"

    @property
    def public_key_file(self) -> Path:
        """The verifier key, published for auditors."""
        return self.data_dir / "trail-verifier.vkey"


def load(environ: Mapping[str, str] | None = None, **changes) -> Settings:
    """Settings from `HUFU_*` variables, then `changes`.

    Raises:
        Unsafe: with one sentence for each unsafe setting.
    """
    env = os.environ if environ is None else environ
    data_dir = Path(changes.pop("data_dir", None) or env.get("HUFU_DATA", "var")).absolute()
    values: dict = {
        "data_dir": data_dir,
        "database_url": env.get("HUFU_DATABASE_URL") or f"sqlite:///{data_dir / 'hufu.db'}",
        "read_url": env.get("HUFU_READ_URL", ""),
        "host": env.get("HUFU_HOST", "127.0.0.1"),
        "port": _integer(env, "HUFU_PORT", 8420),
        "proxy_hops": _integer(env, "HUFU_PROXY_HOPS", 0),
        "demo": env.get("HUFU_DEMO", "") == "1",
        "origin": env.get("HUFU_ORIGIN", "hufu.example/zone"),
        "password_profile": env.get("HUFU_PASSWORD_PROFILE", "mlps"),
        "debug": env.get("HUFU_DEBUG", "") == "1",
        "range_rows": _integer(env, "HUFU_RANGE_ROWS", 5_000_000),
        **{name: _integer(env, _variable(name), getattr(Settings, name)) for name in RATES},
    }
    if env.get("HUFU_SUBJECT_KEY_FILE"):
        values["subject_key_file"] = Path(env["HUFU_SUBJECT_KEY_FILE"])
    if env.get("HUFU_SIGNING_KEY_FILE"):
        values["signing_key"] = Path(env["HUFU_SIGNING_KEY_FILE"]).absolute()
    values.update({name: value for name, value in changes.items() if value is not None})
    values["base_url"] = env.get("HUFU_BASE_URL") or f"https://localhost:{values['port']}"
    values["hosts"] = _listed(env, "HUFU_HOSTS") or ("localhost", "127.0.0.1")
    values["scan_networks"] = _listed(env, "HUFU_SCAN_NETWORKS")
    settings = Settings(**values)
    reasons = unsafe_reasons(settings, env)
    if reasons:
        raise Unsafe(reasons)
    return settings


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The parts of a variable that is a list with commas."""
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _variable(name: str) -> str:
    return f"HUFU_{name.upper()}"


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if text and not text.isdigit():
        raise Unsafe([f"`{name}` must be a whole number"])
    return int(text) if text else default


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _is_open_to_listeners(url: str, env: Mapping[str, str]) -> bool:
    """Whether what is said to a PostgreSQL of another machine could be read or answered by others:
    only TLS with the name verified closes that. The driver fills gaps from its own variables."""
    parts = urlsplit(url)
    said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    named = [parts.hostname or "", said.get("host", "")]
    hosts = [*(named if any(named) else [env.get("PGHOST", "")]),
             said.get("hostaddr") or env.get("PGHOSTADDR", "")]
    is_here = "service" not in said and not env.get("PGSERVICE") and all(
        name == "" or name.startswith("/") or name in LOOPBACK
        for host in hosts for name in host.split(","))
    least = said.get("ssl_min_protocol_version") or env.get("PGSSLMINPROTOCOLVERSION", TLS[0])
    mode = said.get("sslmode") or env.get("PGSSLMODE", "")
    return not is_here and (mode != "verify-full" or least not in TLS)


def _replica_reasons(settings: Settings, env: Mapping[str, str]) -> list[str]:
    """Why the read replica may not be asked."""
    if not settings.read_url:
        return []
    if settings.is_sqlite or not settings.read_url.startswith("postgresql+psycopg://"):
        return ["`HUFU_READ_URL` is a `postgresql+psycopg://` that follows a PostgreSQL "
                "`HUFU_DATABASE_URL`"]
    if _is_open_to_listeners(settings.read_url, env):
        return ["`HUFU_READ_URL` names another machine; add `?sslmode=verify-full`, so that nobody "
                "between reads or answers"]
    return []


def unsafe_reasons(settings: Settings, env: Mapping[str, str]) -> list[str]:
    """Every reason these settings may not serve a zone; empty when none."""
    reasons = []
    if settings.range_rows < 1:
        reasons.append("`HUFU_RANGE_ROWS` is how many places a range of the ledger has, above 0")
    reasons += [f"`{_variable(name)}` is how many requests a minute may bring, above 0"
                for name in RATES if getattr(settings, name) < 1]
    if settings.debug:
        reasons.append("`HUFU_DEBUG` shows internals to strangers; unset it")
    if settings.demo and settings.host not in LOOPBACK:
        reasons.append("the demonstration zone listens on loopback only; unset `HUFU_HOST`")
    if settings.password_profile not in ("mlps", "asvs"):
        reasons.append("`HUFU_PASSWORD_PROFILE` is `mlps` or `asvs`")
    if not settings.base_url.startswith("https://"):
        reasons.append("`HUFU_BASE_URL` must be https: decision metadata and cookies depend on it")
    if not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        reasons.append("`HUFU_DATABASE_URL` must start with `sqlite:///` or `postgresql+psycopg://`")
    elif not settings.is_sqlite and _is_open_to_listeners(settings.database_url, env):
        reasons.append("`HUFU_DATABASE_URL` names another machine; add `?sslmode=verify-full`, so "
                       "that nobody between reads or answers")
    reasons += _replica_reasons(settings, env)
    if not all(map(_is_network, settings.scan_networks)):
        reasons.append("`HUFU_SCAN_NETWORKS` lists ranges of addresses such as `10.20.0.0/16`")
    if "*" in settings.hosts:
        reasons.append("`HUFU_HOSTS` is a list of names; `*` would trust any Host header")
    if env.get("FLASK_DEBUG") not in (None, "", "0"):
        reasons.append("`FLASK_DEBUG` starts a debugger; unset it")
    return reasons
