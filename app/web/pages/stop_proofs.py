"""`/processes`: a stop is proved in every process that decides, at the press of a button.

The same waiting and the same entry on the trail as `./hufu probe`; who presses stands in it.
"""

from dataclasses import asdict
from functools import partial

from flask import Blueprint, g, jsonify, render_template, request
from pydantic import BaseModel, ConfigDict

from app.commands.command import Body, Text, entry
from app.commands.proofs import Proof, prove
from app.domain.canonical import instant
from app.domain.refusals import NotAllowed, NotFound, Refusal
from app.queries.query import queries
from app.web.limits import hold
from app.web.pages.objects import me
from app.web.problems import sentence, status_of
from app.web.routes import names

PAGE = "/processes/prove"
MOST, WINDOW_S = 10, 60


class ToProve(Body):
    """Which stop is to be proved; empty for the newest act that stops anything."""

    hold: Text = entry("停用编号", "Stop", default="", max_length=64)


class ProvedProcess(BaseModel):
    """How one process stands to the stop: CONFIRMED, FENCED or OPEN, and since when."""

    model_config = ConfigDict(extra="forbid")
    process: str
    host: str
    pid: int
    epoch: int
    since: str
    how: str
    lag_ms: int


class Proved(BaseModel):
    """A stop against every process. Only what is `proved` was written on the trail."""

    model_config = ConfigDict(extra="forbid")
    proved: bool
    ref: str
    epoch: int
    stopped_at: str
    processes: list[ProvedProcess]


def pages(rt) -> Blueprint:
    """The button's answer, the same for programs, and what the page of processes asks."""
    blueprint = Blueprint("stop_proofs", __name__)

    @blueprint.post(PAGE)
    @names("process.prove")
    def press():
        number = request.form.get("hold", "").strip()[:64]
        try:
            found, refused = _proved(rt, number), None
        except NotAllowed:
            raise
        except Refusal as error:
            found, refused = None, error
        status = 200 if request.headers.get("HX-Request") or not refused else status_of(refused)
        return render_template("process/proof.html", found=found, asked=number,
                               refused=sentence(refused) if refused else None), status

    @blueprint.post("/api/v1/processes/prove")
    @names("process.prove")
    def prove_for_programs():
        asked = ToProve.model_validate(request.get_json())
        return jsonify(_proved(rt, asked.hold).model_dump())

    blueprint.add_app_template_global(partial(_standing, rt), "standing_stops")
    return blueprint


def _proved(rt, number: str) -> Proved:
    """Raises:
        NotAllowed, NotFound, TooMany
    """
    if not rt.staff.permits(me().roles, "process", "prove"):
        raise NotAllowed("您的岗位不能验证停用", "your roles do not let you prove a stop",
                         noun="process", action="prove")
    hold(rt, f"prove:{me().account}", MOST, WINDOW_S)
    proof: Proof = prove(rt, me(), number)
    stopped = proof.stopped
    return Proved(
        proved=proof.is_whole, ref=stopped.ref, epoch=stopped.epoch,
        stopped_at=instant(stopped.at),
        processes=[ProvedProcess(**{**asdict(each), "since": instant(each.since)},
                                 lag_ms=each.lag_ms(stopped)) for each in proof.standings])


def _standing(rt) -> list | None:
    """The stops that stand, for whoever may prove one; None for anybody else."""
    if not rt.staff.permits(g.caller.roles, "process", "prove"):
        return None
    found = queries()["hold", False]
    try:
        return list(found.run(rt, g.caller, found.filters(state="ACTIVE", limit=100)).items)
    except (NotAllowed, NotFound):
        return []
