"""What a watcher asks: alive, ready to decide, and the counters of this process."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.domain.refusals import NotRecorded
from app.store.trail import read_head
from app.web.routes import public


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
        except Exception as error:  # any failure of the store means not ready
            raise NotRecorded("登记库不可读", "the registry cannot be read") from error
        return jsonify({"ready": True, "epoch": epoch})

    @blueprint.get("/metrics")
    @public
    def metrics():
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return blueprint
