"""Logs are JSON lines: one event a line, every value encoded, traces without values.

A trace says which lines of which files ran and what kind of error it was; the error's own words
are left out, because libraries put values into them.

Source: OWASP ASVS 5.0 16.4.1, 16.2.5; GB/T 22239-2019 8.1.4.3.b.
"""

import logging
import sys
import traceback
from types import TracebackType

import structlog

COMMON = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.ExceptionRenderer(lambda raised: trace(*raised)),
)
# A server's own words go where all others go, as JSON lines (L01).
SERVER_LOGS = {"formatters": {}, "handlers": {},
               "loggers": {"_granian": {"level": "INFO"}, "granian.access": {"level": "INFO"}}}
Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(stream=None) -> None:
    """Send structlog and the standard library's warnings to one stream of JSON lines."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[*COMMON, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False)
    handler = logging.StreamHandler(out)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *COMMON],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer()]))
    root = logging.getLogger()
    for old in [each for each in root.handlers if getattr(each, "is_hufus", False)]:
        root.removeHandler(old)
    handler.is_hufus = True
    root.addHandler(handler)
    # A tick that is skipped while a long job runs is no event.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def trace(kind: type[BaseException], error: BaseException, _=None) -> str:
    """Which lines ran, for an error and for those it came from; no value and no source line."""
    told = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 8:
        frames = [f'File "{frame.filename}", line {frame.lineno}, in {frame.name}'
                  for frame in traceback.extract_tb(seen.__traceback__)]
        told.append("\n  ".join(["Traceback", *frames, type(seen).__name__]))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(told)
