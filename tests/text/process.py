"""A real text process for tests."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.engines import text_role
from app.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
READY_S = 90


@contextmanager
def running(folder: Path) -> Iterator[tuple[Settings, subprocess.Popen]]:
    """The text process of a data folder until the block ends; its log lies in the folder."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HUFU_")}
    with (folder / "text.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "text", "--data", str(folder)], cwd=ROOT, env=env,
            stdout=log, stderr=log, start_new_session=True)
    settings = load({}, data_dir=folder)
    try:
        ends = time.monotonic() + READY_S
        while not text_role.listens(settings):
            if time.monotonic() > ends or process.poll() is not None:
                raise TimeoutError((folder / "text.log").read_text("utf-8")[-2000:])
            time.sleep(0.2)
        yield settings, process
    finally:
        stop(process)


def lay_beside(zone: Settings, process: Settings) -> None:
    """A zone has the text process of another folder beside it."""
    text_role.token(zone)
    shutil.copy(process.data_dir / "keys" / "text.key", zone.data_dir / "keys" / "text.key")
    text_role.socket_path(zone).symlink_to(text_role.socket_path(process))


def stop(process: subprocess.Popen) -> None:
    """End a process as an operator does, and its group if that does not suffice."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="hufu") as name:
        yield Path(name)
