"""The decision over HTTP on the real server: CPU a call against a bare echo, and memory."""

import contextlib
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from app import runtime
from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.settings import Settings, load
from app.store.unit import begin

TOKEN = "hufu_bench000_" + "b" * 43
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
CALLERS = 128
ROUNDS = 6  # the least of them is reported: what else the machine does only adds


def build():
    """The front before a bare echo, in a granian worker of the benchmark."""
    from types import SimpleNamespace

    import msgspec

    from app.commands.decide import Gate
    from app.web.front import Front, read
    from app.web.lane import Lane

    front = Front(SimpleNamespace(wsgi_app=Lane(None, Gate(runtime.build(load())).start())))
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode

    async def echo(scope, receive, send):
        if scope["path"] != "/echo":
            await front(scope, receive, send)
            return
        body = encode(decode(await read(receive)))
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    return echo


def serve() -> None:
    """Run the benchmark's server: one worker, as on SQLite."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian("app.cli._bench_server:build", address="127.0.0.1", factory=True, workers=1,
            port=int(os.environ["HUFU_PORT"]), interface=Interfaces.ASGINL, backlog=1024,
            log_enabled=False).serve()


def measure_http(calls: int) -> dict:
    """CPU of the server's processes a call: durable sealed decisions against the echo."""
    with tempfile.TemporaryDirectory(prefix="hufu-bench-") as folder:
        settings = load(data_dir=folder, port=free_port(),
                        database_url=f"sqlite:///{folder}/hufu.db")
        body = founded(settings)
        with running([sys.executable, "-c", "from app.cli._bench_server import serve; serve()"],
                     settings) as process:
            echo, decision = {}, {}
            for _ in range(ROUNDS):
                echo = least(echo, measured(process.pid, settings.port, "/echo", body, calls))
                decision = least(decision, measured(
                    process.pid, settings.port, "/access/v1/evaluation", body, calls))
    return {"echo_cpu_us": echo["cpu_us"], "decision_cpu_us": decision["cpu_us"],
            "echo_per_s": echo["per_s"], "decision_per_s": decision["per_s"],
            "decision_over_echo": round(decision["cpu_us"] / echo["cpu_us"], 2)}


def least(one: dict, other: dict) -> dict:
    return other if not one or other["cpu_us"] < one["cpu_us"] else one


def measured(pid: int, port: int, path: str, body: bytes, calls: int) -> dict:
    """One round of calls by many connections at once; every answer must be a success."""
    spoken = (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    wrong: list[bytes] = []

    def call(count: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            for _ in range(count):
                line.sendall(spoken + body)
                answer = received(line)
                if not answer.startswith(b"HTTP/1.1 200") or (
                        path != "/echo" and b'"decision":true' not in answer):
                    wrong.append(answer)

    before, began = cpu_ticks(pid), time.monotonic()
    threads = [threading.Thread(target=call, args=(calls // CALLERS,)) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    took, done = time.monotonic() - began, calls // CALLERS * CALLERS
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
        ends = time.monotonic() + 60
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


def founded(settings: Settings) -> bytes:
    """A small zone in a new durable database; the body of a question it permits."""
    from app.cli.processes import prepare
    from app.store import tables_grants as g
    from app.store import tables_institutions as i
    from app.store import tables_supply as s

    rt = prepare(settings)
    with begin(rt, SYSTEM) as act:
        begins, ends = act.at - timedelta(days=1), act.at + timedelta(days=365)
        office = act.create(s.Department, number="DEPT-1", department_id="", name="部门",
                            state="ACTIVE")
        data = act.create(s.Dataset, number="DS-1", code="base", name="数据", state="ONLINE",
                          department_id=office.id, registration="REGISTERED")
        fields = ("ent_name", "tax_grade", "penalty_count")
        for name in fields:
            act.create(s.DatasetField, dataset_id=data.id, department_id=office.id, code=name,
                       grade=2)
        product = act.create(s.Product, number="PRD-1", name="产品", category="RISK", current="1.0",
                             public_use="INDUSTRY", state="LISTED", registration="REGISTERED")
        way = {"action": "QUERY_ONE", "channel": "API", "environment": "PROD"}
        act.create(s.ProductVersion, product_id=product.id, text="1.0", state="LISTED",
                   fields=[{"field": name, "dataset": data.id, "source": name} for name in fields],
                   datasets=[data.id], methods=[way], purposes=["PF"], output_form="DERIVED")
        act.create(s.HeadAgreement, number="HA-1", title="协议", state="IN_FORCE", authority="",
                   authority_uscc="", operator="", operator_uscc="", valid_from=begins,
                   valid_to=ends, resources=["DS-1"], products=["PRD-1"])
        bank = act.create(i.Institution, institution_id="", number="INST-1", name="银行",
                          uscc="9111", kind="BANK", state="ADMITTED")
        bank.institution_id = bank.id
        app = act.create(i.ClientApp, number="APP-1", institution_id=bank.id, name="系统",
                         networks=["127.0.0.0/8"])
        act.create(i.Credential, number="CRED-1", institution_id=bank.id, app_id=app.id,
                   prefix="bench000", issued_at=begins, expires_at=ends,
                   secret_hash="sha256:" + hashlib.sha256(TOKEN.encode()).hexdigest())
        grant = act.create(g.Grant, number="GR-1", institution_id=bank.id, product_id=product.id,
                           state="ACTIVE", current=1, valid_from=begins, valid_to=ends)
        act.create(g.GrantVersion, grant_id=grant.id, institution_id=bank.id, n=1, case_id="",
                   scope_digest="", effective_from=begins, dimensions={
                       "purpose": {"nodes": [{"code": "PF.CRD", "descend": True, "except": []}]},
                       "scope": {"product": "PRD-1", "version_from": "1.0", "version_to": "1.9",
                                 "fields": [{"field": name} for name in fields], "rows": {}},
                       "method": {"ways": [way], "output_form": "DERIVED"},
                       "term": {"from": instant(begins), "to": instant(ends)}})
        act.record("zone.seed", "zone/1")
        act.affects("grant", grant.id)
    rt.close()
    return json.dumps({
        "subject": {"type": "client_app", "id": "APP-1"},
        "action": {"name": "QUERY_ONE", "properties": {"channel": "API", "environment": "PROD"}},
        "resource": {"type": "product", "id": "PRD-1", "properties": {"fields": list(fields)}},
        "context": {"purpose": "PF.CRD.NEW", "grant": "GR-1"}}).encode()
