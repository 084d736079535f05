"""What an auditor does with a pack away from the zone: verify it, and see that a change shows."""

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.processes import ROOT

ENTRIES = "trail/entries.jsonl"


@dataclass(frozen=True)
class Home:
    """The files the auditor carries: a pack, the published key, the newest checkpoint."""

    pack: Path
    key: Path
    checkpoint: Path

    @property
    def entries(self) -> list[bytes]:
        with zipfile.ZipFile(self.pack) as archive:
            return archive.read(ENTRIES).splitlines()

    @property
    def is_anchored(self) -> bool:
        """Whether the newest checkpoint is still the one the pack was made from."""
        with zipfile.ZipFile(self.pack) as archive:
            size = json.loads(archive.read("trail/range.json"))["size"]
        return int(self.checkpoint.read_text("utf-8").splitlines()[1]) == size

    def seq_of(self, word: str) -> int:
        """The number of the first entry whose opened body holds the word."""
        line = next(line for line in self.entries if word.encode() in line)
        body = json.loads(line)["body"]
        return (json.loads(body) if isinstance(body, str) else body)["seq"]

    def with_one_byte_changed(self, word: str) -> "Home":
        """The same files, but for the first letter of the word inside the first such entry."""
        raw = bytearray(self.pack.read_bytes())
        line = next(line for line in self.entries if word.encode() in line)
        at = raw.index(line) + line.index(word.encode())
        raw[at] = ord("0") if raw[at] != ord("0") else ord("1")
        changed = self.pack.with_name("changed.zip")
        changed.write_bytes(raw)
        return Home(changed, self.key, self.checkpoint)

    def verified(self, *anchors: Path) -> tuple[int, str]:
        """Exit code and words of `python -m audit verify`, in a process that knows no zone."""
        words = [word for anchor in anchors for word in ("--anchor", str(anchor))]
        done = subprocess.run(
            [sys.executable, "-m", "audit", "verify", str(self.pack), "--key", str(self.key),
             *words], cwd=ROOT, env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"},
            capture_output=True, timeout=120)
        return done.returncode, (done.stdout + done.stderr).decode()
