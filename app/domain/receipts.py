"""回执: what an enforcement point says it did under a permit, read strictly and held against it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.titled import Titled
from app.domain.vocabulary import Vocabulary

DECISION = re.compile(r"dec_[0-9a-z]{1,64}")
NAME = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
LINE = re.compile(r"[^\x00-\x1f\x7f]{0,512}")
MOST_FIELDS, MOST_ROWS = 500, 10**9
MEMBERS = frozenset({"decision_id", "outcome", "rows", "fields", "treatments", "obligations",
                     "response_digest", "watermark_id", "delete_due", "node_job_id", "signature"})


class Outcome(Titled):
    """What became of a permit."""

    SERVED = "SERVED", "已提供", "Served"
    NOT_SERVED = "NOT_SERVED", "未提供", "Not served"
    FAILED = "FAILED", "提供失败", "Failed"


class Carried(Titled):
    """What came of one obligation."""

    DONE = "DONE", "已履行", "Carried out"
    FAILED = "FAILED", "未能履行", "Failed"
    UNSUPPORTED = "UNSUPPORTED", "不支持", "Not supported"


@dataclass(frozen=True)
class Receipt:
    """One acknowledgement, its shape checked; `body` is what was sent."""

    decision: str
    outcome: str
    rows: int
    fields: tuple[str, ...]
    treatments: Mapping[str, str]
    obligations: Mapping[str, str]
    body: Mapping[str, Any]


def read_receipt(given: Any, decision: str = "") -> tuple[Receipt | None, list[str]]:
    """The receipt, or every member that is wrong; ``decision`` is named by the address, if at all.

    Unknown members are refused: what is not understood cannot be held against a permit.
    """
    if not isinstance(given, dict):
        return None, [""]
    decision = decision or _text(given.get("decision_id"))
    checks = {
        "decision_id": bool(DECISION.fullmatch(decision)) and given.get(
            "decision_id", decision) == decision,
        "outcome": given.get("outcome") in list(Outcome),
        "rows": _is_count(given.get("rows", 0)),
        "fields": _are_names(given.get("fields", [])),
        "treatments": _is_map(given.get("treatments", {}), NAME),
        "obligations": _is_map(given.get("obligations", {}), NAME) and set(
            given.get("obligations", {}).values()) <= set(Carried),
        "response_digest": "response_digest" not in given or bool(
            DIGEST.fullmatch(_text(given["response_digest"]))),
        "delete_due": "delete_due" not in given or _is_day(given["delete_due"]),
        **{name: isinstance(given.get(name, ""), str) and bool(LINE.fullmatch(given.get(name, "")))
           for name in ("watermark_id", "node_job_id", "signature")},
    }
    wrong = [name for name, holds in checks.items() if not holds]
    wrong += sorted(str(name)[:64] for name in given.keys() - MEMBERS)
    if given.get("outcome") == Outcome.SERVED:
        wrong += [name for name in ("rows", "fields") if name not in given]
    if wrong:
        return None, wrong
    body = {**given, "decision_id": decision}
    return Receipt(decision, given["outcome"], given.get("rows", 0),
                   tuple(given.get("fields", ())), given.get("treatments", {}),
                   given.get("obligations", {}), body), []


def beyond(receipt: Receipt, facts: Mapping[str, Any], words: Vocabulary) -> list[str]:
    """What left beyond the permit whose sealed facts these are, as words and names of fields.

    Only what was served can be beyond; a refused decision permits nothing at all.
    """
    if receipt.outcome != Outcome.SERVED:
        return []
    if not facts["permits"]:
        return ["permit"]
    permitted: Mapping[str, str] = facts["fields"]
    rank = words.treatment_rank
    found = [f"field:{name}" for name in receipt.fields
             if permitted.get(name, "DROP") == "DROP"]
    found += [f"treatment:{name}" for name in receipt.fields
              if name in permitted and permitted[name] not in ("CLEAR", "DROP")
              and rank.get(receipt.treatments.get(name, "CLEAR"), 0) < rank[permitted[name]]]
    if receipt.rows > facts["input"].get("batch_size", 1) and facts["input"].get(
            "action") in ("VERIFY", "QUERY_ONE"):
        found.append("rows")
    found += [f"obligation:{each['id']}" for each in facts["obligations"]
              if receipt.obligations.get(each["id"]) != Carried.DONE
              and each["properties"].get("kind") != "receipt"]
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_ROWS


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_FIELDS and all(
        isinstance(each, str) and NAME.fullmatch(each) for each in value) and len(
        set(value)) == len(value)


def _is_map(value: Any, form: re.Pattern[str]) -> bool:
    return isinstance(value, dict) and len(value) <= MOST_FIELDS and all(
        form.fullmatch(name) and isinstance(word, str) and form.fullmatch(word)
        for name, word in value.items())


def _is_day(value: Any) -> bool:
    try:
        return len(_text(value)) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False
