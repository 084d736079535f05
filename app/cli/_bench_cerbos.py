"""The same decision asked of Cerbos on this machine, where `HUFU_CERBOS` names its program.

Both servers run at once, each on one core, the same one, and the callers on the others, where there
are some; they are asked in turns, over AuthZEN, and the least of the rounds of each is reported.
Cerbos has one principal policy an application and its decision log in a file, which it does not
wait for; ours has as many grants, and its decisions are durable and sealed before they are
answered.
"""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator

from app.cli import _bench_server as server
from app.cli import _bench_zone as zone
from app.settings import Settings, load
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_institutions import ClientApp, Institution

MANY = 10_000
ROUNDS, LONGER = 8, 3  # a round of so many times the calls: ticks of its CPU are coarse
TABLES = (Institution, ClientApp, Grant, GrantVersion)
ON_ONE_CORE = ("import os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
               "os.execv(sys.argv[1], sys.argv[1:])")
CONFIGURATION = {
    "storage": {"driver": "disk", "disk": {"directory": "policies", "watchForChanges": False}},
    "audit": {"enabled": True, "accessLogsEnabled": False, "decisionLogsEnabled": True,
              "backend": "file", "file": {"path": "audit.log"}},
    "telemetry": {"disabled": True}, "authzen": {"enabled": True}}
QUESTION = {
    "subject": {"type": "client_app", "id": f"APP-{MANY // 2}"}, "action": {"name": "QUERY_ONE"},
    "resource": {"type": "product", "id": "PRD-1", "properties": {
        "purpose": "PF.CRD.NEW", "channel": "API", "environment": "PROD"}}}


def measure(calls: int, postgres: str = "") -> dict:
    """CPU a decision of both among 10,000, and the one over the other; nothing without Cerbos."""
    program = os.environ.get("HUFU_CERBOS", "")
    if not program:
        print("未设置 HUFU_CERBOS，省略与 Cerbos 的对比 / HUFU_CERBOS names no program: the row "
              "against Cerbos is left out", file=sys.stderr)
        return {}
    with server.placed(postgres) as ours, tempfile.TemporaryDirectory() as folder:
        theirs = load(data_dir=folder, port=server.free_port())
        body = zone.founded(ours)
        zone.multiply(ours, MANY, TABLES, changes)
        words = policies_of(theirs, os.path.abspath(program))
        with server.running(pinned(server.SERVED), ours) as one, \
                server.running(pinned(words), theirs) as other, elsewhere():
            sealed, logged = {}, {}
            for _ in range(ROUNDS):
                sealed = server.least(sealed, server.measured(
                    one.pid, ours.port, server.EVALUATION, [body], calls * LONGER))
                logged = server.least(logged, server.measured(
                    other.pid, theirs.port, server.EVALUATION, [json.dumps(QUESTION).encode()],
                    calls * LONGER))
        if not (theirs.data_dir / "audit.log").stat().st_size:
            raise SystemExit("Cerbos kept no log")
    return {"grants": MANY, "among_many_cpu_us": sealed["cpu_us"],
            "among_many_per_s": sealed["per_s"], "cerbos_cpu_us": logged["cpu_us"],
            "cerbos_per_s": logged["per_s"],
            "decision_over_cerbos": round(sealed["cpu_us"] / logged["cpu_us"], 3)}


@contextlib.contextmanager
def elsewhere() -> Iterator[None]:
    """The callers on other cores than `pinned` takes."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {min(cores)} or cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def pinned(words: list[str]) -> list[str]:
    """A command on the first core this process may use."""
    return [sys.executable, "-c", ON_ONE_CORE, *words]


def policies_of(settings: Settings, program: str) -> list[str]:
    """A folder for Cerbos with a policy for each application; how it is started there."""
    folder = settings.data_dir
    (folder / "policies").mkdir(parents=True)
    for number in range(1, MANY + 1):
        (folder / "policies" / f"{number}.json").write_text(json.dumps(policy(number)))
    listens = {"httpListenAddr": f"127.0.0.1:{settings.port}",
               "grpcListenAddr": f"127.0.0.1:{server.free_port()}"}
    told = json.loads(json.dumps(CONFIGURATION))
    told["storage"]["disk"]["directory"] = str(folder / "policies")
    told["audit"]["file"]["path"] = str(folder / "audit.log")
    (folder / "cerbos.json").write_text(json.dumps({"server": listens, **told}))
    return [program, "server", "--log-level=error", f"--config={folder / 'cerbos.json'}"]


def policy(number: int) -> dict:
    """What one application may do: the product, the purpose, the method and the term."""
    conditions = ['request.resource.id == "PRD-1"',
                  'request.resource.attr.purpose == "PF.CRD.NEW"',
                  'request.resource.attr.channel == "API"',
                  'request.resource.attr.environment == "PROD"',
                  'now() < timestamp("2099-01-01T00:00:00Z")']
    return {"apiVersion": "api.cerbos.dev/v1", "principalPolicy": {
        "principal": f"APP-{number}", "version": "default", "rules": [{
            "resource": "product", "actions": [{
                "action": "QUERY_ONE", "effect": "EFFECT_ALLOW", "condition": {"match": {
                    "all": {"of": [{"expr": each} for each in conditions]}}}}]}]}}


def changes(model: type, number: int) -> dict:
    """What sets one copy of a row apart."""
    owner, grant = f"institution-{number}", f"grant-{number}"
    return {
        Institution: {"id": owner, "institution_id": owner, "number": f"INST-{number}",
                      "name": f"银行{number}", "uscc": f"9111{number}"},
        ClientApp: {"id": f"app-{number}", "institution_id": owner, "number": f"APP-{number}"},
        Grant: {"id": grant, "institution_id": owner, "number": f"GR-{number}"},
        GrantVersion: {"id": f"version-{number}", "institution_id": owner, "grant_id": grant},
    }[model]
