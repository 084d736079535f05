"""Pages beside those of every noun: a decision made again, a draft of a grant to be played, and how
far a what-if has come."""

from flask import Blueprint, jsonify, redirect, render_template, request
from pydantic import ValidationError

from app.commands.command import commands, perform
from app.domain.refusals import NotAllowed, Refusal
from app.queries.query import queries
from app.queries.replay import replay
from app.queries.what_ifs import progress_of
from app.web import forms, mending, rights_form
from app.web.pages.applications import version_offered
from app.web.pages.objects import me, tell
from app.web.routes import names, unattended
from app.web.vocabularies import options

OVER = ("begins", "ends")


def pages(rt) -> Blueprint:
    """Replay for people and programs, the form of a grant's draft, the progress of a run."""
    blueprint = Blueprint("drafts", __name__)

    @blueprint.get("/decisions/<ref>/replay")
    @names("decision.read")
    def show_replay(ref):
        return render_template("decision/replay.html", item=replay(rt, me(), ref))

    @blueprint.post("/api/v1/decisions/<ref>/replay")
    @names("decision.read")
    def replay_for_programs(ref):
        return jsonify(replay(rt, me(), ref))

    @blueprint.get("/what-ifs/<ref>/progress")
    @unattended
    @names("what_if.read")
    def show_progress(ref):
        run = progress_of(rt, me(), ref)
        return render_template("what_if/progress.html", item=run, base=f"/what-ifs/{run.number}")

    @blueprint.route("/what-ifs/grant", methods=["GET", "POST"])
    @names("what_if.create")
    def draft_of_grant():
        return _draft_of_grant(rt)

    return blueprint


def _draft_of_grant(rt):
    """The rights of a grant as they are, to be made narrower or wider; then the run is queued."""
    command = commands()["what_if", "create"]
    if not rt.staff.covers(me().roles, "what_if", "create"):
        raise NotAllowed(f"您的岗位不能办理「{command.zh}」",
                         f"your roles do not cover “{command.en}”", noun="what_if",
                         action="create")
    grant = queries()["grant", True].run(rt, me(), request.values.get("grant", ""))
    document, refused = grant.dimensions, None
    values = request.form.to_dict()
    if request.method == "POST":
        document = rights_form.read(request.form, grant.dimensions) or document
        try:
            body = command.body.model_validate({
                "kind": "GRANT", "grant": grant.number, "rights": document,
                **{name: values[name] for name in OVER if values.get(name)}})
            done = perform(rt, me(), command, None, body)
            tell(command, done)
            return redirect(f"/what-ifs/{done.number}", 303)
        except (ValidationError, Refusal) as error:
            refused = error
    fields = [one for one in forms.describe(
        command.body, "", lambda name: options(rt, me(), name), values=values,
        errors=mending.by_field(refused)) if one["name"] in OVER]
    rights = rights_form.offered(
        rt.law, version_offered(rt, grant.product_number), document,
        refused.facts.get("errors", ()) if isinstance(refused, Refusal) else ())
    return render_template(
        "what_if/grant.html", grant=grant, fields=fields, rights=rights,
        told=mending.told(refused, fields, rights_form.lines(rights))), mending.status(refused)
