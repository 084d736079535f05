"""A gateway of an institution: asks over HTTP with its credential, and nothing else."""

import hashlib
import json
import urllib.request
from dataclasses import dataclass

from tests.journeys.person import today
from tests.journeys.processes import Zone


@dataclass(frozen=True)
class Gateway:
    """The gateway of the institution at a place of the demonstration's list."""

    zone: Zone
    at: int

    @property
    def secret(self) -> str:
        """The credential of the demonstration: the same in every zone, worth nothing elsewhere."""
        prefix = f"demo{self.at:04d}"
        return f"hufu_{prefix}_{hashlib.sha256(prefix.encode()).hexdigest()[:43]}"

    def question(self, grant: str, product: str, fields: list[str], **asked) -> dict:
        """A question well inside a grant; `asked` changes purpose, action, channel or batch."""
        return {
            "subject": {"type": "client_app", "id": f"APP-{self.at + 1:06d}", "properties": {
                "institution": f"INST-{self.at + 1:04d}", "user": f"user{self.at:02d}a",
                "user_auth_level": 2}},
            "action": {"name": asked.get("action", "QUERY_ONE"), "properties": {
                "channel": asked.get("channel", "API"), "environment": "PROD",
                "batch_size": asked.get("batch", 1)}},
            "resource": {"type": "product", "id": product, "properties": {
                "fields": fields, "region": "110000",
                "lookback_from": today().replace(day=1).isoformat(),
                "data_subject": {"kind": "ENTERPRISE", "id": "911199990000000000"}}},
            "context": {"purpose": asked.get("purpose", "PF.CRD.NEW"), "grant": grant,
                        "business_ref": "LN20261122", "trace_id": "tr-main-walk"},
        }

    def asks(self, question: dict) -> dict:
        """The answer to one evaluation."""
        request = urllib.request.Request(
            f"{self.zone.url}/access/v1/evaluation", json.dumps(question).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.secret}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def codes(answer: dict) -> list[str]:
    """The codes of every reason of an answer, in its order."""
    return [reason["code"] for reason in answer["context"]["reasons"]]
