"""Writing an application: choose a product, fill the four dimensions, change a draft, amend or
renew a grant, draft a narrowing for an institution.

These addresses take the place of the generic form, which asks for the dimensions as one document.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from pydantic import ValidationError

from app.commands.attachments import store_file
from app.commands.command import Command, commands, perform
from app.domain.amendments import (
    GRANT_MUST_BE,
    Kind,
    months_back,
    renewal_opens,
    renewed,
    widened,
)
from app.domain.canonical import parse_instant
from app.domain.refusals import Invalid, NotAllowed, NotFound, Refusal
from app.domain.workdays import day_of
from app.queries.decisions import Denial, denial
from app.queries.query import queries
from app.store.unit import read
from app.web import forms, mending, rights_form
from app.web.pages.objects import me, tell
from app.web.routes import names, plural
from app.web.vocabularies import options

CASES = "/grant-cases"
OWN = ("requested", "approved", "files", "kind", "product", "grant", "origin_decision")


@dataclass(frozen=True)
class Writing:
    """One page of writing: what is posted to, what stands in it, where it goes on cancelling.

    `member` is the member of the body that takes the dimensions; `plain` forms have none. `origin`
    is the denial it was born from. `held` are the rights of the grant it is about, `present` those
    of one that is only narrowed.
    """

    command: Command
    member: str
    product: str
    title: dict
    cancel: str
    item: Any = None
    document: dict | None = None
    plain: bool = False
    kept: dict = field(default_factory=dict)
    origin: Denial | None = None
    present: dict | None = None
    held: dict | None = None

    @property
    def home(self) -> str:
        """The list the page stands under."""
        return f"/{plural(self.command.noun)}"


def pages(rt) -> Blueprint:
    """New, edit and approve in part, each one page."""
    blueprint = Blueprint("applications", __name__)

    @blueprint.route(f"{CASES}/new", methods=["GET", "POST"])
    @names("grant_case.create")
    def new():
        return _new(rt)

    @blueprint.get("/cases/new")
    @names("grant_case.create")
    def from_denial():
        return redirect(_born_from(rt, request.args.get("from", ""),
                                   request.args.get("kind", "")), 303)

    @blueprint.route(f"{CASES}/<ref>/edit", methods=["GET", "POST"])
    @names("grant_case.edit")
    def edit(ref: str):
        return _change(rt, ref, commands()["grant_case", "edit"], "requested")

    @blueprint.route(f"{CASES}/<ref>/approve-narrowed", methods=["GET", "POST"])
    @names("grant_case.approve_narrowed")
    def narrowed(ref: str):
        return _change(rt, ref, commands()["grant_case", "approve_narrowed"], "approved")

    @blueprint.route("/grants/<ref>/propose", methods=["GET", "POST"])
    @names("grant.propose")
    def propose(ref: str):
        return _proposal(rt, ref)

    return blueprint


def _new(rt):
    command = commands()["grant_case", "create"]
    given = request.form if request.method == "POST" else request.args
    kind, grant_number = given.get("kind") or str(Kind.NEW), given.get("grant", "")
    grant = _held(rt, grant_number)
    product = grant.product_number if grant else given.get("product", "")
    if not product:
        found = queries()["product", False]
        listed = found.run(rt, me(), found.filters(state="LISTED", q=given.get("q", ""),
                                                   limit=200)).items
        return render_template("grant_case/choose.html", products=listed, q=given.get("q", ""))
    kept = {"kind": kind, "product": product, "grant": grant_number,
            "origin_decision": given.get("origin_decision", "")}
    with read(rt) as session:
        origin = denial(rt, session, me(), kept["origin_decision"])
    return _page(rt, Writing(command, "requested", product, _title(kind), CASES, kept=kept,
                             document=_begun(rt, kind, grant or _held(rt, given.get("like", "")),
                                             origin),
                             plain=kind == Kind.RESUME, origin=origin,
                             held=grant.dimensions if grant else None))


def _held(rt, number: str):
    return queries()["grant", True].run(rt, me(), number) if number else None


def _begun(rt, kind: str, grant, origin: Denial | None) -> dict | None:
    """The dimensions a form about a grant starts with: as it is, as a refused call would need it,
    or, to go on after its end, as it was used."""
    if grant is None or kind == Kind.RESUME:
        return None
    if kind in (Kind.RENEW, Kind.NEW):
        return renewed(grant.dimensions, grant.unused_fields)
    if kind == Kind.AMEND_WIDEN and origin:
        refused = queries()["decision", True].run(rt, me(), origin.number)
        asked = dict(refused.input)
        if asked.get("lookback_from"):
            asked["lookback_months"] = months_back(asked["lookback_from"],
                                                   day_of(rt.clock()))
        return widened(grant.dimensions, {one.code for one in refused.reasons}, asked,
                       version_offered(rt, grant.product_number), rt.law.purposes)
    return grant.dimensions


def _born_from(rt, decision: str, kind: str) -> str:
    """Where a denial's `request_url` leads: the form of the kind that would mend it, with the
    denial noted; where the grant is over, that of a new grant like it."""
    if not decision:
        return f"{CASES}/new"
    denied = queries()["decision", True].run(rt, me(), decision)
    given = {"product": denied.product, "origin_decision": denied.number}
    grant = _held(rt, denied.grant) if kind in (Kind.AMEND_WIDEN, Kind.RENEW) else None
    if grant and grant.state == GRANT_MUST_BE[Kind(kind)] and (
            kind == Kind.AMEND_WIDEN
            or renewal_opens(parse_instant(grant.valid_to), rt.clock())):
        given |= {"kind": kind, "grant": grant.number}
    elif grant:
        given["like"] = grant.number
    return f"{CASES}/new?{urlencode(given)}"


def _title(kind: str) -> dict:
    return {"AMEND_WIDEN": {"zh": "申请变更授权", "en": "Ask to widen a grant"},
            "AMEND_NARROW": {"zh": "申请缩减授权", "en": "Ask to narrow a grant"},
            "RENEW": {"zh": "申请续期", "en": "Ask to renew a grant"},
            "RESUME": {"zh": "申请恢复授权", "en": "Ask to resume a grant"}}.get(
                kind, {"zh": "新建授权申请", "en": "New application"})


def _change(rt, ref: str, command: Command, member: str):
    item = queries()["grant_case", True].run(rt, me(), ref)
    document = item.approved if member == "approved" and item.approved else item.requested
    return _page(rt, Writing(command, member, item.product_number,
                             {"zh": command.zh, "en": command.en}, f"{CASES}/{item.number}", item,
                             document, item.kind == Kind.RESUME, held=document))


def _proposal(rt, ref: str):
    """A narrowing starts as the grant is, so that the reviewer only takes away."""
    grant = queries()["grant", True].run(rt, me(), ref)
    command = commands()["grant", "propose"]
    present = None if grant.state == "SUSPENDED" else grant.dimensions
    return _page(rt, Writing(command, "requested", grant.product_number,
                             {"zh": command.zh, "en": command.en}, f"/grants/{grant.number}", grant,
                             present, plain=present is None, present=present))


def _page(rt, page: Writing):
    """Show the form, or act on what was posted and go to the case."""
    if not rt.staff.covers(me().roles, page.command.noun, page.command.action):
        raise NotAllowed(f"您的岗位不能办理「{page.command.zh}」",
                         f"your roles do not cover `{page.command.en}`", noun=page.command.noun,
                         action=page.command.action)
    refused = None
    model, document = page.command.body, page.document
    values = {name: getattr(page.item, name, None) for name in model.model_fields}
    if request.method == "POST":
        values = forms.again(model, request.form)
        document = rights_form.read(request.form, page.present or page.held) or document
        try:
            done = _act(rt, page, None if page.plain else document)
            tell(page.command, done)
            return redirect(f"{CASES}/{done.number}", 303)
        except NotFound:
            raise
        except (ValidationError, Refusal) as error:
            refused = error
    described = forms.describe(model, "", lambda name: options(rt, me(), name), values=values,
                               errors=mending.by_field(refused))
    rights = None if page.plain else rights_form.offered(
        rt.law, version_offered(rt, page.product), document,
        refused.facts.get("errors", ()) if isinstance(refused, Refusal) else (), page.present)
    return render_template(
        "grant_case/form.html", page=page, rights=rights,
        told=mending.told(refused, described, rights_form.lines(rights)),
        fields=[one for one in described if one["name"] not in OWN],
        takes_files="files" in model.model_fields), mending.status(refused)


def _act(rt, page: Writing, document):
    handed = [store_file(rt, me(), upload.filename, upload.read()).id
              for upload in request.files.getlist("files") if upload.filename]
    files = [*request.form.getlist("kept_file"), *handed]
    body = forms.posted(page.command.body, request.form, {"files": files})
    body = body.model_copy(update={page.member: document})
    if page.item is None:
        return perform(rt, me(), page.command, None, body)
    text = request.form.get(forms.VERSION, "")
    who = me().expecting(int(text) if text.isdecimal() and len(text) < 10 else None)
    return perform(rt, who, page.command, page.item.number, body)


def version_offered(rt, product: str):
    """The listed version of a product, as the caller may read it.

    Raises:
        Invalid: the product offers none.
    """
    found = queries()["product_version", False]
    lines = found.run(rt, me(), found.filters(product=product, state="LISTED", limit=1)).items
    if not lines:
        raise Invalid("此产品没有已上架的版本，不能申请", "this product has no listed version")
    return queries()["product_version", True].run(rt, me(), lines[0].id)
