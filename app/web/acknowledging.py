"""What enforcement points say and ask beside decisions: receipts, the epoch, their own decisions.

A WSGI application before the router, for those who hold a credential; everybody else is handed on.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from app.commands.receipts import DIFFERS, MOST_AT_ONCE, UNKNOWN, Said, decided, take
from app.domain.canonical import digest
from app.domain.receipts import Receipt, read_receipt
from app.domain.refusals import NotRecorded, TooMany
from app.domain.wire import BODY_LIMIT, Malformed, read_json
from app.store.unit import read
from app.web.bearer import held, is_credential
from app.web.budgets import charge_credential
from app.web.hosts import name_of
from app.web.security_headers import FIXED

ONE = re.compile(r"/api/v1/decisions/(dec_[0-9a-z]{1,64})(/receipts)?")
MANY, EPOCH = "/api/v1/receipts", "/api/v1/epoch"
HEADERS = [*FIXED.items(), ("Content-Security-Policy", "default-src 'none'"),
           ("Cache-Control", "no-store")]
STATUS = {200: "200 OK", 201: "201 Created", 207: "207 Multi-Status", 400: "400 Bad Request",
          401: "401 Unauthorized", 404: "404 Not Found", 405: "405 Method Not Allowed",
          409: "409 Conflict", 413: "413 Content Too Large", 429: "429 Too Many Requests",
          500: "500 Internal Server Error", 503: "503 Service Unavailable"}
CODES = {"TAKEN": 201, "KNOWN": 200, UNKNOWN: 404, DIFFERS: 409}
TOLD = {404: ("没有这个判定，或不是本凭证所问", "no such decision of this credential"),
        409: ("该判定已有另一份回执", "another receipt of this decision was taken")}
log = logging.getLogger("hufu.receipts")
encode = msgspec.json.Encoder().encode


class Wrong(Exception):
    """The call itself was wrong; `members` are those to mend."""

    def __init__(self, status: int, zh: str, en: str, members: Iterable[str] = ()) -> None:
        super().__init__(en)
        self.status, self.zh, self.en, self.members = status, zh, en, list(members)


class Acknowledging:
    """Receipts and look-ups of enforcement points in front of another WSGI application."""

    def __init__(self, behind: Callable, gate) -> None:
        self.behind, self.gate, self.rt = behind, gate, gate.rt

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        path, more = environ["PATH_INFO"], []
        named = ONE.fullmatch(path)
        is_receipt = path == MANY or bool(named and named[2])
        if not is_receipt and not ((named or path == EPOCH) and is_credential(environ)):
            return self.behind(environ, start_response)
        try:
            status, answer = self.answer(environ, named, path)
        except Wrong as wrong:
            status = wrong.status
            answer = problem(status, wrong.zh, wrong.en, wrong.members)
        except Malformed as error:
            status, answer = 400, problem(400, error.zh, str(error))
        except TooMany as refusal:
            status, answer = 429, problem(429, refusal.zh, refusal.en)
            more = [("Retry-After", str(refusal.facts["retry_after"]))]
        except NotRecorded as refusal:
            status, answer = 503, problem(503, refusal.zh, refusal.en)
        except Exception:  # the last hand: nothing of a defect reaches the caller
            reference = self.rt.new_id()
            log.exception("receipt failed, reference %s", reference)
            status, answer = 500, problem(500, f"内部错误，编号 {reference}",
                                          f"internal error {reference}")
        return respond(start_response, status, answer, more)

    def answer(self, environ: Mapping[str, Any], named: re.Match[str] | None,
               path: str) -> tuple[int, Any]:
        if name_of(environ.get("HTTP_HOST", "")) not in self.rt.settings.known_hosts:
            raise Wrong(400, "主机名不在允许的名单内",
                        "the Host is not one this service answers to")
        holder = held(environ, self.gate)
        if holder is None:
            raise Wrong(401, "未提供有效凭证", "no valid credential: send Authorization: Bearer")
        charge_credential(self.gate, holder[0])
        wanted = "POST" if path == MANY or (named and named[2]) else "GET"
        if environ["REQUEST_METHOD"] != wanted:
            raise Wrong(405, f"请使用 {wanted}", f"use {wanted}")
        if path == EPOCH:
            return 200, {"epoch": self.gate.picture.epoch}
        if named and not named[2]:
            return 200, self.stored(named[1], holder[0])
        body = read_json(body_of(environ))
        return self.one(body, named[1], holder[0]) if named else self.many(body, holder[0])

    def one(self, body: Any, decision: str, credential: str) -> tuple[int, Any]:
        receipt, wrong = read_receipt(body, decision)
        if receipt is None:
            raise Wrong(400, "回执有误", "the receipt is wrong", wrong)
        [said] = take(self.rt, credential, [receipt])
        if CODES[said.result] in TOLD:
            raise Wrong(CODES[said.result], *TOLD[CODES[said.result]])
        return CODES[said.result], told(said)

    def many(self, body: Any, credential: str) -> tuple[int, Any]:
        """Receipts in order, each answered in its place; those that read well are one act."""
        listed = body.get("receipts") if isinstance(body, dict) and len(body) == 1 else None
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AT_ONCE:
            raise Wrong(400, f"须有 1 至 {MOST_AT_ONCE} 份回执",
                        f"send `receipts`, 1 to {MOST_AT_ONCE} of them", ["receipts"])
        shaped = [read_receipt(each) for each in listed]
        good: list[Receipt] = [each for each, _ in shaped if each]
        said = iter(take(self.rt, credential, good) if good else ())
        return 207, {"receipts": [
            {**told(each := next(said)), "status": CODES[each.result]} if receipt else
            {"status": 400, "errors": wrong} for receipt, wrong in shaped]}

    def stored(self, decision: str, credential: str) -> dict[str, Any]:
        """A decision as its gateway may see it: no rule, no other link of the chain, no person."""
        with read(self.rt) as session:
            facts, _ = decided(session, decision, credential)
        if facts is None:
            raise Wrong(404, *TOLD[404])
        return {"decision_id": decision, "decision": facts["permits"], "decided_at": facts["at"],
                "epoch": facts["epoch"], "dimensions": facts["dimensions"],
                "reasons": [{"code": reason[0]} for reason in facts["reasons"]],
                "grant": {"id": facts["grant"], "version": facts["grant_version"]},
                "fields_effective": facts["fields"], "obligations": facts["obligations"],
                "quota": facts["quota"], "digest": digest(facts)}


def told(said: Said) -> dict[str, Any]:
    return {"decision_id": said.decision, "result": said.result, "receipt": said.digest,
            "beyond": list(said.beyond)}


def problem(status: int, zh: str, en: str, members: Iterable[str] = ()) -> dict[str, Any]:
    """RFC 9457, in both languages."""
    return {"type": "about:blank", "title": STATUS[status][4:], "status": status,
            "detail": f"{zh} / {en}", "errors": [{"at": member} for member in members]}


def body_of(environ: Mapping[str, Any]) -> bytes:
    """The body, read no further than one byte over the limit."""
    kind = environ.get("CONTENT_TYPE", "").split(";", 1)[0].strip().lower()
    if kind != "application/json":
        raise Wrong(400, "Content-Type 须是 application/json",
                    "the Content-Type must be application/json")
    length = environ.get("CONTENT_LENGTH") or ""
    is_told = length.isdecimal() and length.isascii()
    if is_told and (len(length) > 9 or int(length) > BODY_LIMIT):
        raise Wrong(413, "请求体超过 1 MiB", "the body is larger than 1 MiB")
    return environ["wsgi.input"].read(int(length) if is_told else BODY_LIMIT + 1)


def respond(start_response: Callable, status: int, answer: Any,
            more: Iterable[tuple[str, str]]) -> list[bytes]:
    body = encode(answer)
    kind = "application/json" if status < 400 else "application/problem+json"
    asks = [("WWW-Authenticate", "Bearer")] if status == 401 else []
    start_response(STATUS[status], [*HEADERS, ("Content-Type", kind),
                                    ("Content-Length", str(len(body))), *asks, *more])
    return [body]
