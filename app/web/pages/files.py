"""Files that were handed in: taken as they are, given back as attachments no browser runs."""

from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request

from app.commands.attachments import store_file
from app.domain.refusals import Invalid
from app.queries.attachments import attachment_file
from app.web.pages.objects import me
from app.web.routes import names


def pages(rt) -> Blueprint:
    """`/attachments/<sha256>`, and for programs `POST /api/v1/attachments` with one `file`."""
    blueprint = Blueprint("attachment_files", __name__)

    def give(sha256: str):
        found = attachment_file(rt, me(), sha256)
        return download(found.body, found.name, found.media_type, ETag=f'"{found.sha256}"')

    def take():
        name, body = sent_file("file")
        done = store_file(rt, me(), name, body)
        return jsonify(noun=done.noun, id=done.id, number=done.number, state=done.state), 201

    for url, name in (("/attachments", "file"), ("/api/v1/attachments", "file_programs")):
        blueprint.add_url_rule(f"{url}/<sha256>", name, names("attachment.read")(give))
    blueprint.add_url_rule("/api/v1/attachments", "take", names("attachment.store")(take),
                           methods=["POST"])
    return blueprint


def sent_file(field: str) -> tuple[str, bytes]:
    """The name and bytes of the one file a form sends under ``field``.

    Raises:
        Invalid: there is none.
    """
    upload = request.files.get(field)
    if upload is None or not upload.filename:
        raise Invalid("请选择文件", "choose a file",
                      errors=[{"at": field, "zh": "请选择文件", "en": "choose a file"}])
    return upload.filename, upload.read()


def download(body: bytes, name: str, media_type: str, **headers: str) -> Response:
    """Bytes as an attachment that no browser runs. Source: OWASP ASVS 5.0 5.4.1."""
    return Response(body, mimetype=media_type, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", **headers})
