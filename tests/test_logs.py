"""Logs are one JSON object a line, in UTC, without values of what failed."""

import io
import json
from datetime import UTC, datetime

import structlog
from hypothesis import given
from hypothesis import strategies as st

from app import logs


def written(**values) -> list[str]:
    stream = io.StringIO()
    logs.configure(stream)
    structlog.get_logger("test").error("event", **values)
    return stream.getvalue().splitlines()


@given(st.text(max_size=200))
def test_L01_any_text_stays_on_one_line(text):
    lines = written(text=text)
    assert len(lines) == 1 and json.loads(lines[0])["text"] == text


def test_L03_a_trace_holds_no_local_values():
    secret = "hunter2-canary"

    def fails(password):
        raise ValueError("no values here")

    try:
        fails(secret)
    except ValueError:
        (line,) = written(exc_info=True)
    assert "Traceback" in line and secret not in line


def test_L04_times_are_utc_with_their_zone():
    (line,) = written()
    at = datetime.fromisoformat(json.loads(line)["timestamp"])
    assert at.utcoffset() == UTC.utcoffset(None)
