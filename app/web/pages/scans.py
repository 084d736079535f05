"""What the pages of scans have beside those of every noun: the progress of a run, asked for again
and again by the open page, and which addresses a refused form may show once more."""

from flask import Blueprint, render_template

from app.commands.scan_sources import is_bare
from app.queries.scan_progress import progress_of
from app.web.pages.objects import me
from app.web.routes import names, unattended


def pages(rt) -> Blueprint:
    """The progress of a run, and the test of addresses for templates."""
    blueprint = Blueprint("scans", __name__)
    blueprint.add_app_template_test(is_bare, "bare_address")

    @blueprint.get("/scan-runs/<ref>/progress")
    @unattended
    @names("scan_run.read")
    def show_progress(ref):
        run = progress_of(rt, me(), ref)
        return render_template("scan_run/progress.html", item=run,
                               base=f"/scan-runs/{run.number}")

    return blueprint
