"""What a watcher asks: alive, ready to decide, and the counters of this process."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.domain.refusals import NotRecorded
from app.store import ranges
from app.store.trail import read_head
from app.web.routes import public

ROOM = Gauge("hufu_ledger_room", "Places left in the ledger's ranges; below nought beyond them")


def pages(rt) -> Blueprint:
    """`/healthz`, `/readyz`, `/metrics`; none of them says anything about the zone's content."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    @public
    def healthz():
        return jsonify({"alive": True})

    @blueprint.get("/readyz")
    @public
    def readyz():
        try:
            with rt.db.reading() as connection:
                epoch = read_head(connection).epoch
                room = ranges.room(connection)
        except Exception as error:  # any failure of the store means not ready
            raise NotRecorded("登记库不可读", "the registry cannot be read") from error
        told = {"ledger": room.state, "ledger_room": room.left} if room else {}
        return jsonify({"ready": True, "epoch": epoch, **told})

    @blueprint.get("/metrics")
    @public
    def metrics():
        try:
            with rt.db.reading() as connection:
                room = ranges.room(connection)
        except SQLAlchemyError:  # the counters of this process are told all the same
            room = None
        if room:
            ROOM.set(room.left)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return blueprint
