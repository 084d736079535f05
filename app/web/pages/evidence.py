"""The file of an evidence pack, the verifier key and the newest checkpoint, as downloads."""

from urllib.parse import quote

from flask import Blueprint, Response, g

from app.domain.refusals import NotFound, Unidentified
from app.queries.evidence import pack_file
from app.web.routes import names, public


def pages(rt) -> Blueprint:
    """`/evidence-packs/<ref>/file`, `/trail-verifier.vkey`, `/trail-checkpoint.txt`."""
    blueprint = Blueprint("evidence_files", __name__)

    def file(ref: str):
        if g.caller is None:
            raise Unidentified("请先登录", "sign in first")
        found = pack_file(rt, g.caller, ref)
        return Response(found.body, mimetype="application/zip", headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "ETag": f'"{found.sha256}"'})

    def published(path):
        def show():
            if not path.exists():
                raise NotFound("尚未公布", "not published yet")
            return Response(path.read_bytes(), mimetype="text/plain")

        return show

    for url, name in (("/evidence-packs", "file"), ("/api/v1/evidence-packs", "file_programs")):
        blueprint.add_url_rule(f"{url}/<ref>/file", name, names("evidence_pack.read")(file))
    key = rt.settings.public_key_file
    for path, name in ((key, "verifier_key"), (key.with_name("trail-checkpoint.txt"), "newest")):
        blueprint.add_url_rule(f"/{path.name}", name, public(published(path)))
    return blueprint
