"""What everybody may do about themselves: password, second factor again, whom they act for."""

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext
from pydantic import BaseModel, Field

from app.commands import delegations, own_account, security_keys
from app.commands import sign_in as verbs
from app.commands.command import Text
from app.domain.refusals import FactorNeeded, Invalid, Refusal
from app.queries.delegations import usable
from app.queries.sessions import factors_of, interests_of, sessions_of
from app.web import key_forms, mending
from app.web.factor_step import CODE, confirm_step, keys_offered, step
from app.web.identity import give_cookie, own_page, renew
from app.web.pages.sign_in import password_field
from app.web.problems import sentence, status_of
from app.web.routes import names


def pages(rt) -> Blueprint:
    """`/me`, `/me/password`, `/me/keys`, `/me/acting`, `/step-up`."""
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
            confirm_step(rt)
            renew(rt, own_account.change_password(
                rt, g.caller, request.form.get("present", ""), password))
        except Refusal as error:
            return _shown(rt, error), status_of(error)
        flash(gettext("口令已修改，其他会话均已结束"), "green")
        return redirect("/me", 303)

    @blueprint.post("/me/acting")
    @names("session.act_under")
    def act_under():
        try:
            opened = delegations.act_under(rt, g.caller, request.form.get("delegation", ""))
        except FactorNeeded:
            return redirect("/step-up?next=/me", 303)
        return give_cookie(redirect(own_page(request.form.get("next", "/me")), 303), opened)

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

    _keys(blueprint, rt)
    _step_up(blueprint, rt)
    return blueprint


class KeyName(BaseModel):
    """What a person calls a key."""

    name: Text = Field("", max_length=40)


def _keys(blueprint: Blueprint, rt) -> None:
    @blueprint.post("/me/keys")
    @names("account.add_key")
    def add_key():
        answer = key_forms.posted(key_forms.Attestation)
        name = KeyName(name=request.form.get("name", "")).name.strip()
        try:
            if answer is None:
                raise Invalid("此浏览器未提供安全密钥", "the browser sent no security key")
            security_keys.add(rt, g.caller, name, answer)
        except FactorNeeded:
            return redirect("/step-up?next=/me", 303)
        except Refusal as error:
            return _shown(rt, error), status_of(error)
        flash(gettext("安全密钥已登记"), "green")
        return redirect("/me", 303)

    @blueprint.post("/me/keys/<key_id>/remove")
    @names("account.remove_key")
    def remove_key(key_id):
        try:
            security_keys.remove(rt, g.caller, key_id)
        except FactorNeeded:
            return redirect("/step-up?next=/me", 303)
        except Refusal as error:
            return _shown(rt, error), status_of(error)
        flash(gettext("安全密钥已移除"), "green")
        return redirect("/me", 303)


def _shown(rt, error: Refusal | None = None) -> str:
    errors = mending.by_field(error)
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
    key_name = {"name": "name", "maxlength": 40,
                "label": {"zh": "密钥名称", "en": "Name of the key"},
                "help": {"zh": "便于日后辨认，如“办公电脑”“蓝色密钥”",
                         "en": "to know it again, such as office laptop or blue key"}}
    return render_template("me/me.html", interests=[declared], fields=fields,
                           error=sentence(error) if error else "", key_name=[key_name],
                           factors=factors_of(rt, g.caller), fresh=g.caller.factor_fresh,
                           factor=None if g.caller.factor_fresh else step(rt, g.caller),
                           offered=keys_offered(rt), key_due=g.present.key_is_due,
                           due=g.present.password_is_due, acting=g.present.delegator,
                           delegations=usable(rt, g.caller), sessions=sessions_of(rt, g.caller))


def _step_up(blueprint: Blueprint, rt) -> None:
    def asked(wanted: str, error: str = "") -> str:
        fields = [{"name": "next", "type": "hidden", "value": own_page(wanted)}]
        return render_template("me/step_up.html", fields=fields, code=CODE, error=error,
                               back=own_page(wanted), shown=verbs.code_for_demo(rt, g.caller),
                               factors=factors_of(rt, g.caller), offered=keys_offered(rt),
                               address=rt.settings.base_url)

    @blueprint.get("/step-up")
    @names("session.confirm_factor")
    def ask_again():
        return asked(request.args.get("next", ""))

    @blueprint.post("/step-up")
    @names("session.confirm_factor")
    def confirm():
        wanted = request.form.get("next", "")
        try:
            opened = verbs.confirm_factor(rt, g.caller, request.form.get("code", ""),
                                          assertion=key_forms.posted(key_forms.Assertion))
        except Refusal as error:
            return asked(wanted, sentence(error)), status_of(error)
        return give_cookie(redirect(own_page(wanted), 303), opened)
