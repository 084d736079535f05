"""`./hufu up` starts the text process when it is first asked for, and ends it with the others."""

import subprocess
import sys
import time
import urllib.request

import pytest

from app.engines import text_role
from app.settings import load
from tests.journeys.processes import ROOT
from tests.postgres import free_port
from tests.text.process import short_folder, stop


def wait_for(address: str) -> None:
    """Until the web answers that it is ready."""
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(address)


@pytest.mark.slow
def test_the_text_process_starts_on_first_use_and_ends_with_the_rest(monkeypatch):
    # A machine that runs other tests is slow.
    monkeypatch.setattr(text_role, "START_S", 90)
    monkeypatch.setattr(text_role, "NOTICED_S", 20)
    with short_folder() as folder, (folder / "up.log").open("ab") as log:
        settings = load({}, data_dir=folder, port=free_port())
        up = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up", "--data", str(folder), "--port",
             str(settings.port)], cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for(f"http://localhost:{settings.port}/readyz")
            assert not text_role.socket_path(settings).exists(), "nobody has asked yet"
            status, said = text_role.ask(settings, "/mask", {"text": "电话13812345678"})
            assert status == 200 and said["text"] == "电话138****5678"
        finally:
            stop(up)
        assert up.returncode == 0
        assert not text_role.listens(settings) and not text_role.socket_path(settings).exists()
        assert "13812345678" not in (folder / "up.log").read_text("utf-8")
