"""Signing in for programs: the same sessions, as a bearer token instead of a cookie.

`Authorization: Bearer <token>` carries a token from here; it idles and ends as any session does
and needs no form token, because a browser never sends it by itself.
"""

from dataclasses import asdict, replace

from flask import Blueprint, g, jsonify, request
from pydantic import BaseModel, ConfigDict, model_validator

from app.commands import challenges, delegations, links, own_account, security_keys
from app.commands import sign_in as verbs
from app.commands.command import Text, entry
from app.commands.first_administrators import FirstAdministrators, create_first
from app.domain.canonical import instant
from app.queries.delegations import usable
from app.queries.sessions import factors_of, sessions_of
from app.web.identity import bearer_of, give_cookie
from app.web.key_forms import Assertion, Attestation, plain
from app.web.limits import hold
from app.web.routes import names, public

PREFIX = "/api/v1"


class Proof(BaseModel):
    """What somebody proves themselves by; taken as entered, never shown."""

    model_config = ConfigDict(extra="forbid")


class Factor(Proof):
    """The second factor: a code, or the answer of a security key to a challenge from here."""

    code: str = entry("验证码", "Code", default="", max_length=8, repr=False)
    assertion: Assertion | None = entry("安全密钥的答复", "Answer of a security key",
                                        default=None, repr=False)

    @model_validator(mode="after")
    def one_of_both(self):
        if bool(self.code) == bool(self.assertion):
            raise ValueError("give `code` or `assertion`")
        return self


class SignIn(Factor):
    login: str = entry("登录名", "Login", max_length=64)
    password: str = entry("口令", "Password", max_length=1024, repr=False)


class Login(Proof):
    login: str = entry("登录名", "Login", max_length=64)


class NewPassword(Proof):
    present: str = entry("现用口令", "Present password", max_length=1024, repr=False)
    password: str = entry("新口令", "New password", max_length=1024, repr=False)


class Link(Proof):
    token: str = entry("链接中的令牌", "Token of the link", max_length=128, repr=False)


class Acceptance(Link):
    """An invitation is accepted with a first code or a new key (`attestation`), a password link
    with a code or an answer of a key there is (`assertion`)."""

    password: str = entry("口令", "Password", max_length=1024, repr=False)
    code: str = entry("验证码", "Code", default="", max_length=8, repr=False)
    assertion: Assertion | None = entry("安全密钥的答复", "Answer of a security key",
                                        default=None, repr=False)
    attestation: Attestation | None = entry("新安全密钥的登记", "Registration of a new key",
                                            default=None, repr=False)

    @model_validator(mode="after")
    def one_of_three(self):
        if [bool(self.code), bool(self.assertion), bool(self.attestation)].count(True) != 1:
            raise ValueError("give `code`, `assertion` or `attestation`")
        return self


class NewKey(Proof):
    name: Text = entry("密钥名称", "Name of the key", default="", max_length=40)
    attestation: Attestation = entry("新安全密钥的登记", "Registration of a new key", repr=False)


class First(FirstAdministrators):
    token: Text = entry("链接中的令牌", "Token of the link", max_length=128, repr=False)


class Interests(Proof):
    interests: list[str] = entry("利害关系机构", "Institutions of interest", max_length=200)


class Acting(Proof):
    delegation: str = entry("委托编号；留空为本人办理", "Delegation; empty to act for oneself",
                            default="", max_length=64)


def pages(rt) -> Blueprint:
    """`/api/v1/session`, `/api/v1/invitations`, `/api/v1/first-administrators`."""
    blueprint = Blueprint("session_api", __name__, url_prefix=PREFIX)
    _sessions(blueprint, rt)
    _own(blueprint, rt)
    _keys(blueprint, rt)
    _links(blueprint, rt)
    return blueprint


def _told(model):
    return model.model_validate(request.get_json())


def _opened(opened: verbs.Opened, status: int = 201):
    return jsonify({"token": opened.token, "token_type": "Bearer", "account": opened.account,
                    "name": opened.name, "ends_at": instant(opened.ends_at)}), status


def _renewed(opened: verbs.Opened):
    """The session under its new id: a program is told it, a browser gets it as its cookie only."""
    if bearer_of(request):
        return _opened(opened)
    response, status = _opened(replace(opened, token=""))
    response.status_code = status
    return give_cookie(response, opened)


def _asked(options: dict):
    """What a page hands to `navigator.credentials`; bytes are base64url."""
    return jsonify({"publicKey": options})


def _sessions(blueprint: Blueprint, rt) -> None:
    @blueprint.post("/session")
    @public
    def sign_in():
        hold(rt, f"sign-in/{g.source_ip}", 120, 60)
        told = _told(SignIn)
        return _opened(verbs.sign_in(rt, told.login, told.password, told.code, g.source_ip,
                                     assertion=plain(told.assertion)))

    @blueprint.post("/session/challenge")
    @public
    def challenge():
        hold(rt, f"sign-in/{g.source_ip}", 120, 60)
        return _asked(challenges.to_sign_in(rt, _told(Login).login))

    @blueprint.get("/session")
    @names("session.read")
    def who():
        caller = g.caller
        return jsonify({
            "account": caller.account, "person": caller.person, "name": caller.name,
            "roles": sorted(caller.roles), "institution": caller.institution,
            "department": caller.department, "capacity": caller.capacity,
            "on_behalf_of": caller.on_behalf_of, "factor_fresh": caller.factor_fresh,
            "password_is_due": g.present.password_is_due,
            "sessions": [asdict(one) for one in sessions_of(rt, caller)],
            "delegations": [asdict(one) for one in usable(rt, caller)]})

    @blueprint.delete("/session")
    @names("session.close")
    def sign_out():
        verbs.sign_out(rt, g.caller)
        return "", 204


def _own(blueprint: Blueprint, rt) -> None:
    @blueprint.post("/session/factor")
    @names("session.confirm_factor")
    def confirm_factor():
        told = _told(Factor)
        return _renewed(verbs.confirm_factor(rt, g.caller, told.code,
                                             assertion=plain(told.assertion)))

    @blueprint.post("/session/factor/challenge")
    @names("session.confirm_factor")
    def confirm_challenge():
        _told(Proof)
        hold(rt, f"challenges/{g.caller.account}", 60, 60)
        return _asked(challenges.to_confirm(rt, g.caller))

    @blueprint.post("/session/password")
    @names("account.set_password")
    def set_password():
        told = _told(NewPassword)
        return _renewed(own_account.change_password(rt, g.caller, told.present, told.password))

    @blueprint.put("/session/interests")
    @names("person.declare_interests")
    def declare_interests():
        declared = own_account.declare_interests(rt, g.caller, _told(Interests).interests)
        return jsonify({"interests": declared})

    @blueprint.post("/session/acting")
    @names("session.act_under")
    def act_under():
        return _renewed(delegations.act_under(rt, g.caller, _told(Acting).delegation))


def _keys(blueprint: Blueprint, rt) -> None:
    @blueprint.get("/session/keys")
    @names("session.read")
    def keys():
        return jsonify({"key_is_due": g.present.key_is_due} | asdict(factors_of(rt, g.caller)))

    @blueprint.post("/session/keys/challenge")
    @names("account.add_key")
    def add_challenge():
        _told(Proof)
        hold(rt, f"challenges/{g.caller.account}", 60, 60)
        return _asked(challenges.to_add(rt, g.caller))

    @blueprint.post("/session/keys")
    @names("account.add_key")
    def add_key():
        told = _told(NewKey)
        key = security_keys.add(rt, g.caller, told.name.strip(), plain(told.attestation))
        return jsonify({"id": key}), 201

    @blueprint.delete("/session/keys/<ref>")
    @names("account.remove_key")
    def remove_key(ref):
        security_keys.remove(rt, g.caller, ref)
        return "", 204


def _links(blueprint: Blueprint, rt) -> None:
    @blueprint.post("/invitations/look")
    @public
    def look():
        hold(rt, f"links/{g.source_ip}", 60, 60)
        found = links.invitation(rt, _told(Link).token)
        return jsonify({"kind": found.kind, "login": found.login, "name": found.name,
                        "secret": found.secret})

    @blueprint.post("/invitations/accept")
    @public
    def accept():
        hold(rt, f"links/{g.source_ip}", 60, 60)
        told = _told(Acceptance)
        own_account.accept(rt, told.token, own_account.Acceptance(
            told.password, told.code, plain(told.assertion or told.attestation)), g.source_ip)
        return "", 204

    @blueprint.post("/invitations/challenge")
    @public
    def link_challenge():
        hold(rt, f"links/{g.source_ip}", 60, 60)
        return _asked(challenges.to_use_link(rt, _told(Link).token))

    @blueprint.post("/first-administrators")
    @public
    def name_first():
        hold(rt, f"links/{g.source_ip}", 60, 60)
        told = _told(First)
        body = FirstAdministrators(**told.model_dump(exclude={"token"}))
        return jsonify([asdict(one) for one in create_first(rt, body, told.token)]), 201
