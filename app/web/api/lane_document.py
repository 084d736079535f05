"""The decision lane in the document: its bodies from the table that reads them.

Where a member stands and how it is read is `MEMBERS` of the question, bounds and semantics are
the lane's own; a member or a reader nobody described here stops the document from being written.
The examples are sent to the real lane by a test and answered as they say.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.commands.decide import SEMANTICS
from app.domain import asks
from app.domain.decisions import ORDER, Outcome
from app.domain.law import Law
from app.web.api.lane_words import (
    ABOUT,
    ABOUT_SEARCH,
    ANSWERED,
    MEANINGS,
    MEMBER_OF_ANSWER,
    SEARCHES,
)
from app.web.api.operations import both
from app.web.authzen import ITEMS, REQUIRED, SOUGHT
from app.web.authzen_search import LIMIT, PATHS, endpoints
from app.web.lane import ECHO_LIMIT, EVALUATION, EVALUATIONS, METADATA

EXAMPLES = Path(__file__).parent / "lane_examples.json"
SCHEMAS = "#/components/schemas/authzen."
TAG = "authzen"
SECURITY = {"gateway": {"type": "http", "scheme": "bearer", "bearerFormat": "hufu_…_…",
                        "description": both("网关凭证，凭证页签发", "the credential of a gateway")}}
TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": asks.TEXT_LIMIT}
# How each reader of the question reads, as a schema. What has another form is denied, not refused.
FORMS: dict[Any, dict[str, Any]] = {
    asks.text: TEXT,
    asks.texts: {"type": "array", "items": TEXT, "maxItems": asks.FIELDS_LIMIT},
    asks.some_texts: {"type": "array", "items": TEXT, "minItems": 1,
                      "maxItems": asks.FIELDS_LIMIT},
    asks.count: {"type": "integer", "minimum": 0, "maximum": 2**53 - 1},
    asks.size: {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
    asks.mode: {"type": "string", "enum": ["strict", "reduce"]},
    asks.purpose: {"type": "string", "maxLength": asks.TEXT_LIMIT},
    asks.a_date: {"type": "string", "format": "date"},
    asks.an_instant: {"type": "string", "format": "date-time"},
    asks.an_address: {"anyOf": [{"type": "string", "format": "ipv4"},
                                {"type": "string", "format": "ipv6"}]},
}
STRING = {"type": "string"}
REQUEST_ID = {"name": "X-Request-ID", "in": "header", "required": False, "schema": {
    "type": "string", "maxLength": ECHO_LIMIT, "pattern": "^[!-~]+$",
    "title": both("请求编号，原样返回", "comes back as it was sent")}}
ECHO = {"X-Request-ID": {"schema": STRING, "description": both(
    "请求编号", "the caller's request id")}}
ERRORS = {400: ("请求格式有误，文本说明如何改正", "malformed; the text says what to mend"),
          401: ("未提供有效凭证", "no valid credential"),
          403: ("该凭证不能代表此应用", "this credential may not ask about that subject"),
          429: ("搜索过于频繁，Retry-After 为须等待的秒数",
                "too many searches; `Retry-After` are the seconds to wait"),
          500: ("内部错误；执行点须拒绝", "an internal error; the enforcement point must deny")}


def schemas(law: Law) -> dict[str, Any]:
    """The shared schemas of the lane, under `authzen.`."""
    question = entities(law)
    answer = decision(law)
    item = {"anyOf": [{"$ref": SCHEMAS + "Decision"}, {"$ref": SCHEMAS + "BrokenItem"}]}
    return {"authzen." + name: schema for name, schema in {
        "Evaluation": question | {"required": list(REQUIRED)},
        "Evaluations": {"type": "object", "properties": partial(question)["properties"] | {
            "evaluations": {"type": "array", "maxItems": ITEMS,
                            "title": both("各次询问", "the questions"),
                            "items": {"$ref": SCHEMAS + "Defaults"}},
            "options": {"type": "object", "title": both(*MEANINGS["options"]), "properties": {
                "evaluations_semantic": {"type": "string", "enum": list(SEMANTICS)}}}}},
        **{"Search." + kind: search(question, kind) for kind in SOUGHT},
        "Found": found(law),
        "Defaults": partial(question),
        "Decision": answer,
        "BrokenItem": closed({"decision": {"const": False}, "context": closed({"error": closed(
            {"status": {"enum": [400, 403]}, "message": STRING})})}),
        "Answers": {"anyOf": [closed({"evaluations": {"type": "array", "items": item}}),
                              {"$ref": SCHEMAS + "Decision"}]},
        "Metadata": closed({
            "policy_decision_point": STRING, "access_evaluation_endpoint": STRING,
            "access_evaluations_endpoint": STRING, **dict.fromkeys(endpoints(""), STRING),
            "supported_obligations": {"type": "array", "items": STRING}}),
    }.items()}


def closed(properties: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object of these members and no others."""
    return {"type": "object", "properties": properties | (optional or {}),
            "required": list(properties), "additionalProperties": False}


def entities(law: Law) -> dict[str, Any]:
    """A body with the four entities; none is required, since a batch has defaults."""
    words = law.vocabulary
    known = {"name": list(words.actions), "channel": list(words.channels),
             "environment": list(words.environments), "kind": list(words.subject_kinds),
             "purpose": sorted(law.purposes.by_code)[:3]}

    def member(name: str, form: dict[str, Any]) -> dict[str, Any]:
        told = {"title": both(*MEANINGS[name])} | (
            {"examples": known[name]} if name in known else {})
        return {"anyOf": [form, {"type": "null"}], **told}

    read = {entity: {name: member(name, FORMS[reader]) for name, (reader, _) in table.items()}
            for entity, table in asks.MEMBERS.items()}
    read["resource"]["data_subject"] = member("data_subject", {
        "type": "object", "properties": read.pop("data_subject")})
    told: dict[str, Any] = {}
    for entity, keys in REQUIRED.items():
        told[entity] = {"type": "object", "title": both(*MEANINGS[entity]), "required": list(keys),
                         "properties": {
            **{key: {"type": "string", **({"examples": known[key]} if key in known else {})}
               for key in keys},
            "properties": {"type": "object", "properties": read[entity]}}}
    told["context"] = {"type": "object", "title": both(*MEANINGS["context"]),
                       "properties": read["context"]}
    return {"type": "object", "properties": told}


def partial(question: dict[str, Any]) -> dict[str, Any]:
    """The same with nothing required: items of a batch complete its defaults, and these them."""
    return {"type": "object", "properties": {
        name: {key: value for key, value in entity.items() if key != "required"}
        for name, entity in question["properties"].items()}}


def search(question: dict[str, Any], kind: str) -> dict[str, Any]:
    """A body that seeks one kind of entity; the one sought is named by its type alone."""
    given = {name: question["properties"][name] | {"required": list(keys)}
             for name, keys in SOUGHT[kind].items()}
    page = {"type": "object", "title": both(*MEANINGS["page"]), "properties": {
        "limit": {"type": "integer", "minimum": 1, "default": LIMIT}, "token": STRING,
        "properties": {"type": "object"}}}
    return {"type": "object", "required": list(given), "properties": {
        **given, "context": question["properties"]["context"], "page": page}}


def found(law: Law) -> dict[str, Any]:
    """One page of results; `reasons` say why nothing could be found at this moment."""
    number = {"type": "integer", "minimum": 0}
    return closed({
        "page": closed({"next_token": STRING, "count": number}, {"total": number}),
        "context": closed({"epoch": number}, {"reasons": reasons(law)}),
        "results": {"type": "array", "maxItems": LIMIT, "items": {"anyOf": [
            closed({"type": STRING, "id": STRING}),
            closed({"name": STRING}, {"properties": {"type": "object"}})]}}})


def decision(law: Law) -> dict[str, Any]:
    """An answer: `decision`, and a context that says why."""
    forms: dict[str, Any] = dict.fromkeys(MEMBER_OF_ANSWER, STRING)
    forms |= {
        "epoch": {"type": "integer"},
        "dimensions": {"type": "object", "additionalProperties": False, "properties": {
            name: {"enum": [outcome.value for outcome in Outcome]} for name, _ in ORDER}},
        "reasons": reasons(law),
        "grant": closed({"id": STRING, "version": {"type": "integer"}}),
        "chain": {"type": "array", "items": closed(
            {"link": STRING, "id": STRING, "v": {"type": "integer"}})},
        "fields_effective": {"type": "object", "additionalProperties": {
            "enum": list(law.vocabulary.treatments)}},
        "obligations": {"type": "array", "items": closed(
            {"id": STRING, "type": STRING, "properties": {"type": "object"}})},
        "legal_basis": {"type": "object", "additionalProperties": STRING},
        "reason_user": {"type": "object", "additionalProperties": STRING},
        "access_request": closed({"endpoint": STRING, "template": STRING, "expires_at": STRING}),
    }
    told = {name: {**forms[name], "description": both(*MEMBER_OF_ANSWER[name])}
            for name in MEMBER_OF_ANSWER}
    always = {name: told.pop(name) for name in ANSWERED}
    return closed({"decision": {"type": "boolean"}, "context": closed(always, told)})


def reasons(law: Law) -> dict[str, Any]:
    """The reasons against a call, with the words they come in."""
    texts = law.reasons.values()
    return {"type": "array", "items": closed({
        "code": {"enum": sorted(law.reasons)},
        "dimension": {"enum": sorted({text.dimension for text in texts})},
        "class": {"enum": sorted({text.class_ for text in texts})},
        "message_zh": STRING, "message_en": STRING,
        "remedy": {"enum": sorted({text.remedy for text in texts})}},
        {"ref": STRING, "request_url": STRING})}


def paths(law: Law) -> dict[str, dict[str, Any]]:
    """The addresses of the lane."""
    return {
        EVALUATION: {"post": asked("单次判定", "One decision", EVALUATION, "Evaluation",
                                   "Decision")},
        EVALUATIONS: {"post": asked("批量判定", "Several decisions", EVALUATIONS, "Evaluations",
                                    "Answers")},
        **{path: {"post": asked(*SEARCHES[kind], path, "Search." + kind, "Found", ABOUT_SEARCH)}
           for kind, path in PATHS.items()},
        METADATA: {"get": {
            "tags": [TAG],
            "summary": both("判定服务元数据", "Metadata of the decision point", " · "),
            "operationId": "get:" + METADATA, "parameters": [REQUEST_ID], "security": [],
            "responses": {"200": answered("Metadata"), "400": error(400), "500": error(500)}}}}


def asked(zh: str, en: str, path: str, takes: str, gives: str,
          about: tuple[str, str] = ABOUT) -> dict[str, Any]:
    """One way to ask, with its examples."""
    shown = {name: one for name, one in examples().items() if one["path"] == path}
    statuses = [status for status in ERRORS if status != 429 or about is ABOUT_SEARCH]
    responses = {"200": answered(gives)} | {str(status): error(status) for status in statuses}
    for name, one in shown.items():
        media = responses[str(one["status"])]["content"]["application/json"]
        media.setdefault("examples", {})[name] = {"summary": one["summary"],
                                                  "value": one["answers"]}
    return {
        "tags": [TAG], "summary": f"{zh} · {en}", "operationId": "post:" + path,
        "description": both(*about, "\n\n").format(
            restricting=", ".join(sorted(asks.RESTRICTING))),
        "parameters": [REQUEST_ID], "security": [{"gateway": []}],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": {"$ref": SCHEMAS + takes}, "examples": {
                name: {"summary": one["summary"], "value": one["asks"]}
                for name, one in shown.items()}}}},
        "responses": responses}


def answered(schema: str) -> dict[str, Any]:
    return {"description": both("已判定；拒绝也是 200", "decided; a denial is 200 too"),
            "headers": ECHO,
            "content": {"application/json": {"schema": {"$ref": SCHEMAS + schema}}}}


def error(status: int) -> dict[str, Any]:
    """A call that was wrong: the body is one text, as AuthZEN has it."""
    zh, en = ERRORS[status]
    challenge = {"WWW-Authenticate": {"schema": STRING, "description": "Bearer"}}
    return {"description": f"{zh} / {en}",
            "headers": ECHO | (challenge if status == 401 else {}),
            "content": {"application/json": {"schema": STRING}}}


@cache
def examples() -> dict[str, dict[str, Any]]:
    """Questions with their answers, by name: `path`, `summary`, `asks`, `status`, `answers`."""
    return json.loads(EXAMPLES.read_text("utf-8"))
