"""A small Flask application that shows every macro with believable values; for tests and eyes.

Run `python -m tests.web.styleguide` and open the printed address.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, make_response, render_template, request

from app.web import faults, look, security_headers, words
from tests.web import styleguide_values as values

NOW = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
WEB = Path(look.__file__).parent


def create() -> Flask:
    """The style guide as an application; its nonce is fixed and its clock stands still."""
    app = Flask("styleguide", static_folder=str(WEB / "static"), template_folder=None)
    app.jinja_loader = _loader()
    app.secret_key = "style guide"
    words.register(app)
    look.register(app, lambda: NOW)
    security_headers.register(app, lambda: "c3R5bGVndWlkZQ")
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.context_processor(lambda: {"shell": values.shell(request.path)})
    _routes(app)
    return app


def _loader():
    from jinja2 import ChoiceLoader, FileSystemLoader

    here = Path(__file__).parent
    return ChoiceLoader(
        [FileSystemLoader(WEB / "pages" / "templates"), FileSystemLoader(here / "templates")]
    )


def _routes(app: Flask) -> None:
    def at(**delta: int) -> datetime:
        return NOW + timedelta(**delta)

    @app.get("/")
    def guide():
        return render_template("styleguide.html", v=values, at=at)

    @app.get("/list")
    def listing():
        return render_template(
            "list.html",
            page_title="授权申请",
            listing=values.listing(at, request.args),
            facts=values.GIVEN["facts"],
            actions=values.GIVEN["actions"],
        )

    @app.get("/sheet")
    def sheet():
        return render_template("styleguide_sheet.html", v=values, at=at)

    @app.get("/portal")
    def portal():
        return render_template("styleguide_portal.html", v=values, at=at)

    @app.get("/form")
    def form():
        return render_template(
            "form.html",
            page_title="新建产品",
            action="/form",
            fields=values.FIELDS,
            columns=True,
            intro="先登记产品，再提交上架审核。",
            cancel="/list",
        )

    @app.get("/gate")
    def gate():
        return render_template("styleguide_gate.html", v=values)

    @app.get("/drawer")
    def drawer():
        return render_template("styleguide_drawer.html", v=values, at=at)

    @app.post("/language")
    def language():
        answer = make_response("", 303, {"Location": "/"})
        answer.set_cookie(words.COOKIE, request.form["language"])
        return answer

    @app.get("/fault/<int:status>")
    def fault(status: int):
        return render_template(
            "fault.html", fault=faults.fault(status, trace="019aa8b2-77c1")
        ), status


if __name__ == "__main__":
    create().run(port=8099)
