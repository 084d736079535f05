"""A command as a dialog anywhere: on a page of another noun, with values already chosen."""

from app.commands.command import commands
from app.domain.callers import Caller
from app.web import forms
from app.web.routes import plural
from app.web.vocabularies import options


def dialog(rt, caller: Caller, name: str, ref: str, *, back: str = "", key: str = "",
           values: dict | None = None, tone: str = "primary") -> dict | None:
    """`noun.action` as `macros/commands.html` draws it, None when the caller has no seat in it.

    `back` is the page to return to, `key` sets two dialogs of one command apart, `values` are
    filled in beforehand.
    """
    noun, _, action = name.partition(".")
    command = commands().get((noun, action))
    if command is None or not rt.staff.covers(caller.roles, noun, action):
        return None
    fields = forms.describe(command.body, f"{action}-", lambda book: options(rt, caller, book),
                            values=values)
    if back:
        fields.append({"name": "_back", "type": "hidden", "value": back})
    return {"verb": "-".join(filter(None, (action.replace("_", "-"), key))), "allowed": True,
            "title": {"zh": command.zh, "en": command.en}, "tone": tone, "fields": fields,
            "href": f"/{plural(noun)}/{ref}/{action.replace('_', '-')}"}
