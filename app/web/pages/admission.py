"""The two forms of an admission case that are lists: its score sheet, and the defects to mend."""

from flask import Blueprint, redirect, render_template, request
from pydantic import BaseModel, ValidationError

from app.commands.admission_review import Defects, Diligence
from app.commands.command import commands, perform
from app.domain.refusals import NotFound, Refusal, Unidentified
from app.web import forms, mending
from app.web.noun_pages import noun_pages
from app.web.object_views import sheet
from app.web.pages.objects import me
from app.web.routes import names

NOUN = "admission_case"
MOST_DEFECTS = 8


def pages(rt) -> Blueprint:
    """`POST /admission-cases/<ref>/score` and `/defects`; both answer with the sheet."""
    blueprint = Blueprint("admission", __name__)

    @blueprint.post("/admission-cases/<ref>/score")
    @names("admission_case.submit_diligence")
    def score(ref: str):
        return _take(rt, ref, "submit_diligence", Diligence, _scores())

    @blueprint.post("/admission-cases/<ref>/defects")
    @names("admission_case.request_supplement")
    def defects(ref: str):
        return _take(rt, ref, "request_supplement", Defects, {"defects": _defects()})

    return blueprint


def _scores() -> dict:
    """The score sheet as its rows send it."""
    form = request.form
    ids = [key.removeprefix("result-") for key in form if key.startswith("result-")]
    return {
        "criteria": [{"id": key, "result": form[f"result-{key}"],
                      "note": form.get(f"note-{key}", "")} for key in ids if form[f"result-{key}"]],
        "sources": [line.strip() for line in form.get("sources", "").splitlines() if line.strip()],
        "related_party": form.get("related_party") == "yes", "note": form.get("note", "")}


def _defects() -> list[dict]:
    """The rows of the defect list that name a material."""
    form = request.form
    rows = [{"code": form.get(f"code-{at}", ""), "material": form.get(f"material-{at}", "").strip(),
             "defect": form.get(f"defect-{at}", "").strip()} for at in range(MOST_DEFECTS)]
    return [row for row in rows if row["material"] or row["defect"]]


def _take(rt, ref: str, action: str, model: type[BaseModel], said: dict):
    """Run the command; where it is refused, the sheet comes back with what was entered."""
    seen = request.form.get("_version", "")
    who = me().expecting(int(seen) if seen.isdigit() and len(seen) < 10 else None)
    try:
        perform(rt, who, commands()[NOUN, action], ref, model.model_validate(said))
    except (NotFound, Unidentified):
        raise
    except (ValidationError, Refusal) as error:
        fields = forms.describe(model, "", lambda name: [], values=said,
                                errors=mending.by_field(error))
        return render_template(
            "admission_case/sheet.html", **sheet(rt, me(), noun_pages()[NOUN], ref),
            entered=request.form, refused=mending.told(error, fields, linked=False),
        ), mending.status(error)
    return redirect(f"/admission-cases/{ref}", 303)
