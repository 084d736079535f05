"""A permit handed on in headers, by a gateway that cannot read a JSON answer.

Only for a service that nobody but the gateway can reach: a header is believed because the gateway
deletes what a client sends under its name.
"""

import base64
import json
import re
import time
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, Mapping, Optional

from .answers import Answer, Refused, read_answer
from .asking import BlockingAsker
from .receipts import Receipt

_PACKED = re.compile(r"[A-Za-z0-9_-]{1,8192}")


def read_headers(headers: Mapping[str, str], fields: Iterable[str],
                 now: Optional[datetime] = None) -> Answer:
    """The permit in `X-Decision-Id`, `X-Policy-Epoch` and `X-Obligations`; it is never kept.

    ``fields`` are those the call asked for. Which of them are treated or kept back the obligations
    say; every other field stays behind.

    Raises:
        Refused: one of the three is missing or cannot be read.
    """
    told = {name.lower(): value for name, value in headers.items()}
    at = (now or datetime.fromtimestamp(time.time(), timezone.utc)).isoformat()
    try:
        packed = told["x-obligations"]
        if not _PACKED.fullmatch(packed):
            raise ValueError
        orders = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        context = {"decision_id": told["x-decision-id"], "epoch": int(told["x-policy-epoch"]),
                   "decided_at": at, "valid_until": at, "obligations": orders,
                   "fields_effective": _effective(fields, orders)}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refused("PEP.UNREADABLE") from None
    return read_answer({"decision": True, "context": context})


def _effective(fields: Iterable[str], orders: Any) -> Dict[str, str]:
    """The treatment of each field asked for, from the orders about fields."""
    found = {name: "CLEAR" for name in fields}
    for each in orders:
        said = each["properties"]
        if said.get("kind") == "mask_fields":
            found.update({name: how["treatment"] for name, how in said["fields"].items()
                          if name in found})
        elif said.get("kind") == "drop_fields":
            found.update({name: "DROP" for name in said["fields"] if name in found})
    return found


class Handed:
    """Stands in a blocking asker's place behind such a gateway: its question is
    ``{"headers": …, "fields": …}``. Receipts go to the decision point through ``asker``."""

    def __init__(self, asker: Optional[BlockingAsker] = None) -> None:
        self._asker = asker

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """See `read_headers`."""
        return read_headers(question["headers"], question["fields"])

    def acknowledge(self, receipt: Receipt) -> None:
        """See `Asker.acknowledge`; without an asker none can be sent."""
        if self._asker is None:
            raise Refused("PEP.OBLIGATION_FAILED", receipt.decision_id)
        self._asker.acknowledge(receipt)
