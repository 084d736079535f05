"""The list of subject authorizations: counts by state, and a subject found by its number.

A number of a person never stands in an address, which proxies and browsers keep: it is posted,
hashed, and the list is opened by the hash.
"""

from urllib.parse import urlencode

from flask import Blueprint, g, redirect, request

from app.domain.refusals import Invalid
from app.queries.query import may_read
from app.queries.subject_authorizations import ConsentFilters, state_counts
from app.web.limits import hold
from app.web.pages.objects import me
from app.web.routes import names

PAGE = "/subject-authorizations"
PAGING = {"limit", "offset", "sort"}
MOST, WINDOW_S = 60, 60


def pages(rt) -> Blueprint:
    """The template word `consent_counts`, and the search by number."""
    blueprint = Blueprint("consents", __name__)

    def counts() -> dict[str, int]:
        given = {name: request.args[name] for name in ConsentFilters.model_fields
                 if name not in PAGING and request.args.get(name)}
        return state_counts(rt, g.caller, ConsentFilters.model_validate(given))

    @blueprint.post(f"{PAGE}/find")
    @names("subject_authorization.read")
    def find():
        may_read(rt, me(), "subject_authorization")
        hold(rt, f"subject:{me().account}", MOST, WINDOW_S)
        kind, number = request.form.get("kind", ""), request.form.get("number", "").strip()
        if kind not in rt.law.vocabulary.subject_kinds or not 0 < len(number) <= 64:
            raise Invalid("请选择主体类型并填写证照号码",
                          "choose a kind of subject and give its number")
        return redirect(f"{PAGE}?{urlencode({'subject': rt.subject_hash(kind, number)})}", 303)

    blueprint.add_app_template_global(counts, "consent_counts")
    return blueprint
