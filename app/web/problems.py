"""Refusals as RFC 9457 documents and as pages; the only place that knows status codes."""

from collections.abc import Iterable

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from pydantic import ValidationError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from app.domain import refusals
from app.domain.wire import Malformed
from app.web.faults import fault
from app.web.forms import ZH
from app.web.words import spoken

STATUS: dict[type[refusals.Refusal], int] = {
    refusals.Unidentified: 401, refusals.FactorNeeded: 403, refusals.NotAllowed: 403,
    refusals.NotFound: 404, refusals.IllegalMove: 409, refusals.GuardFailed: 422,
    refusals.Invalid: 422, refusals.TooLarge: 413, refusals.Stale: 412, refusals.TooMany: 429,
    refusals.NotRecorded: 503,
}
HTTP_TITLES = {
    400: ("请求有误", "Bad request"), 401: ("需要登录", "Sign in first"),
    403: ("无此权限", "Not allowed"), 404: ("未找到", "Not found"),
    405: ("不支持的方法", "Method not allowed"), 413: ("超出大小上限", "Too large"),
    415: ("不支持的媒体类型", "Unsupported media type"), 429: ("请求过于频繁", "Too many requests"),
    500: ("内部错误", "Internal error"),
}
UNREACHABLE = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
RETRY_S = "5"  # when to ask again where the store took nothing
log = structlog.get_logger("hufu.web")


class BadRequest(refusals.Refusal):
    """The call itself is malformed."""

    code = "REQ.MALFORMED"
    title_zh, title_en = "请求有误", "Bad request"


STATUS[BadRequest] = 400


def status_of(refusal: refusals.Refusal) -> int:
    """The status of a refusal: its own class's, or the nearest above it."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def wants_json() -> bool:
    """Whether the caller is a program: an API address, or no wish for HTML."""
    return request.path.startswith(("/api/", "/access/", "/.well-known/", "/openapi.json")) or (
        request.accept_mimetypes.best_match(["text/html", "application/json"])
        == "application/json")


class Told(str):
    """A sentence in the reader's language; `rules` are the codes `macros/basics.html` shows after
    it."""

    rules: tuple[str, ...] = ()


def rules(codes: Iterable[str]) -> tuple[str, ...]:
    """The rules of the house among codes, each once; those meant for programs are not shown."""
    return tuple(code for code in dict.fromkeys(codes) if code.startswith("G-"))


def sentence(refusal: refusals.Refusal) -> Told:
    """The refusal in the reader's language, with the rules it rests on."""
    said = Told(refusal.en if spoken() == "en" else refusal.zh)
    said.rules = rules(refusal.facts.get("codes", (refusal.code,)))
    return said


def document(status: int, code: str, titles: tuple[str, str], details: tuple[str, str],
             facts: dict) -> Response:
    """One problem document in the caller's language, with both languages' sentences."""
    english = spoken() == "en"
    core = {"type": f"/problems/{code.lower().replace('.', '-').replace('_', '-')}",
            "title": titles[english], "status": status, "detail": details[english],
            "instance": request.path, "code": code,
            "messages": {"zh": details[0], "en": details[1]}}
    body = {**{key: value for key, value in facts.items() if key not in core}, **core}
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refused(refusal: refusals.Refusal) -> Response:
    """A refusal as the caller can read it, with the time to wait where there is one."""
    response = _told(refusal, status_of(refusal))
    if "retry_after" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return response


def _told(refusal: refusals.Refusal, status: int) -> Response:
    if wants_json():
        return document(status, refusal.code, (refusal.title_zh, refusal.title_en),
                        (refusal.zh, refusal.en), refusal.facts)
    mend = tuple(error.get("en" if spoken() == "en" else "zh", "")
                 for error in refusal.facts.get("errors", ()))
    return _page(status, sentence(refusal), mend)


def invalid(error: ValidationError) -> refusals.Invalid:
    """pydantic's complaints as one refusal that names each place and never the value."""
    places = []
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        where = ".".join(str(part) for part in item["loc"]) or "body"
        zh = ZH.get(item["type"], item["msg"])
        places.append({"at": where, "type": item["type"], "zh": f"`{where}`：{zh}",
                       "en": f"`{where}`: {item['msg']}"})
    names = "、".join(place["at"] for place in places[:8])
    return refusals.Invalid(f"请修改以下各项：{names}",
                            f"mend: {', '.join(place['at'] for place in places[:8])}",
                            errors=places[:100])


def _page(status: int, detail: str = "", mend: tuple[str, ...] = (), trace: str = "") -> Response:
    said = fault(status, detail, mend, trace, back=request.referrer or "/")
    try:
        return Response(render_template("fault.html", fault=said), status, mimetype="text/html")
    except Exception:  # what failed may be what stands around every page (L03)
        log.error("unexpected", reference=trace, status=status, exc_info=True)
        return Response(f"{said.title} {trace}", status, mimetype="text/plain")


def register(app: Flask, new_id) -> None:
    """Install the handlers: refusals, malformed input, HTTP errors and everything else."""

    @app.errorhandler(refusals.Refusal)
    def on_refusal(refusal):
        return refused(refusal)

    @app.errorhandler(Malformed)
    def on_malformed(error):
        if error.code == "INPUT.TOO_LARGE":
            return refused(refusals.TooLarge(error.zh, error.en))
        return refused(BadRequest(error.zh, error.en, code=error.code))

    for kind in UNREACHABLE:
        @app.errorhandler(kind)
        def on_unreachable(error):
            log.warning("unreachable", kind=type(error).__name__, path=request.path)
            return refused(refusals.NotRecorded("登记库暂不可用，请稍后重试",
                                                "the registry cannot be reached now"))

    @app.after_request
    def come_back(response):
        if response.status_code == 503:
            response.headers.setdefault("Retry-After", RETRY_S)
        return response

    @app.errorhandler(ValidationError)
    def on_validation(error):
        return refused(invalid(error))

    @app.errorhandler(HTTPException)
    def on_http(error):
        status = error.code or 500
        titles = HTTP_TITLES.get(status, HTTP_TITLES[400] if status < 500 else HTTP_TITLES[500])
        if wants_json():
            return document(status, f"HTTP.{status}", titles, titles, {})
        return _page(status)

    @app.errorhandler(Exception)
    def on_bug(error):
        reference = new_id()
        # The trace goes to the log without local values; the caller gets the reference only.
        log.error("unexpected", reference=reference, kind=type(error).__name__,
                  path=request.path, exc_info=True)
        if wants_json():
            return document(500, "SYS.UNEXPECTED", HTTP_TITLES[500],
                            ("发生意外错误，请凭参考号联系运维", "something unexpected happened"),
                            {"reference": reference})
        return _page(500, trace=reference)

    @app.before_request
    def clean_slate():
        g.caller = None
