"""Logs are JSON lines: one event a line, every value encoded, traces without local values.

Source: OWASP ASVS 5.0 16.4.1; GB/T 22239-2019 8.1.4.3.b.
"""

import logging
import sys

import structlog


def configure(stream=None) -> None:
    """Send structlog and the standard library's warnings to one stream of JSON lines."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False)
    # A tick that is skipped while a long job runs is no event.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
