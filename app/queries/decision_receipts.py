"""What an enforcement point acknowledged of one decision, as its sheet shows it."""

from dataclasses import dataclass

from sqlmodel import Session

from app.store.tables_receipts import Receipt


@dataclass(frozen=True)
class ReceiptView:
    """One receipt. `obligations` are (number of the obligation, what came of it); `digest` is over
    the whole of what was sent."""

    at: str
    outcome: str
    rows: int
    fields: tuple[str, ...]
    obligations: tuple[tuple[str, str], ...]
    response_digest: str
    watermark: str
    delete_due: str
    digest: str


def receipt_of(session: Session, decision: str) -> ReceiptView | None:
    """The receipt of a decision, None while there is none."""
    row = session.get(Receipt, decision)
    if row is None:
        return None
    said = row.body
    return ReceiptView(
        row.at, row.outcome, said.get("rows", 0), tuple(said.get("fields", ())),
        tuple(sorted(said.get("obligations", {}).items())), said.get("response_digest", ""),
        said.get("watermark_id", ""), said.get("delete_due", ""), row.digest)
