"""The printed copy of an instrument, and its verification by code, which is open to strangers."""

from dataclasses import asdict
from urllib.parse import quote

from flask import Blueprint, Response, g, jsonify, render_template, request

from app.commands.verifications import verify
from app.domain.refusals import NotFound, Unidentified
from app.queries.notices import printed
from app.web.routes import names, public


def pages(rt) -> Blueprint:
    """`/notices/<ref>/file`, `/verify`, `/verify/<code>`, and the last two for programs."""
    blueprint = Blueprint("notice_files", __name__)

    def copy(ref: str):
        if g.caller is None:
            raise Unidentified("请先登录", "sign in first")
        found = printed(rt, g.caller, ref)
        return Response(found.body, mimetype="application/pdf", headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "ETag": f'"{found.sha256}"'})

    def lookup(code: str = ""):
        asked = (code or request.args.get("code", "")).strip()[:40]
        try:
            found = verify(rt, asked, g.source_ip) if asked else None
        except NotFound:
            found = None
        return render_template("verify.html", asked=asked, found=found), (
            404 if asked and found is None else 200)

    def lookup_json(code: str):
        return jsonify(asdict(verify(rt, code, g.source_ip)))

    blueprint.add_url_rule("/notices/<ref>/file", "copy", names("notice.read")(copy))
    blueprint.add_url_rule("/api/v1/notices/<ref>/file", "copy_for_programs", copy)
    blueprint.add_url_rule("/verify", "verify", public(lookup))
    blueprint.add_url_rule("/verify/<code>", "verify_code", lookup)
    blueprint.add_url_rule("/api/v1/verifications/<code>", "verify_json", public(lookup_json))
    return blueprint
