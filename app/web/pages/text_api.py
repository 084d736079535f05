"""Text for programs: what identifiers a text holds, and the text with them treated.

The text process does the work (Presidio never runs here). A text is never logged, stored or put
into the trail; a refusal names places, not words.
"""

import threading
from typing import Literal

import structlog
from flask import Blueprint, g, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from app.domain.refusals import Invalid, NotAllowed, Refusal
from app.domain.texts import LONGEST, Reading, is_too_long
from app.engines import text_role
from app.web.limits import hold
from app.web.problems import STATUS
from app.web.routes import names
from kit.hufu_mask import TREATMENTS

PREFIX = "/api/v1/text"
AT_ONCE = 4  # calls a web process has waiting; pages and decisions keep their threads
MOST, WINDOW_S = 60, 60
log = structlog.get_logger("hufu.web")
_seats = threading.BoundedSemaphore(AT_ONCE)


class TextUnavailable(Refusal):
    """The text process does not answer."""

    code = "TEXT.UNAVAILABLE"
    title_zh, title_en = "文本服务暂不可用", "The text process does not answer"


STATUS[TextUnavailable] = 503


class ToAnalyze(BaseModel):
    """A text of at most 50,000 bytes of UTF-8. `identifiers` bounds what is looked for."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=LONGEST, repr=False)
    identifiers: list[str] = Field(default=[], max_length=60)

    @field_validator("text")
    @classmethod
    def _is_short(cls, text):
        if is_too_long(text):
            raise ValueError(f"more than {LONGEST} bytes of UTF-8")
        return text


class ToMask(ToAnalyze):
    """The text, the treatment of all that is seen, and of single identifiers."""

    treatment: Literal[TREATMENTS] = "PARTIAL"
    by_identifier: dict[str, Literal[TREATMENTS]] = Field(default={}, max_length=60)


def read(rt, caller, action: str, asked: ToAnalyze) -> Reading:
    """What the text process says, for a caller whose roles cover it.

    Raises:
        NotAllowed, TooMany, Invalid, TextUnavailable
    """
    if not rt.staff.covers(caller.roles, "text", action):
        raise NotAllowed("您的岗位不能使用文本服务", f"your roles do not cover `text.{action}`",
                         noun="text", action=action)
    hold(rt, f"text:{caller.account}", MOST, WINDOW_S)
    if not _seats.acquire(blocking=False):
        raise TextUnavailable("正在处理的文本过多，请稍后重试",
                              "too many texts are being read; try again soon", retry_after=2)
    try:
        status, said = text_role.ask(rt.settings, f"/{action}", asked.model_dump())
    except text_role.Silent as error:
        raise TextUnavailable(
            "文本进程未运行：`./hufu up` 会在首次使用时启动它，请稍后重试；"
            "单独部署时请在本机运行 `./hufu text`",
            "the text process does not run: `./hufu up` starts it on first use, so try again in a "
            "few seconds; where web runs by itself, run `./hufu text` beside it",
            retry_after=5) from error
    except text_role.Overdue as error:
        raise TextUnavailable("文本进程未在时限内答复，请缩短文本后重试",
                              "the text process did not answer in time; try a shorter text",
                              retry_after=10) from error
    finally:
        _seats.release()
    return _understood(action, status, said)


def _understood(action: str, status: int, said: dict) -> Reading:
    """The answer of the text process; whatever is not one is its failure, not the caller's."""
    if status == 200:
        found = TypeAdapter(Reading).validate_python(said)
        log.info("text read", action=action, characters=found.characters, spans=len(found.spans))
        return found
    if status == 422 and isinstance(said, dict) and {"zh", "en"} <= set(said):
        raise Invalid(said["zh"], said["en"])
    if status == 503:
        raise TextUnavailable("文本进程繁忙，请稍后重试", "the text process is busy; try again",
                              retry_after=5)
    log.error("the text process does not understand the web", status=status)
    raise TextUnavailable("文本进程与本进程版本不一致，请重启文本进程",
                          "the text process is of another version; restart it")


def pages(rt) -> Blueprint:
    """The two questions."""
    found = Blueprint("text_api", __name__, url_prefix=PREFIX)

    @found.post("/analyze")
    @names("text.analyze")
    def analyze():
        return jsonify(read(rt, g.caller, "analyze", ToAnalyze.model_validate(request.get_json())))

    @found.post("/mask")
    @names("text.mask")
    def mask():
        return jsonify(read(rt, g.caller, "mask", ToMask.model_validate(request.get_json())))

    return found
