"""回执: what became of a permit, as it is sent back to the decision point."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Mapping

SERVED, NOT_SERVED, FAILED = "SERVED", "NOT_SERVED", "FAILED"


@dataclass(frozen=True)
class Receipt:
    """The body of `POST /api/v1/decisions/{decision_id}/receipts`.

    Args:
        outcome: SERVED, NOT_SERVED or FAILED.
        rows, fields: how many rows left, and the names of the fields in them.
        treatments: the treatment applied to each of those fields.
        obligations: the result by obligation id: DONE, FAILED or UNSUPPORTED.
        response_digest: `sha256:<hex>` of the bytes that left, empty when none did.
        watermark_id: the text of the watermark, empty without one.
        delete_due: the day by which what left must be deleted, empty without one.
        node_job_id: the job of a joint node, empty outside one.
        signature: of the enforcement point over the other members, empty where it has no key.
    """

    decision_id: str
    outcome: str
    rows: int = 0
    fields: "tuple[str, ...]" = ()
    treatments: Mapping[str, str] = field(default_factory=dict)
    obligations: Mapping[str, str] = field(default_factory=dict)
    response_digest: str = ""
    watermark_id: str = ""
    delete_due: str = ""
    node_job_id: str = ""
    signature: str = ""

    def body(self) -> Dict[str, Any]:
        """The members as they travel; those without a value stay behind."""
        told = {name: value for name, value in asdict(self).items() if value not in ("", (), {})}
        return {**told, "rows": self.rows, "fields": list(self.fields)}


def digest(response: bytes) -> str:
    return "sha256:" + hashlib.sha256(response).hexdigest()
