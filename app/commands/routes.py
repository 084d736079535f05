"""Routes of gateways: one person proposes what calls mean, another approves it; one may end it."""

from typing import Any

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task
from app.commands.command import Body, Done, Empty, Reasoned, Text, command, entry
from app.commands.filing import hand_on, permitted, proposed, refuse
from app.domain.callers import Caller
from app.domain.paths import Ambiguous, host_of
from app.domain.routes import (
    MEMBERS,
    ROUTE,
    TITLES,
    Method,
    State,
    differences,
    shape_of,
    source_faults,
)
from app.store.situations_gateways import PLAIN, route_situation, text_of
from app.store.tables_gateways import Route
from app.store.tables_supply import Product
from app.store.unit import Act, begin


def said(name: str, example: str = "", **more) -> Any:
    """A member that says where something is taken from."""
    hint = {"help_zh": f"如 {example}", "help_en": f"such as {example}"} if example else {}
    return entry(*TITLES[name], **{"default": "", "max_length": 270, **hint, **more})


class RouteText(Body):
    """What a route says. A source is `fixed:…`, `header:…`, `path:…`, `query:…` or `credential`."""

    name: Text = said("name", default=..., min_length=2, max_length=100)
    host: Text = said("host", "data.example.org", default=..., max_length=253)
    method: Method = said("method", default=..., max_length=None)
    pattern: Text = said("pattern", "/products/{product}/rows", default=..., max_length=500)
    action: Text = said("action", default=..., widget="select", options="actions")
    channel: Text = said("channel", default=..., widget="select", options="channels")
    environment: Text = said("environment", default=..., widget="select", options="environments")
    caller: Text = said("caller", "header:x-client-app / credential", default=...)
    product: Text = said("product", "fixed:PRD-000001 / path:product", default=...)
    purpose: Text = said("purpose", "fixed:PF.CRD.NEW / header:x-purpose")
    grant: Text = said("grant", "header:x-grant")
    fields: Text = said("fields", "query:fields")
    business_ref: Text = said("business_ref", "header:x-business-ref")
    user: Text = said("user", "header:x-user")
    region: Text = said("region", "query:region")
    lookback_from: Text = said("lookback_from", "query:from")
    subject_kind: Text = said("subject_kind", "fixed:ENTERPRISE")
    subject: Text = said("subject", "query:subject")
    subject_authorization: Text = said("subject_authorization", "header:x-consent")


@command("route.create", "提出路由", "Propose a route", creates=True)
def create(rt, caller: Caller, body: RouteText) -> Done:
    """The route means nothing yet: another person approves it first (INV-04)."""
    with begin(rt, caller) as act:
        permitted(act, "route", "create")
        columns = _columns(act, body)
        row = act.create(Route, number=act.number("RT"), state=str(State.PROPOSED),
                         proposed_by=caller.person, **columns)
        act.record("route.create", f"route/{row.id}", number=row.number, **_sealed(columns))
        for role in sorted(act.rt.staff.roles_for("route", "approve")):
            open_task(act, row, "approve", role, f"批准网关路由：{row.name}")
    return done(row)


@command("route.approve", "批准", "Approve", factor=True)
def approve(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """Another person than the proposer puts it in force; it counts from the next call on."""
    return _move(rt, caller, ref, "approve", "")


@command("route.decline", "不批准", "Decline")
def decline(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    return _move(rt, caller, ref, "decline", body.reason)


@command("route.retire", "停用", "Retire", factor=True)
def retire(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """One person ends a route; the next call on it is refused (INV-04)."""
    return _move(rt, caller, ref, "retire", body.reason)


class Amendment(Body):
    """The route as it shall read; left empty by whoever signs what is already proposed."""

    text: RouteText | None = entry("变更后的内容", "Amended route", default=None)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("route.amend", "变更", "Amend", factor=True)
def amend(rt, caller: Caller, ref: str, body: Amendment) -> Done:
    """One person proposes how it shall read, another approves; both see what changes."""
    with begin(rt, caller) as act:
        row = act.open(Route, ref)
        given = {"text": body.text.model_dump(mode="json") if body.text else None}
        payload = proposed(act, row, "amend", given)
        text = RouteText.model_validate(payload["text"])
        columns = _columns(act, text)
        diff = differences(text_of(row), text.model_dump(mode="json"))
        step = advance(act, ROUTE, row, "amend", route_situation(rt, act.session, caller, row,
                                                                 body.reason),
                       payload=payload, record={"diff": diff})
        hand_on(act, row, step, row.name)
        if step:
            for name, value in columns.items():
                setattr(row, name, value)
            act.affects("route", row.id)
    return done(row, step, diff=diff)


def _move(rt, caller: Caller, ref: str, action: str, reason: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Route, ref)
        step = advance(act, ROUTE, row, action,
                       route_situation(rt, act.session, caller, row, reason))
        close_tasks(act, row)
        if row.state == State.RETIRED:
            row.place = row.id  # its place is free for another
        act.affects("route", row.id, stops=step.move.stops)
    return done(row, step)


def _columns(act: Act, body: RouteText) -> dict[str, Any]:
    """The columns of what was said.

    Raises:
        Invalid: naming every member to mend.
    """
    said = body.model_dump(mode="json")
    sources = {name: said[name] for name in MEMBERS if said[name]}
    wrong = source_faults(body.pattern, {name: said[name] for name in MEMBERS})
    words = act.rt.law.vocabulary
    wrong += [(name, "没有这个代码", "there is no such code") for name, known in (
        ("action", words.actions), ("channel", words.channels),
        ("environment", words.environments)) if said[name] not in known]
    kind, _, number = said["product"].partition(":")
    if kind == "fixed" and not act.first(select(Product.id).where(Product.number == number)):
        wrong.append(("product", "没有这个编号的产品", "no product has this number"))
    try:
        host = host_of(body.host)
    except Ambiguous:
        wrong.append(("host", "须是主机名，不含协议、路径", "a host name, without scheme or path"))
    refuse(wrong, "ROUTE.FAULTY")
    plain = {name: said[name] for name in PLAIN}
    return {**plain, "host": host, "sources": sources,
            "place": f"{host} {body.method} {shape_of(body.pattern)}"}


def _sealed(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: columns[name] for name in ("host", "method", "pattern", "action", "channel",
                                             "environment", "sources")}
