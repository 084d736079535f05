"""The decision over HTTP on the real server: CPU a call against a bare echo, and memory."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from app import runtime
from app.cli._bench_zone import ASKED, TOKEN, asked_of, founded
from app.settings import Settings, load

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
CALLERS = 128
EVALUATION = "/access/v1/evaluation"
SERVED = [sys.executable, "-c", "from app.cli._bench_server import serve; serve()"]
STARTS_S = 600  # a zone of a million grant versions is read first
BATCH, FEW = 1000, 4  # questions of a batch, and who sends batches at once
THROUGH = 4  # questions in batches, for each by itself: ticks of a CPU are coarse
ROUNDS = 6  # the least of them is reported: what else the machine does only adds


def build():
    """The product's front before a bare echo, in a server like the product's."""
    from types import SimpleNamespace

    import msgspec

    from app.commands.decide import Gate
    from app.web.ending import Ending
    from app.web.front import Front, read
    from app.web.lane import Lane
    from app.web.serve import settle

    settle()
    front = Front(SimpleNamespace(wsgi_app=Lane(None, Gate(runtime.build(load())).start())))
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode

    class Echo(Ending):
        async def __call__(self, scope, receive, send):
            if scope.get("path") != "/echo":
                await super().__call__(scope, receive, send)
                return
            body = encode(decode(await read(receive)))
            await send({"type": "http.response.start", "status": 200, "headers": [
                (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]})
            await send({"type": "http.response.body", "body": body})

    return Echo(front, lambda: None)


def serve() -> None:
    """Run the benchmark's server: one worker, as on SQLite."""
    from app.web.serve import run

    run("app.cli._bench_server:build", load())


def measure_http(calls: int, server: str = "") -> dict:
    """CPU of the web process a call: durable sealed decisions against the echo, and a decision in
    a batch against one by itself."""
    with placed(server) as settings:
        body = founded(settings)
        many = json.dumps({**json.loads(body), "evaluations": [
            {"resource": {**json.loads(body)["resource"]}} for _ in range(BATCH)]}).encode()
        with running(SERVED, settings) as process:
            echo, decision, batch = {}, {}, {}
            for _ in range(ROUNDS):
                echo = least(echo, measured(process.pid, settings.port, "/echo", [body], calls))
                decision = least(decision, measured(
                    process.pid, settings.port, EVALUATION, [body], calls))
                batch = least(batch, measured(
                    process.pid, settings.port, EVALUATION + "s", [many],
                    max(THROUGH * calls // BATCH, FEW), FEW))
    each = batch["cpu_us"] / BATCH
    return {"echo_cpu_us": echo["cpu_us"], "decision_cpu_us": decision["cpu_us"],
            "echo_per_s": echo["per_s"], "decision_per_s": decision["per_s"],
            "decision_over_echo": round(decision["cpu_us"] / echo["cpu_us"], 2),
            "batched_cpu_us": round(each, 1),
            "single_over_batched": round(decision["cpu_us"] / each, 2)}


def measure_sizes(calls: int, large: int, server: str = "") -> dict:
    """CPU of the web process a decision among so many grant versions and among 1,000, the same
    thousand questions asked of both by turns."""
    found: dict[int, dict] = {ASKED: {}, large: {}}
    with contextlib.ExitStack() as stack:
        zones = {size: stack.enter_context(placed(server)) for size in found}
        bodies = {size: asked_of(settings, size) for size, settings in zones.items()}
        started = {size: stack.enter_context(running(SERVED, settings))
                   for size, settings in zones.items()}
        for _ in range(ROUNDS):
            for size, settings in zones.items():
                found[size] = least(found[size], measured(
                    started[size].pid, settings.port, EVALUATION, bodies[size], calls))
    few, many = found[ASKED]["cpu_us"], found[large]["cpu_us"]
    return {f"decision_cpu_us_at_{ASKED}": few, f"decision_cpu_us_at_{large}": many,
            "large_over_1000": round(many / few, 2)}


@contextlib.contextmanager
def placed(server: str = "") -> Iterator[Settings]:
    """Settings with an empty database of their own, gone afterwards: a file, or a new database on
    the PostgreSQL ``server``, whose URL ends with a database that may be connected to."""
    with tempfile.TemporaryDirectory(prefix="hufu-bench-") as folder:
        if not server:
            yield load(data_dir=folder, port=free_port(),
                       database_url=f"sqlite:///{folder}/hufu.db")
            return
        name = "hufu_bench_" + Path(folder).name.rpartition("-")[2].lower()
        dsn = server.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            try:
                yield load(data_dir=folder, port=free_port(),
                           database_url=server.rpartition("/")[0] + "/" + name)
            finally:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def least(one: dict, other: dict) -> dict:
    return other if not one or other["cpu_us"] < one["cpu_us"] else one


def measured(pid: int, port: int, path: str, bodies: Sequence[bytes], calls: int,
             callers: int = CALLERS) -> dict:
    """One round of calls by many connections at once, the bodies in turn; every answer must be a
    success."""
    spoken = [(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
              + body for body in bodies]
    wrong: list[bytes] = []

    def call(caller: int, count: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            for number in range(caller, caller + count * callers, callers):
                line.sendall(spoken[number % len(spoken)])
                answer = received(line)
                if not answer.startswith(b"HTTP/1.1 200") or (
                        path != "/echo" and b'"decision":true' not in answer) or (
                        b'"decision":false' in answer):
                    wrong.append(answer)

    before, began = cpu_ticks(pid), time.monotonic()
    threads = [threading.Thread(target=call, args=(caller, calls // callers))
               for caller in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    took, done = time.monotonic() - began, calls // callers * callers
    if wrong:
        raise SystemExit(f"the server answered otherwise: {wrong[0][:600]!r}")
    return {"cpu_us": round((cpu_ticks(pid) - before) / TICKS / done * 1e6, 1),
            "per_s": round(done / took)}


def received(line: socket.socket) -> bytes:
    """One whole answer with a Content-Length."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(65536) or fail()
    head, _, rest = answer.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
    while len(rest) < length:
        more = line.recv(65536) or fail()
        answer, rest = answer + more, rest + more
    return answer


def said(port: int, path: str) -> bytes:
    """What the server answers to one GET."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                     "Connection: close\r\n\r\n".encode())
        answer = b""
        while block := line.recv(65536):
            answer += block
    return answer


def fail() -> bytes:
    raise SystemExit("the server closed the connection")


def measure_memory() -> dict:
    """Resident megabytes of the web process with the demonstration zone, after some pages."""
    with tempfile.TemporaryDirectory(prefix="hufu-bench-") as folder:
        settings = load(data_dir=folder, port=free_port(), demo=True,
                        database_url=f"sqlite:///{folder}/hufu.db")
        from app.cli.processes import prepare
        from app.demo import load_zone

        rt = prepare(settings)
        load_zone(rt)
        rt.close()
        with running([sys.executable, "-m", "app.cli", "web"], settings) as process:
            for path in ("/", "/healthz", "/openapi.json", "/sign-in", "/metrics"):
                said(settings.port, path)
            kilobytes = [resident(pid) for pid in family(process.pid)]
    return {"web_rss_mb": round(max(kilobytes) / 1024), "web_rss_all_mb": round(
        sum(kilobytes) / 1024)}


@contextlib.contextmanager
def running(words: list[str], settings: Settings) -> Iterator[subprocess.Popen]:
    """A server process of ours, ready to answer; ended afterwards."""
    env = {**os.environ, "HUFU_DATA": str(settings.data_dir), "HUFU_PORT": str(settings.port),
           "HUFU_DATABASE_URL": settings.database_url, "HUFU_DEMO": "1" if settings.demo else "",
           "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + STARTS_S
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", settings.port), 1).close()
                break
            if process.poll() is not None or time.monotonic() > ends:
                raise SystemExit("the server did not start")
            time.sleep(0.1)
        time.sleep(1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def family(pid: int) -> list[int]:
    """A process and everything it started, from /proc."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parts = path.read_text().rpartition(")")[2].split()
            if int(parts[1]) in found:
                found.append(int(path.parent.name))
    return found


def cpu_ticks(pid: int) -> int:
    """User and system ticks of a process and what it started."""
    total = 0
    for each in family(pid):
        parts = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(parts[11]) + int(parts[12])
    return total


def resident(pid: int) -> int:
    """Resident kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])
