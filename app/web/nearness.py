"""Which requests may be answered by the read replica: pages that only show, and exports.

A session that wrote carries a mark of it, so that it never reads what is older than its own act.
"""

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from app.store import replica

COOKIE, KEPT_S = "hufu_mark", 3600
NEVER_SEEN = "FFFFFFFF/FFFFFFFF"  # no replica has seen it: the first server answers


def register(app: Flask, rt) -> None:
    """Nothing where no replica is set."""
    if rt.replica is None:
        return

    @app.before_request
    def begin() -> None:
        shows = request.method in ("GET", "HEAD") and not request.path.startswith("/api/")
        g.way = replica.Way(shows, request.cookies.get(COOKIE, ""))
        g.way_token = replica.begin_request(g.way)

    @app.after_request
    def mark(response):
        way = g.get("way")
        if way and (way.wrote or request.method == "POST") and not request.path.startswith("/api/"):
            response.set_cookie(COOKIE, _mark(rt), max_age=KEPT_S, secure=True, httponly=True,
                                samesite="Strict", path="/")
        return response

    @app.teardown_request
    def end(_error) -> None:
        token = g.pop("way_token", None)
        if token is not None:
            replica.end_request(token)


def _mark(rt) -> str:
    try:
        with rt.db.reading() as connection:
            return replica.written(connection)
    except SQLAlchemyError:
        return NEVER_SEEN
