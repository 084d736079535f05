"""What the text process answers: two questions by POST, each bounded in size, time and number."""

import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog

from app.domain.refusals import Invalid, Refusal
from app.domain.texts import Orders, Reading, is_too_long
from app.domain.wire import Malformed, read_json
from app.engines.text_role import BODY_LIMIT
from app.text.reading import analyze, masked, titles
from kit.hufu_mask import TREATMENTS, Key

AT_ONCE, WAIT_S, LONGEST_S = 2, 8.0, 20.0
STATUS = {200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found",
          413: "413 Content Too Large", 422: "422 Unprocessable Content",
          503: "503 Service Unavailable"}
SIZE = re.compile("[0-9]{1,9}")
log = structlog.get_logger("hufu.text")
Answer = tuple[int, dict[str, Any]]


@dataclass
class Seats:
    """How many texts are read at once, and since when each of them is."""

    free: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))
    since: dict[int, float] = field(default_factory=dict)

    def taken(self, run: Callable[[], Answer]) -> Answer:
        """What ``run`` answers, or 503 when no seat is free in time."""
        if not self.free.acquire(timeout=WAIT_S):
            return 503, {"code": "TEXT.BUSY"}
        me = threading.get_ident()
        self.since[me] = time.monotonic()
        try:
            return run()
        finally:
            del self.since[me]
            self.free.release()

    def overdue(self) -> bool:
        """Whether a text has been read for longer than any bounded one can take."""
        now = time.monotonic()
        return any(now - began > LONGEST_S for began in list(self.since.values()))


@dataclass(frozen=True)
class Application:
    """The WSGI application, for whoever shows the token."""

    token: str = field(repr=False)
    key: Key
    seats: Seats = field(default_factory=Seats)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        status, body = self.answered(environ)
        raw = json.dumps(body).encode("ascii")
        start_response(STATUS[status], [("Content-Type", "application/json"),
                                        ("Content-Length", str(len(raw)))])
        return [raw]

    def answered(self, environ: dict) -> Answer:
        """The status and the document of one question."""
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("utf-8", "replace")
        if not hmac.compare_digest(shown, f"Bearer {self.token}".encode()):
            return 401, {"code": "TEXT.TOKEN"}
        run = {"/analyze": self._analyze, "/mask": self._mask}.get(environ.get("PATH_INFO", ""))
        if run is None or environ.get("REQUEST_METHOD") != "POST":
            return 404, {"code": "TEXT.NOT_FOUND"}
        size = environ.get("CONTENT_LENGTH") or "0"
        if not SIZE.fullmatch(size) or int(size) > BODY_LIMIT:
            return 413, {"code": "TEXT.TOO_LARGE"}
        try:
            asked = read_json(environ["wsgi.input"].read(int(size)), BODY_LIMIT)
            return self.seats.taken(lambda: run(asked))
        except Malformed as error:
            return 400, {"code": error.code, "zh": error.zh, "en": error.en}
        except Refusal as refusal:
            return 422, {"code": refusal.code, "zh": refusal.zh, "en": refusal.en}

    def _analyze(self, asked: Any) -> Answer:
        text, wanted = _text(asked, {"text", "identifiers"})
        return _said("analyze", analyze(text, wanted))

    def _mask(self, asked: Any) -> Answer:
        text, wanted = _text(asked, {"text", "identifiers", "treatment", "by_identifier"})
        chosen = asked.get("by_identifier", {})
        if not isinstance(chosen, dict) or not set(chosen) <= set(titles()):
            raise _unknown()
        orders = Orders(asked.get("treatment", "PARTIAL"), chosen)
        if not all(one in TREATMENTS for one in (orders.treatment, *chosen.values())):
            raise Invalid("处理方式不存在", "there is no such treatment")
        return _said("mask", masked(text, wanted, orders, self.key))


def _text(asked: Any, members: set[str]) -> tuple[str, frozenset[str]]:
    """The text of a question and the identifiers it is about.

    Raises:
        Invalid
    """
    if not isinstance(asked, dict) or not set(asked) <= members:
        raise Invalid("请求成员有误", "the members of the request are wrong")
    text, wanted = asked.get("text"), asked.get("identifiers", [])
    if not isinstance(text, str) or is_too_long(text):
        raise Invalid("文本缺失或过长", "the text is missing or too long")
    if not isinstance(wanted, list) or not all(
            isinstance(one, str) and one in titles() for one in wanted):
        raise _unknown()
    return text, frozenset(wanted)


def _unknown() -> Invalid:
    return Invalid("所列标识符不在文本识别范围内", "an identifier is not looked for in text")


def _said(action: str, read: Reading) -> Answer:
    """The answer; the log has its numbers and no text."""
    log.info("text read", action=action, characters=read.characters, spans=len(read.spans))
    return 200, asdict(read)
