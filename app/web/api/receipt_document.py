"""Receipts and the epoch in the document: what enforcement points say and ask beside decisions,
under their own credential.

The forms of members are those `app.domain.receipts` reads by; statuses those of the code that
answers.
"""

from typing import Any

from app.commands.receipts import MOST_AT_ONCE
from app.domain.receipts import (
    DECISION,
    DIGEST,
    LINE,
    MEMBERS,
    MOST_FIELDS,
    MOST_ROWS,
    NAME,
    Carried,
    Outcome,
)
from app.web.acknowledging import EPOCH, MANY
from app.web.api.operations import both

ONE = "/api/v1/decisions/{ref}/receipts"
TAG = "receipts"
SCHEMAS = "#/components/schemas/receipts."
STRING: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TITLES = {
    "decision_id": ("决策号", "the decision"), "outcome": ("结果", "what became of the permit"),
    "rows": ("返回条数", "rows returned"), "fields": ("返回字段", "fields returned"),
    "treatments": ("各字段的处理方式", "treatment of each field"),
    "obligations": ("各项义务的履行情况", "what came of each obligation"),
    "response_digest": ("返回内容摘要", "digest of what was returned"),
    "watermark_id": ("水印编号", "watermark"), "delete_due": ("应删除日", "day of deletion"),
    "node_job_id": ("节点作业号", "job at the joint node"), "signature": ("签名", "signature")}
RESULTS = {200: ("已有同一回执", "the same receipt was taken before"),
           201: ("已接收", "taken"), 207: ("逐份结果", "a result for each"),
           400: ("回执有误，errors 列明", "wrong; `errors` names the members"),
           401: ("未提供有效凭证", "no valid credential"),
           404: ("没有，或不是本凭证的", "none, or none of this credential's"),
           409: ("已有另一份回执", "another receipt was taken"),
           413: ("请求体超过 1 MiB", "larger than 1 MiB"),
           429: ("调用过于频繁，Retry-After 为须等待的秒数",
                 "too many calls; `Retry-After` are the seconds to wait"),
           503: ("暂时无法封存", "cannot be sealed now")}


def pattern(of) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{of.pattern}$"}


def forms() -> dict[str, dict[str, Any]]:
    """How each member of a receipt is read."""
    line = {"type": "string", "maxLength": 512, "pattern": f"^{LINE.pattern}$"}
    return {
        "decision_id": pattern(DECISION), "outcome": {"enum": [each.value for each in Outcome]},
        "rows": {**COUNT, "maximum": MOST_ROWS},
        "fields": {"type": "array", "items": pattern(NAME), "maxItems": MOST_FIELDS,
                   "uniqueItems": True},
        "treatments": {"type": "object", "additionalProperties": pattern(NAME)},
        "obligations": {"type": "object", "additionalProperties": {
            "enum": [each.value for each in Carried]}},
        "response_digest": pattern(DIGEST), "delete_due": {"type": "string", "format": "date"},
        **dict.fromkeys(("watermark_id", "node_job_id", "signature"), line)}


def schemas() -> dict[str, Any]:
    """The shared schemas, under `receipts.`."""
    members = {name: {**form, "title": both(*TITLES[name])} for name, form in forms().items()}
    if members.keys() != MEMBERS:
        raise LookupError("a member of receipts is not described")
    told = {"decision_id": STRING, "result": STRING, "receipt": STRING,
            "beyond": {"type": "array", "items": STRING}}
    wrong = closed({"status": {"const": 400}, "errors": {"type": "array", "items": STRING}})
    return {"receipts." + name: schema for name, schema in {
        "Receipt": {"type": "object", "properties": members, "required": ["outcome"],
                    "additionalProperties": False},
        "Receipts": closed({"receipts": {
            "title": both("各份回执", "the receipts"),
            "type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE,
            "items": {"$ref": SCHEMAS + "Receipt"}}}),
        "Taken": closed(told),
        "Results": closed({"receipts": {"type": "array", "items": {"anyOf": [
            closed({**told, "status": {"enum": [200, 201, 404, 409]}}), wrong]}}}),
        "Epoch": closed({"epoch": COUNT}),
        "Problem": {"type": "object", "required": ["title", "status"], "properties": {
            "type": STRING, "title": STRING, "status": {"type": "integer"}, "detail": STRING,
            "errors": {"type": "array", "items": {"type": "object"}}}}}.items()}


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object of these members and no others."""
    return {"type": "object", "properties": properties, "required": list(properties),
            "additionalProperties": False}


def paths() -> dict[str, dict[str, Any]]:
    """The addresses."""
    ref = {"name": "ref", "in": "path", "required": True, "schema": {
        **pattern(DECISION), "title": both("决策编号", "the number of the decision")}}
    return {
        ONE: {"post": said("回执", "A receipt", ONE, "Receipt", {201: "Taken", 200: "Taken"},
                           (400, 401, 404, 409, 413, 429, 503), [ref])},
        MANY: {"post": said("批量回执", "Several receipts", MANY, "Receipts", {207: "Results"},
                            (400, 401, 413, 429, 503), [])},
        EPOCH: {"get": said("当前策略序号", "The present policy epoch", EPOCH, "",
                            {200: "Epoch"}, (401, 404, 429), [])}}


def said(zh: str, en: str, path: str, takes: str, gives: dict[int, str],
         refuses: tuple[int, ...], parameters: list[dict]) -> dict[str, Any]:
    """One operation of the holder of a credential."""
    responses = {str(status): {"description": both(*RESULTS[status]) if path != EPOCH else both(
        "成功", "done"), "content": {"application/json": {"schema": {"$ref": SCHEMAS + name}}}}
        for status, name in gives.items()}
    responses |= {str(status): {
        "description": both(*RESULTS[status]), "content": {"application/problem+json": {
            "schema": {"$ref": SCHEMAS + "Problem"}}}} for status in refuses}
    found: dict[str, Any] = {
        "tags": [TAG], "summary": f"{zh} · {en}",
        "operationId": f"{'post' if takes else 'get'}:{path}", "parameters": parameters,
        "security": [{"gateway": []}], "responses": responses}
    if takes:
        found["requestBody"] = {"required": True, "content": {
            "application/json": {"schema": {"$ref": SCHEMAS + takes}}}}
    return found
