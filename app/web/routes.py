"""Every route names the action it is; the application does not start while one does not.

Source: OWASP ASVS 5.0 8.1.1 and 8.3.1; requirement Z02.
"""

from collections.abc import Callable

from flask import Flask

OPEN_ENDPOINTS = frozenset({"static"})


def names(action: str) -> Callable[[Callable], Callable]:
    """The view below is this action (`noun.verb`); only signed-in callers reach it."""

    def mark(view: Callable) -> Callable:
        view.action = action
        return view

    return mark


def public(view: Callable) -> Callable:
    """The view below answers strangers."""
    view.action = "public"
    return view


def unattended(view: Callable) -> Callable:
    """An open page asks for the view below by itself: that is no use of the session."""
    view.unattended = True
    return view


def action_of(app: Flask, endpoint: str) -> str | None:
    """What action an endpoint is; None when it does not say."""
    return "public" if endpoint in OPEN_ENDPOINTS else _mark(app, endpoint, "action")


def is_unattended(app: Flask, endpoint: str) -> bool:
    """Whether nobody need sit before the page that asks for an endpoint."""
    return bool(_mark(app, endpoint, "unattended"))


def _mark(app: Flask, endpoint: str, name: str):
    """What a view says of itself, behind whatever wraps it."""
    view = app.view_functions[endpoint]
    while view is not None:
        if hasattr(view, name):
            return getattr(view, name)
        view = getattr(view, "__wrapped__", None)
    return None


def require_named_routes(app: Flask) -> None:
    """Every rule of the URL map names its action.

    Raises:
        RuntimeError: naming the rules that do not.
    """
    nameless = sorted(f"{rule.rule} ({rule.endpoint})" for rule in app.url_map.iter_rules()
                      if action_of(app, rule.endpoint) is None)
    if nameless:
        raise RuntimeError("routes without an action: " + ", ".join(nameless))


def plural(noun: str) -> str:
    """A noun as its collection in addresses: `price_entry` -> `price-entries`, `process` ->
    `processes`."""
    word = noun.replace("_", "-")
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("s") else "s")
