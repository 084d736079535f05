"""Pages for people who are not signed in yet: sign in, invitations, the first administrators,
personas of a demonstration zone."""

from flask import Blueprint, Response, g, redirect, render_template, request
from pydantic import ValidationError

from app.commands import links, own_account
from app.commands import sign_in as verbs
from app.commands.first_administrators import FirstAdministrators, create_first
from app.domain.refusals import NotAllowed, Refusal, TooMany
from app.domain.roles import Role
from app.queries.accounts import personas
from app.web import forms, key_forms, mending
from app.web.factor_step import CODE, keys_offered
from app.web.identity import give_cookie, own_page, take_cookie
from app.web.limits import hold
from app.web.problems import sentence, status_of
from app.web.routes import names, public
from app.web.words import COOKIE

NO_CODE = {"zh": "身份验证器上的 6 位数字；以安全密钥登录时不填",
           "en": "the six digits of your authenticator; none with a security key"}


def pages(rt) -> Blueprint:
    """`/sign-in`, `/sign-out`, `/invitations/<token>`, `/first/<token>`, `/personas`."""
    blueprint = Blueprint("sign_in", __name__)
    _entrance(blueprint, rt)
    _invitations(blueprint, rt)
    _first(blueprint, rt)
    _personas(blueprint, rt)
    return blueprint


def password_field(name: str, zh: str, en: str, new: bool) -> dict:
    """A password as the forms draw it; managers may fill and pasting is allowed (ASVS 6.2.7)."""
    return {"name": name, "type": "password", "required": True, "label": {"zh": zh, "en": en},
            "autocomplete": "new-password" if new else "current-password"}


def code_field(rt) -> dict:
    """A one-time code as the forms draw it; where keys are offered it says when it stays empty."""
    return CODE | ({"help": NO_CODE} if keys_offered(rt) else {})


def entered(opened: verbs.Opened, target: str) -> Response:
    """On to the page that was wanted, with the session's cookie and the account's language."""
    response = give_cookie(redirect(target, 303), opened)
    response.set_cookie(COOKIE, opened.language, secure=True, httponly=True, samesite="Strict")
    return response


def _entrance(blueprint: Blueprint, rt) -> None:
    @blueprint.get("/sign-in")
    @public
    def sign_in():
        if g.caller is not None:
            return redirect(own_page(request.args.get("next", "")), 303)
        return _asking(rt, request.args.get("next", ""))

    @blueprint.post("/sign-in")
    @public
    def enter():
        wanted = request.form.get("next", "")
        hold(rt, f"sign-in/{g.source_ip}", 120, 60)
        try:
            opened = verbs.sign_in(rt, request.form.get("login", ""),
                                   request.form.get("password", ""),
                                   request.form.get("code", ""), g.source_ip,
                                   assertion=key_forms.posted(key_forms.Assertion),
                                   offers_keys=key_forms.offers_keys())
        except TooMany:
            raise
        except Refusal as error:
            return _asking(rt, wanted, sentence(error)), status_of(error)
        return entered(opened, own_page(wanted))

    @blueprint.post("/sign-out")
    @names("session.close")
    def sign_out():
        verbs.sign_out(rt, g.caller)
        return take_cookie(redirect("/sign-in", 303))


def _asking(rt, wanted: str, error: str = "") -> str:
    fields = [{"name": "next", "type": "hidden", "value": own_page(wanted)},
              {"name": "login", "required": True, "maxlength": 64, "autocomplete": "username",
               "value": request.form.get("login", ""),
               "label": {"zh": "登录名", "en": "Login"}},
              password_field("password", "口令", "Password", new=False)]
    return render_template("sign_in/sign_in.html", fields=fields, code=code_field(rt),
                           error=error, personas=rt.settings.demo, offered=keys_offered(rt))


def _invitations(blueprint: Blueprint, rt) -> None:
    def asked(token: str, error: Refusal | None = None):
        invitation = links.invitation(rt, token)
        errors = mending.by_field(error)
        fields = [password_field("password", "新口令", "New password", new=True)
                  | {"error": errors.get("password"), "help": own_account.password_rules(
                      rt, invitation.administrator)},
                  password_field("again", "再次输入新口令", "New password again", new=True)
                  | {"error": errors.get("again")},
                  {"name": "token", "type": "hidden", "value": token}]
        return render_template("sign_in/invitation.html", invitation=invitation, fields=fields,
                               code=code_field(rt) | {"error": errors.get("code")},
                               error=sentence(error) if error else "", offered=keys_offered(rt),
                               address=rt.settings.base_url,
                               enrols=invitation.kind == links.INVITE)

    @blueprint.get("/invitations/<token>")
    @public
    def invitation(token):
        hold(rt, f"links/{g.source_ip}", 60, 60)
        return asked(token)

    @blueprint.post("/invitations/<token>")
    @public
    def accept(token):
        hold(rt, f"links/{g.source_ip}", 60, 60)
        password = request.form.get("password", "")
        enrols = links.invitation(rt, token).kind == links.INVITE
        key = key_forms.posted(key_forms.Attestation if enrols else key_forms.Assertion)
        try:
            own_account.require_twice(password, request.form.get("again", ""))
            own_account.accept(rt, token, own_account.Acceptance(
                password, request.form.get("code", ""), key, key_forms.offers_keys()),
                g.source_ip)
        except Refusal as error:
            return asked(token, error), status_of(error)
        return render_template("sign_in/ready.html", by_key=key is not None)


def _first(blueprint: Blueprint, rt) -> None:
    def asked(token: str, error: mending.Refused | None = None, values: dict | None = None):
        if links.invitation(rt, token).kind != links.FIRST:
            return redirect(f"/invitations/{token}", 303)
        fields = forms.describe(FirstAdministrators, "", lambda name: [],
                                values=values, errors=mending.by_field(error))
        return render_template("sign_in/first.html", fields=fields,
                               told=mending.told(error, fields)), mending.status(error)

    @blueprint.get("/first/<token>")
    @public
    def first(token):
        hold(rt, f"links/{g.source_ip}", 60, 60)
        return asked(token)

    @blueprint.post("/first/<token>")
    @public
    def name_first(token):
        hold(rt, f"links/{g.source_ip}", 60, 60)
        try:
            named = create_first(rt, forms.posted(FirstAdministrators, request.form), token)
        except (ValidationError, Refusal) as error:
            return asked(token, error, request.form.to_dict())
        return render_template("sign_in/named.html", named=[
            {"title": {"zh": Role(one.role).zh, "en": Role(one.role).en}, "login": one.login,
             "name": one.name, "link": one.link} for one in named])


def _personas(blueprint: Blueprint, rt) -> None:
    @blueprint.get("/personas")
    @public
    def choose():
        _require_demo(rt)
        return render_template("sign_in/personas.html", personas=personas(rt))

    @blueprint.post("/personas/<account_id>")
    @public
    def enter_as(account_id):
        _require_demo(rt)
        return entered(verbs.enter_as(rt, account_id, g.source_ip), "/")


def _require_demo(rt) -> None:
    if not (rt.settings.demo and verbs.is_this_machine(g.source_ip)):
        raise NotAllowed("仅演示环境可用", "only in a demonstration zone")
