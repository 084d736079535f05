"""Carrying out what a decision orders. What fails or is unknown refuses; the rest is still done."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from .answers import Answer, Obligation
from .masks import CannotMask, Key, mask
from .receipts import FAILED, NOT_SERVED, SERVED, Receipt, digest
from .rows import SHANGHAI, CannotCarryOut, Column, Row, aged, grouped, kept

DONE, NOT_DONE, UNSUPPORTED = "DONE", "FAILED", "UNSUPPORTED"
# Carried out on rows; told to the receiver beside them; and left to the place itself.
ON_ROWS = ("filter_rows", "suppress_aged_negative", "min_group", "mark_dispute", "mask_fields",
           "drop_fields")
TOLD = ("watermark", "delete_after", "view_only", "no_onward", "human_review")
BY_PLACE = ("notify_subject", "step-up")
DISPUTED = "_disputed"


@dataclass(frozen=True)
class Point:
    """An enforcement point: what it knows of its rows, and what it does itself.

    Args:
        columns: where a row shows its `region`, `industry`, `subject_kind`, `day` and
            `group_size`, and whether it is of `OWN_CUSTOMERS` or `LISTED`: a name or a function.
        kinds_of_fields: kinds of value where the decision does not tell them.
        key: for TOKENIZE.
        disputed: the names of the disputed items of a row.
        acts: what this place does for `notify_subject`, `step-up`; a function that raises failed.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    kinds_of_fields: Mapping[str, str] = field(default_factory=dict)
    key: Optional[Key] = None
    disputed: Optional[Callable[[Row], Iterable[str]]] = None
    acts: Mapping[str, Callable[[Answer, Obligation], None]] = field(default_factory=dict)

    @property
    def kinds(self) -> Tuple[str, ...]:
        """The kinds of obligation this point carries out, as a question states them."""
        able = {*TOLD, "mask_fields", "drop_fields", "suppress_aged_negative", "receipt"}
        able.update(kind for kind in BY_PLACE if kind in self.acts)
        able.update(name for name, is_so in (
            ("filter_rows", self.columns), ("min_group", "group_size" in self.columns),
            ("mark_dispute", self.disputed)) if is_so)
        return tuple(sorted(able))


@dataclass(frozen=True)
class Enforced:
    """What may leave. `refused` is a code, and then `rows` is empty; `told` goes with the rows."""

    answer: Answer
    rows: "tuple[Dict[str, Any], ...]" = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""

    @property
    def is_acknowledged(self) -> bool:
        """Whether a receipt was ordered."""
        return any(each.kind == "receipt" for each in self.answer.obligations)

    def receipt(self, response: bytes = b"", outcome: str = "") -> Receipt:
        """The receipt of this answer; ``response`` is what left."""
        names = sorted({name for row in self.rows for name in row if name != DISPUTED})
        outcome = outcome or (FAILED if self.refused and self.answer.permits else
                              NOT_SERVED if self.refused else SERVED)
        days = self.told.get("delete_after", {}).get("days")
        due = "" if days is None else (_today(self.answer) + timedelta(days=days)).isoformat()
        return Receipt(
            self.answer.decision, outcome, len(self.rows), tuple(names),
            {name: self.answer.fields[name] for name in names}, self.results,
            digest(response) if outcome == SERVED else "",
            self.told.get("watermark", {}).get("text", ""), due if outcome == SERVED else "")


def enforce(answer: Answer, rows: Iterable[Row], point: Point) -> Enforced:
    """The rows as the decision lets them out, and what the receiver must be told."""
    results = {each.id: _result(answer, each, point) for each in answer.obligations}
    left: List[Row] = list(rows) if answer.permits else []
    ordered = sorted((each for each in answer.obligations if each.kind in ON_ROWS),
                     key=lambda each: ON_ROWS.index(each.kind))
    marks: List[Tuple[str, ...]] = []
    for each in ordered:
        try:
            left = _on_rows(each, left, answer, point)
        except Exception:  # whatever failed, the order was not carried out
            results[each.id] = NOT_DONE
    is_whole = all(result == DONE for result in results.values())
    if not answer.permits:
        return Enforced(answer, results=results,
                        refused=answer.reasons[0] if answer.reasons else "PEP.REFUSED")
    try:
        marks = [_disputed(row, answer, point) for row in left] if is_whole else []
        kinds = _kinds(answer, point)
        shown = [_masked(row, answer, kinds, point.key) for row in left] if is_whole else []
    except Exception:
        is_whole = False
    if not is_whole:
        code = "UNSUPPORTED" if UNSUPPORTED in results.values() else "FAILED"
        return Enforced(answer, results=results, refused=f"PEP.OBLIGATION_{code}")
    for row, items in zip(shown, marks):
        if items:
            row[DISPUTED] = list(items)
    told = {each.kind: dict(each.properties) for each in answer.obligations if each.kind in TOLD}
    return Enforced(answer, tuple(shown), told, results)


def _result(answer: Answer, order: Obligation, point: Point) -> str:
    """What came of an order that is not about rows; those about rows are only looked at here."""
    if order.kind in point.acts:
        try:
            point.acts[order.kind](answer, order)
        except Exception:
            return NOT_DONE
        return DONE
    if order.kind in TOLD:
        return DONE if _is_told(order) else NOT_DONE
    return DONE if order.kind in (*ON_ROWS, "receipt") else UNSUPPORTED


def _is_told(order: Obligation) -> bool:
    """Whether the order says what the receiver must be told."""
    needs = {"watermark": ("text", str), "delete_after": ("days", int)}
    name, kind = needs.get(order.kind, ("", object))
    return not name or type(order.properties.get(name)) is kind


def _on_rows(order: Obligation, rows: List[Row], answer: Answer, point: Point) -> List[Row]:
    said = order.properties
    if order.kind == "filter_rows":
        return kept(rows, said["expr"], point.columns)
    if order.kind == "suppress_aged_negative":
        return aged(rows, said["fields"], said["years"], _today(answer))
    if order.kind == "min_group":
        return grouped(rows, said["k"], point.columns)
    if order.kind == "mark_dispute" and point.disputed is None:
        raise CannotCarryOut("nothing tells which items are disputed")
    if order.kind == "mask_fields":
        for name, how in said["fields"].items():
            if answer.fields.get(name, how["treatment"]) != how["treatment"]:
                raise CannotCarryOut("the order and the treatments in effect differ")
    if order.kind == "drop_fields":
        if not isinstance(said["fields"], list):
            raise CannotCarryOut("`fields` is a list")
        return [{name: value for name, value in row.items() if name not in said["fields"]}
                for row in rows]
    return rows


def _kinds(answer: Answer, point: Point) -> Dict[str, str]:
    """What each field is: what the decision says, else what this place knows."""
    told = {name: how["kind"] for each in answer.obligations if each.kind == "mask_fields"
            for name, how in each.properties["fields"].items() if "kind" in how}
    return {**point.kinds_of_fields, **told}


def _masked(row: Row, answer: Answer, kinds: Mapping[str, str],
            key: Optional[Key]) -> Dict[str, Any]:
    """The fields that may leave, each as its treatment says; every other stays behind."""
    shown: Dict[str, Any] = {}
    for name, treatment in answer.fields.items():
        if name not in row or treatment == "DROP":
            continue
        value = row[name]
        if treatment == "CLEAR" and (value is None or type(value) in (str, int, float, bool)):
            shown[name] = value
        else:
            shown[name] = mask(value, treatment, kind=kinds.get(name, "text"), key=key,
                               field=name)
    return shown


def _disputed(row: Row, answer: Answer, point: Point) -> Tuple[str, ...]:
    """The disputed items of a row among those the decision orders to be marked."""
    for each in answer.obligations:
        if each.kind == "mark_dispute" and point.disputed is not None:
            items = set(point.disputed(row))
            return tuple(sorted(items.intersection(each.properties["items"])))
    return ()


def _today(answer: Answer) -> date:
    """The Shanghai day of the decision: the clock here decides nothing."""
    return answer.decided_at.astimezone(SHANGHAI).date()


__all__ = ["CannotCarryOut", "CannotMask", "Enforced", "Point", "enforce"]
