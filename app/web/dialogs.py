"""A command as a dialog anywhere: on a page of another noun, with values already chosen."""

from dataclasses import asdict, is_dataclass

from app.commands.command import commands
from app.domain.callers import Caller
from app.web import forms
from app.web.factor_step import step_of
from app.web.noun_pages import Fill, NounPage, noun_pages
from app.web.routes import plural
from app.web.vocabularies import options


def dialog(rt, caller: Caller, name: str, ref: str, *, back: str = "", key: str = "",
           values: dict | None = None, tone: str = "primary", item=None,
           among: dict | None = None) -> dict | None:
    """`noun.action` as `macros/commands.html` draws it, None when the caller has no seat in it.

    `back` is the page to return to, `key` sets two dialogs of one command apart, `values` are
    filled in beforehand, else what `item` says for the noun's own page; `among` leaves of a field's
    choices the codes it names. Where `item` knows the version of the object (`dataset_version`),
    the form carries it, so that nothing is done to another than was seen.
    """
    noun, _, action = name.partition(".")
    command = commands().get((noun, action))
    if command is None or not rt.staff.covers(caller.roles, noun, action):
        return None
    if values is None and item is not None:
        values = start(noun_pages()[noun], item, action)
    verb = "-".join(filter(None, (action.replace("_", "-"), key)))
    fields = forms.describe(command.body, f"{verb}-", lambda book: options(rt, caller, book),
                            values=values)
    for field in fields:
        if field["name"] in (among or {}):
            field["options"] = [one for one in field["options"] if one[0] in among[field["name"]]]
    if back:
        fields.append({"name": "_back", "type": "hidden", "value": back})
    if version := getattr(item, f"{noun}_version", None):
        fields.append({"name": forms.VERSION, "type": "hidden", "value": version})
    return {"verb": verb, "allowed": True,
            "title": {"zh": command.zh, "en": command.en}, "tone": tone, "fields": fields,
            "factor": step_of(rt, caller, command),
            "href": f"/{plural(noun)}/{ref}/{action.replace('_', '-')}"}


def start(page: NounPage, item, action: str) -> dict:
    """What a command's form starts with: the sheet itself for `edit`, else what the page says."""
    if action == "edit":
        return asdict(item) if is_dataclass(item) else {}
    return {fill.member: _filled(item, fill) for fill in page.fills if fill.command == action}


def _filled(item, fill: Fill):
    value = asdict(item) if fill.of == "." else getattr(item, fill.of)
    if not fill.unless:
        return value
    return [dict(row) | {forms.KEPT: not row[fill.unless]} for row in value]
