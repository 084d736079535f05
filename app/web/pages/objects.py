"""The pages every noun has: list, sheet, new, and the posting of its commands.

They are drawn from the noun's file in `nouns/`, its query, its commands and its lifecycle. A noun
with a template of its own (`<noun>/sheet.html`) keeps these addresses and this code.
"""

from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask_babel import gettext
from pydantic import ValidationError

from app.commands.attachments import store_file
from app.commands.command import Command, commands, perform
from app.domain.refusals import NotAllowed, NotFound, Refusal, Unidentified
from app.queries.query import queries
from app.web import forms, mending
from app.web.factor_step import confirm_step, step_of
from app.web.identity import own_page
from app.web.look import say
from app.web.noun_pages import NounPage, noun_pages
from app.web.object_views import exported, listing, sheet
from app.web.routes import names, plural
from app.web.vocabularies import options
from app.web.words import spoken

OPENED = " data-open>"  # what a dialog carries that is drawn open


def pages(rt) -> Blueprint:
    """A list and a sheet for every noun that says how it is shown."""
    blueprint = Blueprint("objects", __name__)
    for page in noun_pages().values():
        _add(blueprint, rt, page)
    return blueprint


def me():
    """Who asks; strangers are sent to sign in."""
    if g.caller is None:
        raise Unidentified("请先登录", "sign in first")
    return g.caller


def _add(blueprint: Blueprint, rt, page: NounPage) -> None:
    noun, base = page.noun, f"/{plural(page.noun)}"

    @names(f"{noun}.read")
    def show_list():
        return render_template([f"{noun}/list.html", "list.html"],
                               **listing(rt, me(), page, request.args))

    @names(f"{noun}.read")
    def show_export(kind):
        body, media, name = exported(rt, me(), page, request.args, kind)
        return Response(body, mimetype=media, headers={
            "Content-Disposition": f"attachment; filename={name}"})

    @names(f"{noun}.read")
    def show_one(ref):
        return render_template([f"{noun}/sheet.html", "object.html"],
                               **sheet(rt, me(), page, ref))

    @names(f"{noun}.create")
    def show_new():
        return _create(rt, page)

    @names(f"{noun}.act")
    def act(ref, action):
        return _act(rt, page, ref, action.replace("-", "_"))

    if (noun, False) in queries():
        blueprint.add_url_rule(base, f"{noun}_list", show_list)
        blueprint.add_url_rule(f"{base}.<any(csv, xlsx):kind>", f"{noun}_export", show_export)
    if (noun, True) in queries():
        blueprint.add_url_rule(f"{base}/<ref>", f"{noun}_one", show_one)
    if (noun, "create") in commands():
        blueprint.add_url_rule(f"{base}/new", f"{noun}_new", show_new, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{base}/<ref>/<action>", f"{noun}_act", act, methods=["POST"])


def _create(rt, page: NounPage):
    command = commands()[page.noun, "create"]
    if not rt.staff.covers(me().roles, page.noun, "create"):
        raise NotAllowed(f"您的岗位不能办理「{command.zh}」",
                         f"your roles do not cover “{command.en}”", noun=page.noun,
                         action="create")
    refused, values = None, request.args.to_dict()
    if request.method == "POST":
        values = forms.again(command.body, request.form)
        try:
            confirm_step(rt)
            done = perform(rt, me(), command, None, _body(rt, command))
            return _shown_once(command, done) or _made(page, done)
        except (ValidationError, Refusal) as error:
            refused = error
    fields = forms.describe(command.body, "", lambda name: options(rt, me(), name),
                            values=values, errors=mending.by_field(refused))
    template = [f"{page.noun}/new.html", "form.html"]
    title = {"zh": command.zh, "en": command.en}
    return render_template(
        template, page_title=title,
        action=f"/{plural(page.noun)}/new", fields=fields, factor=step_of(rt, me(), command),
        told=mending.told(refused, fields), submit=say(title),
        cancel=f"/{plural(page.noun)}", columns=len(fields) > 5), mending.status(refused)


def _act(rt, page: NounPage, ref: str, action: str):
    command = commands().get((page.noun, action))
    if command is None or command.creates:
        raise NotFound("没有这个操作", "no such action")
    here = f"/{plural(page.noun)}/{ref}"
    try:
        confirm_step(rt)
        who = me().expecting(_version())
        done = perform(rt, who, command, ref, _body(rt, command))
    except (NotFound, Unidentified):
        raise
    except (ValidationError, Refusal) as error:
        opened = {"action": action, "error": error, "values": request.form}
        return _opened(page, sheet(rt, me(), page, ref, opened), error), mending.status(error)
    return _shown_once(command, done) or _acted(command, done, here)


def _opened(page: NounPage, values: dict, error: mending.Refused) -> str:
    """The sheet with the refused dialog open, or with the refusal above a sheet that draws none."""
    templates = [f"{page.noun}/sheet.html", "object.html"]
    drawn = render_template(templates, **values)
    if OPENED in drawn:
        return drawn
    return render_template(templates, **values, refused=mending.in_a_line(error))


def _body(rt, command: Command):
    """The body the form holds; files are handed in first, each an act of its own."""
    handed = {name: [store_file(rt, me(), upload.filename, upload.read()).id
                     for upload in request.files.getlist(name) if upload.filename]
              for name in request.files if forms.takes_file(command.body, name)}
    return forms.posted(command.body, request.form, handed)


def _made(page: NounPage, done):
    flash(gettext("已建立 %(number)s", number=done.number), "green")
    return redirect(f"/{plural(page.noun)}/{done.number}", 303)


def _acted(command: Command, done, here: str):
    tell(command, done)
    return redirect(_back(here), 303)


def _shown_once(command: Command, done) -> str | None:
    """The page of a secret or one-time link the command gave out; None when it gave none."""
    given = {key: value for key, value in (done.detail or {}).items() if key in ("secret", "link")}
    if not given:
        return None
    return render_template("once.html", what={"zh": command.zh, "en": command.en},
                           waiting=bool(done.waiting),
                           back=f"/{plural(done.noun)}/{done.number}", **given)


def _back(here: str) -> str:
    """Where to go after an act: a page of this site named by the form, else the object."""
    target = request.form.get("_back", "")
    return own_page(target, here)


def _version() -> int | None:
    text = request.form.get(forms.VERSION, "")
    return int(text) if text.isdigit() and len(text) < 10 else None


def tell(command: Command, done) -> None:
    """Say on the next page what was done, or whose hand is still missing."""
    title = command.en if spoken() == "en" else command.zh
    if done.waiting:
        flash(gettext("「%(what)s」已签署，等待另一方或另一人签署", what=title), "amber")
    elif done.number == done.id:
        flash(gettext("已办理「%(what)s」", what=title), "green")
    else:
        flash(gettext("已办理「%(what)s」：%(number)s", what=title, number=done.number), "green")
