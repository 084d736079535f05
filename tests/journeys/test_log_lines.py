"""L01 with real processes: all that web and jobs write, the server too, is lines of JSON."""

import contextlib
import json
import urllib.error
import urllib.request

import pytest

from tests.journeys.processes import zone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]


def test_L01_every_line_of_web_and_jobs_is_one_json_object(tmp_path):
    with zone(tmp_path) as running:
        for address in ("/healthz", "/departments", "/no\"such%0apage", "/verify/\u202ex%0d%0ay"):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(running.url + urllib.request.quote(address, safe="/%"),
                                       timeout=10).read()
    lines = [line for word in ("web", "jobs")
             for line in (tmp_path / f"{word}.log").read_text("utf-8").splitlines() if line]
    assert lines, "the server says at least that it listens"
    for line in lines:
        said = json.loads(line)
        assert said["event"] and said["level"] and said["timestamp"], line
