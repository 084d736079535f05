"""The text process: one a data folder, behind a socket of its own account, gone when told."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import threading
import time

import pytest

from app.cli.processes import Child
from app.engines import text_role
from app.settings import Unsafe, load
from app.text.serve import free_socket
from tests.text.process import ROOT, running, short_folder, stop

SECRET = "13812345678"


@pytest.fixture
def folder():
    with short_folder() as found:
        yield found


@pytest.mark.slow
def test_a_real_process_answers_on_a_socket_of_its_account_and_leaves_nothing(folder):
    with running(folder) as (settings, process):
        path = text_role.socket_path(settings)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        status, said = text_role.ask(settings, "/mask", {"text": f"电话{SECRET}"})
        assert status == 200 and said["text"] == "电话138****5678"
        with pytest.raises(Unsafe, match="already runs"):
            free_socket(settings)
        assert network_sockets(process.pid) == 0, "it listens to no network"
        stop(process)
        assert not path.exists()
    log = (folder / "text.log").read_text("utf-8")
    assert SECRET not in log and "138****" not in log and '"characters": 13' in log


def network_sockets(pid: int) -> int:
    """How many IP sockets a process and its children hold."""
    inodes = {line.split()[9] for name in ("tcp", "tcp6", "udp", "udp6")
              for line in open(f"/proc/{pid}/net/{name}").readlines()[1:]}
    held = 0
    for one in [pid, *children(pid)]:
        for link in os.listdir(f"/proc/{one}/fd"):
            try:
                target = os.readlink(f"/proc/{one}/fd/{link}")
            except OSError:
                continue
            held += target.removeprefix("socket:[").removesuffix("]") in inodes
    return held


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(one) for one in file.read().split()]


def test_a_socket_nobody_listens_at_is_removed_and_nothing_else_is(folder):
    settings = load({}, data_dir=folder)
    path = text_role.socket_path(settings)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))
    free_socket(settings)
    assert not path.exists()
    path.write_text("mine")
    with pytest.raises(Unsafe, match="not a socket"):
        free_socket(settings)
    assert path.read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_refused_by_name(tmp_path):
    settings = load({}, data_dir=tmp_path / ("x" * 100))
    with pytest.raises(Unsafe, match="too long"):
        free_socket(settings)
    with pytest.raises(text_role.Silent):
        text_role.ask(settings, "/mask", {})


def test_where_nobody_starts_it_the_question_ends_at_once(folder):
    settings, began = load({}, data_dir=folder), time.monotonic()
    with pytest.raises(text_role.Silent):
        text_role.ask(settings, "/mask", {"text": "x"})
    assert time.monotonic() - began < 5
    assert not text_role.wanted_path(settings).exists(), "the next `up` starts nothing unasked"


def test_a_child_that_is_wanted_starts_when_asked_for_and_not_before(folder):
    settings = load({}, data_dir=folder)
    wanted = text_role.wanted_path(settings)
    wanted.touch()
    child = Child("--help", dict(os.environ), wanted=wanted)
    child.open()
    child.keep()
    assert child.process is None and not wanted.exists(), "what a former run left asks for nothing"
    wanted.touch()
    child.keep()
    assert child.process is not None and not wanted.exists()
    child.process.wait(60)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{]",
                                  b"garbage\r\n\r\n"])
def test_an_answer_that_is_none_counts_as_silence(folder, said):
    settings = load({}, data_dir=folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(text_role.socket_path(settings)))
        server.listen()
        threading.Thread(target=answer, args=(server, said), daemon=True).start()
        with pytest.raises(text_role.Silent):
            text_role.ask(settings, "/mask", {"text": "x"})


def answer(server: socket.socket, said: bytes) -> None:
    """Take calls and say the same to each."""
    while True:
        try:
            call, _ = server.accept()
        except OSError:
            return
        with call, contextlib.suppress(OSError):
            call.recv(65_536)
            call.sendall(said)


def test_a_process_that_does_not_answer_is_overdue(folder, monkeypatch):
    monkeypatch.setattr(text_role, "ANSWER_S", 0.3)
    settings = load({}, data_dir=folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(text_role.socket_path(settings)))
        server.listen()
        with pytest.raises(text_role.Overdue):
            text_role.ask(settings, "/mask", {"text": "x"})


def test_the_web_does_not_load_presidio():
    code = ("import sys; import app.web, app.web.serve, app.jobs.__main__; app.web.page_blueprints;"
            "import app.web.pages.text_api;"
            "sys.exit(any(name.split('.')[0] in ('presidio_analyzer', 'presidio_anonymizer', "
            "'spacy', 'onnxruntime') for name in sys.modules))")
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0
