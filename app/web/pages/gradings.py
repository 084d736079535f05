"""`/datasets/<ref>/gradings.xlsx`: the grading sheet as a workbook a department can sign."""

from flask import Blueprint

from app.commands.exports import record_export
from app.engines.grading_sheets import CODED, FLAGS, written
from app.queries.datasets import DatasetSheet, dataset
from app.web.look import say
from app.web.pages.catalogue import XLSX
from app.web.pages.files import download
from app.web.pages.objects import me
from app.web.routes import names
from app.web.vocabularies import title_of
from app.web.words import spoken

VOCABULARIES = {"category": "categories", "proposed_category": "categories",
                "grade_class": "grades.GradeClass", "subject_kind": "grades.SubjectKind",
                "mask": "treatments"}


def pages(rt) -> Blueprint:
    """The one file; who takes it out is sealed."""
    blueprint = Blueprint("gradings", __name__)

    @names("dataset.read")
    def sheet(ref: str):
        found = dataset(rt, me(), ref)
        record_export(rt, me(), "dataset_field", "xlsx", len(found.fields))
        return download(written(_rows(rt, found), found.name, spoken()),
                        f"{found.number}-gradings.xlsx", XLSX)

    blueprint.add_url_rule("/datasets/<ref>/gradings.xlsx", "sheet", sheet)
    return blueprint


def _rows(rt, found: DatasetSheet) -> list[dict[str, str]]:
    """What was judged, else what is proposed, as cells: codes before their titles."""
    return [{key: _cell(rt, key, value) for key, value in row.items()}
            for row in found.judgements]


def _cell(rt, key: str, value: object) -> str:
    if key in FLAGS:
        return say({"zh": "是", "en": "yes"}) if value else ""
    if key in ("grade", "proposed_grade"):
        return f"L{value}" if value else ""
    if key in VOCABULARIES and value:
        title = say(title_of(rt, VOCABULARIES[key], str(value)))
        return f"{value} {title}" if key in CODED else title
    return "" if value is None else str(value)
