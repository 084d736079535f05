"""D01: an installation takes only what the lock's hashes name; a changed hash ends it."""

import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def wheel(tmp_path) -> Path:
    """A package of one line, in a folder that stands for the index."""
    path = tmp_path / "shelf" / "tally-1.0-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tally.py", "HALVES = 2\n")
        archive.writestr("tally-1.0.dist-info/METADATA",
                         "Metadata-Version: 2.1\nName: tally\nVersion: 1.0\n")
        archive.writestr("tally-1.0.dist-info/WHEEL",
                         "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tally-1.0.dist-info/RECORD", "")
    return path


def install(wheel: Path, lock: str) -> subprocess.CompletedProcess:
    """As the root script does, offline, into a folder."""
    (wheel.parent / "a.lock").write_text(lock)
    return subprocess.run(
        [sys.executable, "-m", "pip", "install", "--require-hashes", "--no-index", "-q",
         "--disable-pip-version-check", "--find-links", str(wheel.parent), "--target",
         str(wheel.parent / "into"), "-r", str(wheel.parent / "a.lock")],
        capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("lock", "taken"), [
    ("tally==1.0 --hash=sha256:{right}", True), ("tally==1.0 --hash=sha256:{wrong}", False),
    ("tally==1.0", False)])
def test_D01_a_changed_or_missing_hash_ends_the_installation(wheel, lock, taken):
    right = sha256(wheel.read_bytes()).hexdigest()
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    done = install(wheel, lock.format(right=right, wrong=wrong))
    assert (done.returncode == 0) is taken, done.stderr
    assert (wheel.parent / "into" / "tally.py").exists() is taken
    assert taken or "hash" in done.stderr.lower()


def test_D01_every_way_the_root_script_installs_asks_for_hashes():
    text = (ROOT / "hufu").read_text("utf-8")
    assert len(re.findall(r"\"install\"", text)) == text.count("apt-get\", \"install") + 2
    assert text.count("--require-hashes") == 2
