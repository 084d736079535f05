"""The two languages of the pages: Chinese is the source, English lies in the catalogues here.

Each noun may have its own catalogue `en/LC_MESSAGES/<noun>.po`; all of them are read as one when
the application starts, so there is no compiled file that can grow stale.
"""

from __future__ import annotations

from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale

LANGUAGES = ("zh", "en")
COOKIE = "hufu_language"
FOLDER = Path(__file__).parent


def catalogues(language: str) -> list[Path]:
    """The catalogue files of a language, in a fixed order."""
    return sorted((FOLDER / language / "LC_MESSAGES").glob("*.po"))


@cache
def translations(language: str) -> Translations:
    """All catalogues of a language as one; the source language has none and needs none."""
    whole = Catalog(locale=language)
    for path in catalogues(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


class HouseDomain(Domain):
    """Looks words up in the catalogues of this folder."""

    def get_translations(self) -> Translations:
        return translations(spoken())


class HouseBabel(Babel):
    """Flask-Babel with our catalogues in place of compiled files."""

    @cached_property
    def domain_instance(self) -> Domain:
        return HouseDomain()


def spoken() -> str:
    """The language of the page being written; outside a request it is Chinese."""
    return str(get_locale() or "zh")[:2]


def chosen_language() -> str:
    """The reader's language: what they chose, else what their browser asks for, else Chinese."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"


def register(app: Flask) -> None:
    """Install the catalogues and the choice of language in `app`."""
    HouseBabel(
        app,
        default_locale="zh",
        default_timezone="Asia/Shanghai",
        locale_selector=chosen_language,
    )
    app.jinja_env.globals["language"] = spoken
