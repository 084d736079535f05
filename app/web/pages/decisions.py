"""What the list of decisions shows beside itself: counts to narrow it by, and calls over time."""

from flask import Blueprint, g, request

from app.queries.decision_search import DecisionFilters
from app.queries.decision_survey import Survey, survey

PAGING = {"limit", "offset", "sort"}


def pages(rt) -> Blueprint:
    """The template word `decision_survey`: the counts of the list that is being shown."""
    blueprint = Blueprint("decision_counts", __name__)

    def shown() -> Survey:
        given = {name: request.args[name] for name in DecisionFilters.model_fields
                 if name not in PAGING and request.args.get(name)}
        return survey(rt, g.caller, DecisionFilters.model_validate(given))

    blueprint.add_app_template_global(shown, "decision_survey")
    return blueprint
