"""Two web services behind a real nginx are restarted one after another: no decision fails."""

import os
import signal
import time

import pytest

from tests.gateways.running import binary, running
from tests.journeys.load import asking
from tests.journeys.processes import Zone, zone
from tests.journeys.test_ending import decided
from tests.journeys.test_stop_in_time import _reachable
from tests.postgres import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.xdist_group("gateways")]
# A decision asked twice is recorded twice, and no harm is done: it may go to the next service.
BALANCER = """{user} daemon off; master_process off; pid nginx.pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; {temporary}
  upstream hufu {{
    server 127.0.0.1:{one} max_fails=0; server 127.0.0.1:{other} max_fails=0; keepalive 64;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://hufu; proxy_set_header Host localhost; proxy_connect_timeout 1s;
      proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_next_upstream error timeout http_503 non_idempotent; proxy_next_upstream_tries 2;
    }}
  }}
}}
"""


def balanced(folder, port: int, one: int, other: int):
    """nginx before two web services."""
    folder.mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (folder / "nginx.conf").write_text(BALANCER.format(
        user="user root root;" if os.geteuid() == 0 else "", port=port, one=one, other=other,
        temporary="".join(f"{kind}_temp_path {kind};" for kind in kinds)))
    return running([binary("nginx"), "-p", str(folder), "-e", "stderr", "-c",
                    str(folder / "nginx.conf")], folder, port)


def restart(web: Zone) -> None:
    """As an operator does: told to stop, waited for, started, waited until it is ready."""
    process = web.processes.pop("web")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    web.start("web")
    web.wait()


def test_a_rolling_restart_fails_no_decision(tmp_path, postgres_cluster):
    told = {}

    def fill(rt):
        told["chain"] = _reachable(rt)

    with zone(tmp_path / "one", postgres_cluster.database("rolling"), fill=fill) as one:
        port, front = free_port(), free_port()
        other = Zone(one.folder, f"http://localhost:{port}", one.database_url, port)
        other.start("web")
        try:
            other.wait()
            with balanced(tmp_path / "nginx", front, one.port, other.port):
                with asking(front, told["chain"], 3) as answers:
                    for web in (one, other, one):
                        time.sleep(0.5)
                        restart(web)
                    time.sleep(0.5)
            sealed, _ = decided(one.settings)
        finally:
            other.stop()
    assert len(answers.permits) > 100 and len(answers.permits) == len(answers.decisions)
    assert set(answers.statuses) == {200}
    assert not (answers.broken or answers.unheard or answers.refused)
    assert set(answers.permits) <= sealed
