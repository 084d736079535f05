"""The reader's language: one form, one cookie."""

from flask import Blueprint, Response, redirect, request

from app.web.identity import own_page
from app.web.routes import public
from app.web.words import COOKIE, LANGUAGES

YEAR_S = 365 * 24 * 60 * 60


def pages(rt) -> Blueprint:
    """`POST /language`: keep the choice and go back to the page it was made on."""
    blueprint = Blueprint("preferences", __name__)

    @blueprint.post("/language")
    @public
    def language() -> Response:
        answer = redirect(own_page(request.form.get("next", "")), 303)
        chosen = request.form.get("language", "")
        if chosen in LANGUAGES:
            answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="Strict",
                              secure=rt.settings.base_url.startswith("https"))
        return answer

    return blueprint

