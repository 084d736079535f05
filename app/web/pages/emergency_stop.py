"""紧急停用: find a link, see what it holds up, stop it, see the stop proved by a denied call."""

from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from pydantic import ValidationError

from app.commands.command import commands, perform
from app.commands.probes import Probe, probe
from app.domain.chain import Stoppable
from app.domain.refusals import NotFound, Refusal
from app.queries.impact import impact
from app.queries.query import may_read, queries
from app.queries.search import SHORTEST, Sought, hits
from app.store.tables_supply import Hold
from app.store.unit import read
from app.web import forms, mending
from app.web.factor_step import confirm_step, step_of
from app.web.pages.objects import me
from app.web.routes import names
from app.web.vocabularies import options

PAGE = "/emergency-stop"
REACHED = (
    ("grants", "授权", "Grants"), ("institutions", "机构", "Institutions"),
    ("products", "产品", "Products"), ("datasets", "数据资源", "Datasets"),
    ("apps", "应用系统", "Applications"),
)


def pages(rt) -> Blueprint:
    """Search and impact by GET, the stop itself by POST, its proof on the page after it."""
    blueprint = Blueprint("emergency_stop", __name__)

    @blueprint.get(PAGE)
    @names("hold.read")
    def look():
        may_read(rt, me(), "hold")
        link, number = request.args.get("link", ""), request.args.get("object", "")
        if link and number:
            return _chosen(rt, link, number)
        return render_template("emergency_stop.html", step="find", text=_text(),
                               found=_found(rt), stops=_stops(rt), shortest=SHORTEST)

    @blueprint.post(PAGE)
    @names("hold.place")
    def stop():
        return _stop(rt)

    @blueprint.get(f"{PAGE}/<number>")
    @names("hold.read")
    def proof(number: str):
        hold = queries()["hold", True].run(rt, me(), number)
        return render_template("emergency_stop.html", step="proof", hold=hold,
                               probe=request.args.get("probe", ""),
                               codes=request.args.get("codes", ""), reached=REACHED)

    return blueprint


def _text() -> str:
    return request.args.get("q", "").strip()[:100]


def _found(rt) -> list:
    """Links of the chain that the words point to."""
    if len(_text()) < SHORTEST:
        return []
    kinds = {kind.value for kind in Stoppable}
    return [hit for hit in hits(rt, me(), Sought(q=_text(), limit=200)).items if hit.noun in kinds]


def _stops(rt) -> tuple:
    """The stops in force now."""
    holds = queries()["hold", False]
    return holds.run(rt, me(), holds.filters(state="ACTIVE", limit=20)).items


def _chosen(rt, link: str, number: str, refused: mending.Refused | None = None):
    """The impact list of one link, with the form that stops it."""
    reach = impact(rt, me(), f"{link}.{number}")
    command = commands()["hold", "place"]
    given = {**request.form.to_dict(), "link": link, "object": reach.link.number}
    fields = [field | {"type": "hidden"} if field["name"] in ("link", "object") else field
              for field in forms.describe(command.body, "stop-",
                                          lambda name: options(rt, me(), name),
                                          values=given, errors=mending.by_field(refused))]
    return render_template(
        "emergency_stop.html", step="confirm", reach=reach, reached=REACHED, fields=fields,
        told=mending.told(refused, fields), factor=step_of(rt, me(), command),
        covered=rt.staff.covers(me().roles, "hold", "place")), mending.status(refused)


def _stop(rt):
    command = commands()["hold", "place"]
    link, number = request.form.get("link", ""), request.form.get("object", "")
    try:
        confirm_step(rt)
        done = perform(rt, me(), command, None, forms.posted(command.body, request.form))
    except NotFound:
        raise
    except (ValidationError, Refusal) as error:
        return _chosen(rt, link, number, error)
    proved = _proved(rt, done.id)
    query = urlencode({"probe": proved.decision, "codes": " ".join(proved.codes)})
    return redirect(f"{PAGE}/{done.number}?{query}", 303)


def _proved(rt, hold_id: str) -> Probe:
    """A real question under the stop; none where this process decides nothing."""
    gate = current_app.extensions.get("gate")
    if gate is None:
        return Probe()
    with read(rt) as session:
        hold = session.get(Hold, hold_id)
    return probe(rt, gate, me(), hold)
