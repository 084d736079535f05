"""The OpenAPI 3.1 document: written from what is served, never by hand beside it.

Schemas come from the models that read the input and make the answers; models of one name in
different places keep their own schema. Sentences are Chinese first, then English.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, TypeAdapter

from app.web.api import lane_document, receipt_document
from app.web.api.kept import Upload, kept
from app.web.api.operations import PREFIX, Files, Operation, Ref, both, declared
from app.web.identity import COOKIE
from app.web.problems import HTTP_TITLES, STATUS

SCHEMAS = "#/components/schemas/"
READS = (400, 401, 403, 404, 422, 429, 503)
WRITES = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)
TAGS = {"type": "string", "pattern": '^"(v[0-9]{1,9}|[0-9a-f]{64})"$'}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description":
               both("`POST /api/v1/session` 给出的令牌", "the token of `POST /api/v1/session`")},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE,
                "description": both("浏览器会话", "the session of a browser")},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description":
             both("以会话 Cookie 更改时须同时提交", "needed beside the cookie to change anything")},
}
PLACES = {
    "ref": Ref.model_json_schema()["properties"]["ref"],
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$",
               "title": both("文件摘要 SHA-256", "SHA-256 digest of the file")},
    "code": {"type": "string", "minLength": 1, "maxLength": 40, "title": both("验证码", "code")},
    "kind": {"type": "string", "enum": ["csv", "xlsx"], "title": both("文件类型", "kind of file")},
}
MATCH = {"name": "If-Match", "in": "header", "required": False, "schema": {
    "type": "string", "pattern": r'^(\*|(W/)?"v[0-9]{1,9}")$',
    "title": both("对象的 ETag；已变则拒绝", "the object's ETag; refused when it has changed")}}
NONE_MATCH = {"name": "If-None-Match", "in": "header", "required": False, "schema": {
    "type": "string",
    "title": both("已有的 ETag；未变则 304", "the known ETag; 304 when unchanged")}}
ABOUT = both("""\
凡页面能办的，接口都能办，同样受岗位、范围与状态约束。错误以 RFC 9457 文档返回；
未知成员一律拒绝（判定接口除外，见其说明）。更新时以 If-Match 带上对象的 ETag。""", """\
Whatever a page does, this API does, within the same roles, scopes and states. Errors are RFC 9457
documents; unknown members are refused, except by the decision endpoints, which say so. Send the
object's ETag as If-Match when changing it.""", "\n\n")


class Problem(BaseModel):
    """An RFC 9457 problem document: says what to mend; facts of the case stand beside."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    messages: dict[str, str]


class Documented(OpenAPI):
    """An application that writes its document from what it serves."""

    @property
    def api_doc(self) -> dict:
        if not self.spec_json:
            self.spec_json = document(self, self.extensions["hufu"].law)
        return self.spec_json


def document(app: Flask, law) -> dict[str, Any]:
    """The whole document of an application and of the decision lane before it."""
    operations = [*declared(), *kept(app)]
    refs, schemas = shapes(operations)
    paths = lane_document.paths(law) | receipt_document.paths()
    for operation in operations:
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method] = described(operation, refs, schemas)
    tags = sorted({tag for item in paths.values() for one in item.values() for tag in one["tags"]})
    return {
        "openapi": "3.1.0", "info": {"title": "Hufu 虎符", "version": "1", "description": ABOUT},
        "tags": [{"name": tag} for tag in tags], "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas | lane_document.schemas(law) | receipt_document.schemas(),
            "responses": {f"Problem{status}": problem(status) for status in WRITES},
            "securitySchemes": SECURITY | lane_document.SECURITY}}


def shapes(operations: Iterable[Operation]) -> tuple[dict, dict[str, Any]]:
    """The schema of each model by (model, mode), and the shared schemas they point to."""
    wanted: dict[tuple, tuple] = {(Problem, "serialization"): (Problem, "serialization")}
    for one in operations:
        for model, mode in ((one.takes, "validation"), (one.filters, "validation"),
                            (one.gives, "serialization")):
            if model is not None and not isinstance(model, Files):
                wanted[model, mode] = (model, mode)
    found, whole = TypeAdapter.json_schemas(
        [(model, mode, TypeAdapter(model)) for model, mode in wanted],
        ref_template=SCHEMAS + "{model}")
    text = json.dumps([list(found.values()), whole["$defs"]], ensure_ascii=False)
    # Two models of one name are told apart by their module: `grant_cases.NewCase`.
    schemas, definitions = json.loads(re.sub(r"app__(?:[a-z]+__)?(\w+?)__(?=[A-Z])", r"\1.", text))
    return dict(zip(found, schemas, strict=True)), definitions


def problem(status: int) -> dict[str, Any]:
    """A problem answer of this status."""
    titles = [(kind.title_zh, kind.title_en) for kind, known in STATUS.items() if known == status]
    said = "；".join(f"{zh} / {en}" for zh, en in titles or [HTTP_TITLES[status]])
    return {"description": said, "content": {"application/problem+json": {
        "schema": {"$ref": SCHEMAS + "Problem"}}}}


def described(one: Operation, refs: dict, schemas: dict) -> dict[str, Any]:
    """One operation of the document."""
    reads = one.method == "get"
    answers: dict[str, Any] = {str(one.status): answer(one, refs, schemas)}
    if reads and "headers" in answers["200"] and not isinstance(one.gives, Files):
        answers["304"] = {"description": both("未变", "not modified"),
                          "headers": answers["200"]["headers"]}
    for status in READS if reads else WRITES:
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    found = {
        "tags": [one.tag], "summary": f"{one.zh} · {one.en}",
        "operationId": f"{one.method}:{one.path}",
        "parameters": parameters(one, refs, schemas, "304" in answers), "responses": answers,
        "security": [] if one.is_public else [
            {"bearer": []}, {"session": []} if reads else {"session": [], "csrf": []}]}
    if not one.path.startswith(PREFIX):
        found["description"] = both(
            "请以 Accept: application/json 取得问题文档，否则为页面",
            "send Accept: application/json for problems, else they are pages")
    if one.takes is not None:
        kind = "multipart/form-data" if one.takes is Upload else "application/json"
        found["requestBody"] = {"required": True, "content": {
            kind: {"schema": refs[one.takes, "validation"]}}}
    return found


def answer(one: Operation, refs: dict, schemas: dict) -> dict[str, Any]:
    """The successful answer, with its ETag where the object has a version."""
    tag = {"ETag": {"schema": TAGS, "description": both("对象版本", "the version of the object")}}
    if one.gives is None:
        return {"description": both("已办理，无内容", "done, nothing to say")}
    if isinstance(one.gives, Files):
        found: dict[str, Any] = {"description": both("文件", "the file"), "content": {
            kind: {"schema": {}} for kind in one.gives.kinds}}
        return found | ({"headers": tag} if one.gives.has_tag else {})
    schema = refs[one.gives, "serialization"]
    whole = schemas.get(schema.get("$ref", "").removeprefix(SCHEMAS), schema)
    found = {"description": both("成功", "done"),
             "content": {"application/json": {"schema": schema}}}
    has_tag = one.path.startswith("/api/") and "version" in whole.get("properties", ())
    return found | ({"headers": tag} if has_tag else {})


def parameters(one: Operation, refs: dict, schemas: dict, has_tag: bool) -> list[dict]:
    """What stands in the path, in the query and in the headers."""
    found = [{"name": name, "in": "path", "required": True, "schema": PLACES[name]}
             for name in re.findall(r"<(?:[^<>]*:)?(\w+)>", one.path)]
    if one.filters:
        schema = schemas[refs[one.filters, "validation"]["$ref"].removeprefix(SCHEMAS)]
        needed = schema.get("required", ())
        found += [{"name": name, "in": "query", "required": name in needed, "schema": member}
                  for name, member in schema["properties"].items()
                  if not (one.is_whole and name in ("limit", "offset"))]
    return [*found, *([MATCH] if one.acts else []), *([NONE_MATCH] if has_tag else [])]
