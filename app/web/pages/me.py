"""What everybody may do about themselves: password, second factor again, whom they act for."""

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext

from app.commands import delegations, own_account
from app.commands import sign_in as verbs
from app.domain.refusals import FactorNeeded, Invalid, Refusal
from app.queries.delegations import usable
from app.queries.sessions import interests_of, sessions_of
from app.web import forms
from app.web.identity import give_cookie, own_page
from app.web.pages.sign_in import CODE, password_field, sentence
from app.web.problems import status_of
from app.web.routes import names
from app.web.words import spoken


def pages(rt) -> Blueprint:
    """`/me`, `/me/password`, `/me/acting`, `/step-up`."""
    blueprint = Blueprint("me", __name__)

    @blueprint.get("/me")
    @names("session.read")
    def me():
        return _shown(rt)

    @blueprint.post("/me/password")
    @names("account.set_password")
    def set_password():
        password = request.form.get("password", "")
        try:
            own_account.require_twice(password, request.form.get("again", ""))
            opened = own_account.change_password(rt, g.caller, request.form.get("present", ""),
                                                 password)
        except FactorNeeded:
            return redirect("/step-up?next=/me", 303)
        except Refusal as error:
            return _shown(rt, error), status_of(error)
        flash(gettext("口令已修改，其他会话均已结束"), "green")
        return give_cookie(redirect("/me", 303), opened)

    @blueprint.post("/me/acting")
    @names("session.act_under")
    def act_under():
        delegations.act_under(rt, g.caller, request.form.get("delegation", ""))
        return redirect(own_page(request.form.get("next", "/me")), 303)

    @blueprint.post("/me/interests")
    @names("person.declare_interests")
    def declare():
        refs = [line.strip() for line in request.form.get("interests", "").splitlines()]
        try:
            own_account.declare_interests(rt, g.caller, [ref for ref in refs if ref])
        except Invalid as error:
            return _shown(rt, error), status_of(error)
        flash(gettext("利害关系已申报"), "green")
        return redirect("/me", 303)

    _step_up(blueprint, rt)
    return blueprint


def _shown(rt, error: Refusal | None = None) -> str:
    errors = forms.mending(error, spoken() == "en") if error and error.facts.get("errors") else {}
    fields = [password_field("present", "原口令", "Present password", new=False),
              password_field("password", "新口令", "New password", new=True)
              | {"error": errors.get("password")},
              password_field("again", "再次输入新口令", "New password again", new=True)
              | {"error": errors.get("again")}]
    declared = {"name": "interests", "type": "textarea",
                "value": "\n".join(interests_of(rt, g.caller)), "error": errors.get("interests"),
                "label": {"zh": "机构或部门编号", "en": "Institution or department numbers"},
                "help": {"zh": "每行一个；与其有关的案件您将回避",
                         "en": "one a line; you take no part in their cases"}}
    return render_template("me/me.html", interests=[declared], fields=fields,
                           error=sentence(error) if error else "",
                           due=g.present.password_is_due, acting=g.present.delegator,
                           delegations=usable(rt, g.caller), sessions=sessions_of(rt, g.caller))


def _step_up(blueprint: Blueprint, rt) -> None:
    def asked(wanted: str, error: str = "") -> str:
        fields = [{"name": "next", "type": "hidden", "value": own_page(wanted)}, CODE]
        return render_template("me/step_up.html", fields=fields, error=error,
                               back=own_page(wanted), code=verbs.code_for_demo(rt, g.caller))

    @blueprint.get("/step-up")
    @names("session.confirm_factor")
    def ask_again():
        return asked(request.args.get("next", ""))

    @blueprint.post("/step-up")
    @names("session.confirm_factor")
    def confirm():
        wanted = request.form.get("next", "")
        try:
            verbs.confirm_factor(rt, g.caller, request.form.get("code", ""))
        except Refusal as error:
            return asked(wanted, sentence(error)), status_of(error)
        return redirect(own_page(wanted), 303)
