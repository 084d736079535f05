"""Real processes of a zone for journeys: web and jobs as the product starts them."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app import runtime
from app.settings import load
from app.store.migrate import upgrade
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Zone:
    """A zone in a folder, and its running processes."""

    folder: Path
    url: str
    database_url: str
    port: int
    demo: bool = False
    told: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def settings(self):
        return load({"HUFU_DATABASE_URL": self.database_url, "HUFU_PORT": str(self.port)},
                    data_dir=self.folder, demo=self.demo or None)

    def env(self, word: str) -> dict:
        told = {"HUFU_DATA": str(self.folder), "HUFU_DATABASE_URL": self.database_url,
                "HUFU_PORT": str(self.port), "HUFU_DEMO": "1" if self.demo else "",
                "HUFU_WORKERS": "1", **self.told}
        if word == "jobs":
            told["HUFU_SIGNING_KEY_FILE"] = str(self.folder / "keys" / "trail-signing.key")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("HUFU_")}
        return {**clean, **told}

    def start(self, word: str) -> None:
        """Start one process in a group of its own; its log lies beside the database."""
        log = (self.folder / f"{word}.log").open("ab")
        self.processes[word] = subprocess.Popen(
            [sys.executable, "-m", "app.cli", word], cwd=ROOT, env=self.env(word),
            stdout=log, stderr=log, start_new_session=True)

    def kill(self, word: str, number: int = signal.SIGKILL) -> None:
        """End a process and its children at once."""
        process = self.processes.pop(word)
        os.killpg(process.pid, number)
        process.wait(20)

    def wait(self, seconds: float = 90) -> None:
        """Until web answers that it is ready."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2).read()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError((self.folder / "web.log").read_text("utf-8")[-3000:])

    def stop(self) -> None:
        for word in list(self.processes):
            self.kill(word, signal.SIGTERM)


@contextmanager
def zone(folder: Path, database_url: str = "", *, fill=None, demo: bool = False,
         told: dict[str, str] | None = None):
    """A founded zone whose web and jobs run until the block ends. `fill(rt)` runs before; `told`
    are further variables of the processes."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    url = database_url or f"sqlite:///{folder / 'hufu.db'}"
    running = Zone(folder, f"http://localhost:{port}", url, port, demo, told or {})
    upgrade(url)
    rt = runtime.build(running.settings, durable=False)
    if not demo:  # the demonstration founds its zone in its own past
        runtime.found(rt)
    if fill:
        fill(rt)
    rt.close()
    running.start("web")
    running.start("jobs")
    try:
        running.wait()
        yield running
    finally:
        running.stop()
