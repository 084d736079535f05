"""Signing in for programs: the same sessions, as a bearer token instead of a cookie.

`Authorization: Bearer <token>` carries a token from here; it idles and ends as any session does
and needs no form token, because a browser never sends it by itself.
"""

from dataclasses import asdict

from flask import Blueprint, g, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from app.commands import delegations, links, own_account
from app.commands import sign_in as verbs
from app.commands.command import Text
from app.commands.first_administrators import FirstAdministrators, create_first
from app.domain.canonical import instant
from app.queries.delegations import usable
from app.queries.sessions import sessions_of
from app.web.limits import hold
from app.web.routes import names, public

PREFIX = "/api/v1"


class Proof(BaseModel):
    """What somebody proves themselves by; taken as entered, never shown."""

    model_config = ConfigDict(extra="forbid")


class SignIn(Proof):
    login: str = Field(max_length=64)
    password: str = Field(max_length=1024, repr=False)
    code: str = Field(max_length=8, repr=False)


class Code(Proof):
    code: str = Field(max_length=8, repr=False)


class NewPassword(Proof):
    present: str = Field(max_length=1024, repr=False)
    password: str = Field(max_length=1024, repr=False)


class Link(Proof):
    token: str = Field(max_length=128, repr=False)


class Acceptance(Link):
    password: str = Field(max_length=1024, repr=False)
    code: str = Field(max_length=8, repr=False)


class First(FirstAdministrators):
    token: Text = Field(max_length=128, repr=False)


class Interests(Proof):
    interests: list[str] = Field(max_length=200)


class Acting(Proof):
    delegation: str = Field("", max_length=64)


def pages(rt) -> Blueprint:
    """`/api/v1/session`, `/api/v1/invitations`, `/api/v1/first-administrators`."""
    blueprint = Blueprint("session_api", __name__, url_prefix=PREFIX)
    _sessions(blueprint, rt)
    _own(blueprint, rt)
    _links(blueprint, rt)
    return blueprint


def _told(model):
    return model.model_validate(request.get_json())


def _opened(opened: verbs.Opened, status: int = 201):
    return jsonify({"token": opened.token, "token_type": "Bearer", "account": opened.account,
                    "name": opened.name, "ends_at": instant(opened.ends_at)}), status


def _sessions(blueprint: Blueprint, rt) -> None:
    @blueprint.post("/session")
    @public
    def sign_in():
        hold(rt, f"sign-in/{g.source_ip}", 120, 60)
        told = _told(SignIn)
        return _opened(verbs.sign_in(rt, told.login, told.password, told.code, g.source_ip))

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
        verbs.confirm_factor(rt, g.caller, _told(Code).code)
        return "", 204

    @blueprint.post("/session/password")
    @names("account.set_password")
    def set_password():
        told = _told(NewPassword)
        return _opened(own_account.change_password(rt, g.caller, told.present, told.password))

    @blueprint.put("/session/interests")
    @names("person.declare_interests")
    def declare_interests():
        declared = own_account.declare_interests(rt, g.caller, _told(Interests).interests)
        return jsonify({"interests": declared})

    @blueprint.post("/session/acting")
    @names("session.act_under")
    def act_under():
        delegations.act_under(rt, g.caller, _told(Acting).delegation)
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
        own_account.accept(rt, told.token, told.password, told.code, g.source_ip)
        return "", 204

    @blueprint.post("/first-administrators")
    @public
    def name_first():
        hold(rt, f"links/{g.source_ip}", 60, 60)
        told = _told(First)
        body = FirstAdministrators(**told.model_dump(exclude={"token"}))
        return jsonify([asdict(one) for one in create_first(rt, body, told.token)]), 201
