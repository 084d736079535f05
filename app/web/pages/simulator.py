"""`/grants/<ref>/policy`: the compiled lines of a grant, and questions tried on them.

A simulation is answered to the person who asked and to nobody else: it is not sealed, counts no
use and opens nothing. The number of a data subject is hashed at once and never shown again.
"""

from datetime import date, datetime
from typing import Literal

from flask import Blueprint, jsonify, render_template, request
from pydantic import BaseModel, ConfigDict, ValidationError

from app.commands.command import Body, Text, entry
from app.domain.refusals import NotAllowed, NotFound, Refusal
from app.queries.grant_policy import grant_policy
from app.queries.simulation import Choices, Question, Simulated, choices, simulate
from app.web import forms, mending
from app.web.limits import hold
from app.web.pages.objects import me
from app.web.routes import names
from app.web.vocabularies import options

MOST, WINDOW_S = 120, 60
ALWAYS_SHOWN = ("credential", "purpose", "action", "channel", "environment", "fields")


class ToSimulate(Body):
    """A question about a grant; what is left empty is not said."""

    credential: Text = entry("凭证", "Credential", default="", widget="select", options="keys",
                             max_length=64)
    purpose: Text = entry("目的", "Purpose", default="", widget="select", options="purposes",
                          max_length=40)
    action: Text = entry("操作", "Action", default="", widget="select", options="actions",
                         max_length=40)
    channel: Text = entry("渠道", "Channel", default="", widget="select", options="channels",
                          max_length=40)
    environment: Text = entry("环境", "Environment", default="", widget="select",
                              options="environments", max_length=40)
    fields: list[Text] = entry("数据项", "Fields", default_factory=list, options="fields",
                               max_length=500, help_zh="都不勾选即为产品版本的全部数据项",
                               help_en="none ticked asks for every field of the version")
    node: Text = entry("联合建模节点", "Joint node", default="", widget="select", options="nodes",
                       max_length=64)
    at: datetime | None = entry("询问时间", "Asked at", default=None, widget="datetime-local",
                                help_zh="北京时间；留空为现在",
                                help_en="Beijing time; empty for now")
    peer: Text = entry("来源地址", "Network address", default="", max_length=64)
    app: Text = entry("应用系统", "Application", default="", widget="select", options="apps",
                      max_length=64, help_zh="留空为凭证所属的应用系统",
                      help_en="empty for the credential's own")
    user: Text = entry("操作人", "User", default="", max_length=64)
    auth_level: int = entry("认证强度", "Sign-in strength", default=0, ge=0, le=9)
    batch_size: int = entry("批量", "Batch size", default=1, ge=1, le=10_000_000)
    version: Text = entry("产品版本", "Product version", default="", widget="select",
                          options="versions", max_length=20,
                          help_zh="留空为授权范围内最新的版本",
                          help_en="empty for the newest the grant reaches")
    region: Text = entry("地区代码", "Region", default="", max_length=12)
    lookback_from: date | None = entry("数据起始日", "Records from", default=None, widget="date")
    subject_kind: Text = entry("主体类型", "Kind of subject", default="", widget="select",
                               options="subject_kinds", max_length=40)
    subject_id: Text = entry("主体证照号码", "Number of the subject", default="", max_length=64,
                             help_zh="只用于本次模拟，不留存、不回显",
                             help_en="used for this answer only, neither kept nor shown again")
    subject_authorization: Text = entry("主体授权令牌", "Subject authorization", default="",
                                        max_length=64)
    business_ref: Text = entry("业务编号", "Business number", default="", max_length=64)
    field_mode: Literal["strict", "reduce"] = entry(
        "数据项不全时", "Where a field is not allowed", default="strict", widget="select",
        options="field_modes")
    from_decision: Text = entry("来源决策", "Past decision", default="", widget="hidden",
                                max_length=64)


class Which(BaseModel):
    """Which version of the grant, the one in force where none is named."""

    model_config = ConfigDict(extra="forbid")
    n: int | None = entry("版本", "Version", default=None, ge=1, le=1_000_000)


def pages(rt) -> Blueprint:
    """The page, and the same two questions for programs."""
    blueprint = Blueprint("simulator", __name__)

    @blueprint.get("/grants/<ref>/policy")
    @names("grant_policy.read")
    def look(ref: str):
        start = choices(rt, me(), ref, request.args.get("from_decision", "").strip())
        return _page(rt, ref, start, start.start)

    @blueprint.post("/grants/<ref>/policy")
    @names("grant_policy.read")
    def ask(ref: str):
        start, refused, found = choices(rt, me(), ref), None, None
        try:
            found = _answered(rt, ref, forms.posted(ToSimulate, request.form))
        except (NotAllowed, NotFound):
            raise
        except (ValidationError, Refusal) as error:
            refused = error
        given = {**forms.again(ToSimulate, request.form), "subject_id": ""}
        status = 200 if request.headers.get("HX-Request") else mending.status(refused)
        return _page(rt, ref, start, given, found=found, refused=refused), status

    @blueprint.get("/api/v1/grants/<ref>/policy")
    @names("grant_policy.read")
    def policy_for_programs(ref: str):
        which = Which.model_validate(request.args.to_dict())
        return jsonify(grant_policy(rt, me(), ref, which.n))

    @blueprint.post("/api/v1/grants/<ref>/simulate")
    @names("grant_policy.read")
    def simulate_for_programs(ref: str):
        return jsonify(_answered(rt, ref, ToSimulate.model_validate(request.get_json())))

    return blueprint


def _answered(rt, ref: str, body: ToSimulate) -> Simulated:
    hold(rt, f"simulation:{me().account}", MOST, WINDOW_S)
    at = body.at.replace(tzinfo=rt.settings.zone) if (
        body.at and body.at.tzinfo is None) else body.at
    return simulate(rt, me(), ref, Question(**{
        **body.model_dump(), "fields": tuple(body.fields), "at": at,
        "lookback_from": body.lookback_from.isoformat() if body.lookback_from else ""}))


def _page(rt, ref: str, start: Choices, given: dict, **shown) -> str:
    refused = shown.get("refused")
    described = forms.describe(ToSimulate, "", lambda name: _options(rt, start, name),
                               values=given, errors=mending.by_field(refused))
    n = request.args.get("n", "")
    return render_template(
        "grant/policy.html", start=start, told=mending.told(refused, described),
        policy=grant_policy(rt, me(), ref, int(n) if n.isdecimal() and len(n) < 7 else None),
        main=[one for one in described if one["name"] in ALWAYS_SHOWN],
        more=[one for one in described if one["name"] not in ALWAYS_SHOWN],
        from_decision=given.get("from_decision", ""), **shown)


def _options(rt, start: Choices, name: str) -> list:
    own = {
        "keys": [(one.prefix, f"{one.prefix} · {' '.join(one.apps)}") for one in start.keys],
        "apps": [(app, app) for app in sorted({app for one in start.keys for app in one.apps})],
        "nodes": [(node, node) for node in start.nodes],
        "versions": [(text, text) for text in start.versions],
        "fields": [(code, {"zh": f"{title or code}（{code}）", "en": code})
                   for code, title in start.fields],
        "field_modes": [("strict", {"zh": "整体拒绝", "en": "refuse the call"}),
                        ("reduce", {"zh": "不返回该项", "en": "leave the field out"})]}
    return own[name] if name in own else options(rt, me(), name)
