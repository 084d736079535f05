"""The web: pages, JSON API and the decision lane in one application; Flask is only here."""

import importlib
import pkgutil
from pathlib import Path

from flask import Blueprint, Flask, jsonify

from app.web import (
    api,
    budgets,
    identity,
    look,
    nearness,
    problems,
    security_headers,
    shell,
    words,
)
from app.web.api.document import Documented
from app.web.routes import names, require_named_routes
from app.web.strict import BODY_LIMIT, FORM_LIMIT, FORM_PARTS, StrictRequest

PAGES = Path(__file__).parent / "pages"


def create_app(rt) -> Flask:
    """The application for one Runtime.

    Raises:
        RuntimeError: a route does not name its action.
    """
    app = Documented(
        "app.web", doc_ui=False,
        validation_error_callback=lambda error: problems.refused(problems.invalid(error)),
        template_folder=str(PAGES / "templates"), static_folder="static")
    app.request_class = StrictRequest
    app.config.update(MAX_CONTENT_LENGTH=BODY_LIMIT, MAX_FORM_MEMORY_SIZE=FORM_LIMIT,
                      MAX_FORM_PARTS=FORM_PARTS)
    app.json.sort_keys = False
    app.extensions["hufu"] = rt
    problems.register(app, rt.new_id)
    words.register(app)
    look.register(app, rt.clock)
    security_headers.register(app, lambda: rt.token(18))
    nearness.register(app, rt)
    budgets.charge_sources(app, rt)
    identity.register(app, rt)
    budgets.charge_people(app, rt)
    shell.register(app, rt)
    app.register_api(api.blueprint(rt))
    for blueprint in page_blueprints(rt):
        app.register_blueprint(blueprint)
    _describe(app)
    require_named_routes(app)
    return app


def page_blueprints(rt) -> list[Blueprint]:
    """The blueprint of every module in `pages/`; the folder is read, nothing is listed twice."""
    found = []
    for module in sorted(item.name for item in pkgutil.iter_modules([str(PAGES)])):
        found.append(importlib.import_module(f"app.web.pages.{module}").pages(rt))
    return found


def _describe(app: Documented) -> None:
    @app.route("/openapi.json")
    @names("api.read")
    def openapi_json():
        api.caller()
        return jsonify(app.api_doc)
