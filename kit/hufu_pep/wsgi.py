"""A WSGI middleware before a data service: asks, lets it answer, sends on what may leave."""

import logging
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Union

from .answers import Refused
from .asking import BlockingAsker
from .enforcing import Point
from .headers import Handed
from .passing import KEPT_BACK, LARGEST, Reply, denied, passed, refusal

log = logging.getLogger("hufu_pep")
PHRASES = {200: "OK", 403: "Forbidden", 404: "Not Found", 502: "Bad Gateway"}


class Guarded:
    """The service behind, guarded.

    Args:
        behind: the WSGI application that answers with rows.
        asker: asks the decision point, or reads what a gateway handed on.
        question: the AuthZEN question a call is; None, or an error, refuses the call.
    """

    def __init__(self, behind: Callable, asker: Union[BlockingAsker, Handed], point: Point,
                 question: Callable[[Mapping[str, Any]], Optional[Mapping[str, Any]]]) -> None:
        self.behind, self.asker, self.point, self.question = behind, asker, point, question

    def __call__(self, environ: Dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        try:
            reply = self._reply(environ)
            if reply.receipt is not None:
                self.asker.acknowledge(reply.receipt)
        except Refused as refused:
            reply = refusal(refused)
        except Exception:
            log.exception("a call could not be guarded")
            reply = refusal(Refused("PEP.FAILED"))
        start_response(f"{reply.status} {PHRASES.get(reply.status, 'Error')}", reply.headers)
        return [reply.body]

    def _reply(self, environ: Dict[str, Any]) -> Reply:
        question = self.question(environ)
        if question is None:
            raise Refused("PEP.NO_ROUTE")
        answer = self.asker.ask(question)
        if not answer.permits:
            return denied(answer, self.point)
        clean = {name: value for name, value in environ.items()
                 if name[5:].replace("_", "-").lower() not in KEPT_BACK}
        clean["HTTP_X_DECISION_ID"] = answer.decision
        status, kind, body = _answered(self.behind, clean)
        return passed(answer, self.point, status, kind, body)


def _answered(behind: Callable, environ: Dict[str, Any]) -> "tuple[int, str, bytes]":
    """What the service behind says, read whole."""
    told: List[Any] = []
    body = bytearray()

    def start(status: str, headers: "list[tuple[str, str]]", exc_info: Any = None) -> Callable:
        told[:] = [int(status[:3]), {name.lower(): value for name, value in headers}]
        return body.extend

    parts = behind(environ, start)
    try:
        for part in parts:
            body += part
            if len(body) > LARGEST:
                break
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return told[0], told[1].get("content-type", ""), bytes(body)
