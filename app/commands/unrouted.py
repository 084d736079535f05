"""A gateway's call that is no question: refused, and sealed with what the gateway was told and why.

It is about nothing the registry knows, so it is heard by no rule; it stands in the log like every
other refusal and is found by its trace id.
"""

import logging
from typing import Any

from app.commands.decide import Gate
from app.domain.asks import Presented
from app.domain.canonical import instant
from app.store.appending import Line
from app.store.ledger import Found, Refused
from app.store.sealing import sealed_bytes
from app.store.shelf import Shelf
from app.store.trail import stream_of

log = logging.getLogger("hufu.gateways")


def turned_away(gate: Gate, presented: Presented, code: str, trace_id: str) -> dict[str, Any]:
    """The refusal as it is answered, durable where the ledger takes it: it opens nothing, so it may
    be said even where it could not be recorded."""
    decision_id = gate.new_ids(1)[0]

    def hear(_shelf: Shelf | None, *_: object) -> Found:
        epoch, at = gate.picture.epoch, instant(gate.rt.clock())
        sealed = sealed_bytes({
            "decision": decision_id, "permits": False, "at": at, "epoch": epoch,
            "rulebook": gate.law.digest, "permit": "", "credential": presented.credential,
            "types": [], "gateway": {"adapter": presented.via, "code": code}})
        index = (decision_id, at, False, *[""] * 6, code, trace_id, "", "", epoch)
        return Found(epoch, [Line(False, epoch, "decision.deny", f"decision/{decision_id}",
                                  stream_of(None), sealed, index)])

    try:
        gate.ledger.seal(hear)
    except Refused as refusal:
        log.warning("a call that was turned away was not recorded: %s", refusal.code)
    return {"decision_id": decision_id, "epoch": gate.picture.epoch}
