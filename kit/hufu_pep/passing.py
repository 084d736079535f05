"""One call passing through: from the answer of the service behind to what may be sent on.

The service behind answers with a JSON list of rows, or an object whose `rows` is that list; of the
object nothing else is sent on. What it says of an error is not sent on either.
"""

import base64
import json
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .answers import Answer, Refused
from .enforcing import Enforced, Point, enforce
from .receipts import FAILED, NOT_SERVED, Receipt

LARGEST = 16 * 1_048_576
# What the service behind is not told: names that are ours, and wishes for an answer in parts or
# packed, which could not be read here.
KEPT_BACK = frozenset({"x-decision-id", "x-policy-epoch", "x-obligations", "accept-encoding",
                       "range", "if-range", "if-match", "if-none-match", "if-modified-since",
                       "if-unmodified-since"})
JSON = "application/json"
Headers = List[Tuple[str, str]]


class Reply(NamedTuple):
    """What is sent to the caller, and the receipt to be taken before it is."""

    status: int
    headers: Headers
    body: bytes
    receipt: Optional[Receipt] = None


def refusal(refused: Refused) -> Reply:
    """A refusal says its code and the decision it rests on, nothing of the rows."""
    body = json.dumps({"code": refused.code, "decision_id": refused.decision,
                       "reasons": list(refused.reasons)}).encode()
    return Reply(403, _headers(body, refused.decision), body)


def denied(answer: Answer, point: Point) -> Reply:
    """The reply to a decision that does not permit; what it orders all the same is done."""
    found = enforce(answer, (), point)
    return refusal(Refused(found.refused, answer.decision, answer.reasons))


def passed(answer: Answer, point: Point, status: int, kind: str, body: bytes) -> Reply:
    """What may be sent on of an answer of the service behind."""
    if status != 200:
        return _unserved(enforce(answer, (), point), NOT_SERVED, status)
    try:
        if kind.partition(";")[0].strip().lower() != JSON or len(body) > LARGEST:
            raise ValueError
        rows = _rows(json.loads(body))
    except (ValueError, RecursionError):
        return _unserved(enforce(answer, (), point), FAILED, 502)
    found = enforce(answer, rows, point)
    if found.refused:
        reply = refusal(Refused(found.refused, answer.decision))
        return reply._replace(receipt=found.receipt() if found.is_acknowledged else None)
    try:
        shown = json.dumps({"rows": list(found.rows), "notices": dict(found.told)},
                           ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return _unserved(found, FAILED, 502)
    headers = [*_headers(shown, answer.decision), *_told(found)]
    return Reply(200, headers, shown,
                 found.receipt(shown) if found.is_acknowledged else None)


def _rows(document: Any) -> List[Dict[str, Any]]:
    rows = document.get("rows") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError
    return rows


def _unserved(found: Enforced, outcome: str, status: int) -> Reply:
    """Nothing leaves of what the service behind said but that there is nothing."""
    bare = Enforced(found.answer, results=found.results)
    body = json.dumps({"code": f"UPSTREAM.{status}", "decision_id": found.answer.decision}).encode()
    kept = status if 400 <= status < 600 else 502
    return Reply(kept, _headers(body, found.answer.decision), body,
                 bare.receipt(outcome=outcome) if found.is_acknowledged else None)


def _headers(body: bytes, decision: str) -> Headers:
    named = [("X-Decision-Id", decision)] if decision.isascii() and decision.isprintable() else []
    return [("Content-Type", JSON), ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"), *(named if decision else [])]


def _told(found: Enforced) -> Headers:
    """What the receiver must be told, for those who read headers only."""
    if not found.told:
        return []
    text = json.dumps(dict(found.told), sort_keys=True).encode()
    return [("X-Obligations", base64.urlsafe_b64encode(text).rstrip(b"=").decode())]
