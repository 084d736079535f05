"""Logs are one JSON object a line, in UTC, without values of what failed."""

import io
import json
import logging
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app import logs


def by_structlog(text: str, **values) -> None:
    structlog.get_logger("test").error("event", text=text, **values)


def by_the_standard_library(text: str, **values) -> None:
    logging.getLogger("hufu.test").error("said %s", text, **values)


WAYS = (by_structlog, by_the_standard_library)


def written(way, text: str = "", **values) -> list[dict]:
    """The lines of one event, each read as JSON; no line is anything else."""
    stream = io.StringIO()
    logs.configure(stream)
    way(text, **values)
    return [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]


@pytest.mark.parametrize("way", WAYS)
@given(text=st.text(max_size=200))
def test_L01_any_text_stays_on_one_line(way, text):
    (line,) = written(way, text)
    assert text in (line.get("text"), line["event"].removeprefix("said "))
    assert line["level"] == "error"


@pytest.mark.parametrize("way", WAYS)
def test_L03_a_trace_says_where_and_what_kind_and_holds_no_value(way):
    secret = "hunter2-canary"

    def fails(password):
        try:
            raise KeyError(password)
        except KeyError as error:
            raise ValueError(f"no such {password}") from error

    try:
        fails(secret)
    except ValueError:
        (line,) = written(way, exc_info=True)
    assert secret not in json.dumps(line)
    assert all(word in line["exception"] for word in ("Traceback", "ValueError", "KeyError",
                                                      "test_logs.py", "fails"))


@pytest.mark.parametrize("way", WAYS)
def test_L04_times_are_utc_with_their_zone(way):
    (line,) = written(way)
    at = datetime.fromisoformat(line["timestamp"])
    assert at.utcoffset() == UTC.utcoffset(None)


def test_configuring_twice_writes_each_event_once():
    logs.configure(io.StringIO())
    assert len(written(by_the_standard_library, "x")) == 1
