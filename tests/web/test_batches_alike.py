"""The quick way through a batch asks what the strict way asks, and refuses what it refuses."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.commands.decide import Gate, Question
from app.domain.asks import Ask, Presented
from app.domain.wire import Malformed
from app.engines import quick_json
from app.web.authzen import Misshapen
from app.web.gateways.asking import Asking
from app.web.questions import Questions
from tests import zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW
from tests.properties import calm

WORDS = st.sampled_from(["tr-1", "tr-2", "甲公司", "2026-11-23T02:00:00Z", "", "x" * 300, "\\u0041",
                         "a\"b", "null", "[]", "{}", "h:1"])
PLACES = ("trace_id", "business_ref", "time", "purpose", "subject_authorization", "made_up")
CONTEXTS = st.dictionaries(st.sampled_from(PLACES), WORDS | st.integers(0, 3), max_size=3)
RESOURCES = st.fixed_dictionaries({}, optional={
    "type": st.sampled_from(["product", "record"]), "id": WORDS,
    "properties": st.fixed_dictionaries({}, optional={
        "fields": st.lists(WORDS, max_size=2),
        "data_subject": st.none() | st.fixed_dictionaries({"kind": WORDS, "id": WORDS})})})
ITEMS = st.one_of(
    st.just({}), st.sampled_from([None, 1, "x", [], {"subject": 1}, {"action": {}}]),
    st.fixed_dictionaries({}, optional={"context": CONTEXTS, "resource": RESOURCES,
                                        "subject": st.sampled_from([
                                            {"id": "APP-other"}, {"type": "user"}])}))
BATCHES = st.fixed_dictionaries({
    "evaluations": st.lists(ITEMS, max_size=6), "semantic": st.sampled_from([
        None, "execute_all", "deny_on_first_deny", "permit_on_first_permit", "other"]),
    "context": st.none() | CONTEXTS, "lacks": st.sampled_from([(), ("subject",), ("resource",)])})


@pytest.fixture
def asking(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    yield z, Questions(gate, Asking(gate))
    gate.close()


def told(questions: Questions, body: bytes, presented: Presented) -> object:
    """What a batch comes to: its questions as understood, in order, or what is said instead."""
    try:
        asked = questions.batch(body, presented)
    except (Misshapen, Malformed) as problem:
        return type(problem), problem.zh, str(problem)
    shaped = [questions.gate.understood(each) if isinstance(each, Question) else each
              for each in asked.shaped or asked.questions]
    heard = [questions.gate.understood(each) for each in asked.questions]
    return asked.shaped is None, asked.semantic, shaped, heard


def strictly(questions: Questions, body: bytes, presented: Presented) -> object:
    with pytest.MonkeyPatch.context() as patched:
        def nothing_plain(*_):
            raise quick_json.Unplain

        patched.setattr(quick_json, "apart", nothing_plain)
        return told(questions, body, presented)


@settings(calm, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BATCHES, st.booleans())
def test_a_batch_is_understood_alike(asking, batch, is_spaced):
    z, questions = asking
    body = {name: value for name, value in question(z).entities.items()
            if name not in batch["lacks"]}
    body["evaluations"] = batch["evaluations"]
    if batch["context"] is not None:
        body["context"] = {**body.get("context", {}), **batch["context"]}
    if batch["semantic"]:
        body["options"] = {"evaluations_semantic": batch["semantic"]}
    raw = json.dumps(body, separators=(" , ", " : ") if is_spaced else None).encode()
    presented = Presented(z.credential.prefix, "203.0.113.8")
    assert told(questions, raw, presented) == strictly(questions, raw, presented)


TEXTS = {
    "a member twice": b'{"evaluations":[{}],"a":1,"a":2}',
    "two batches": b'{"evaluations":[{}],"evaluations":[{"context":{}}]}',
    "a member of an item twice": b'{"evaluations":[{"context":{},"context":{}}]}',
    "the same text before": b'{"options":{"x":[{}]},"evaluations":[{}]}',
    "the same text in a text": b'{"options":{"x":"[{}]"},"evaluations":[{}]}',
    "a number nobody reads alike": b'{"evaluations":[{"context":{"x":9007199254740993}}]}',
    "too deep": b'{"evaluations":[' + b'{"context":' * 32 + b"{}" + b"}" * 32 + b"]}",
    "far too deep": b'{"evaluations":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "no UTF-8": b'{"evaluations":[{"context":{"trace_id":"\xff"}}]}',
    "an escape": b'{"evaluations":[{"context":{"trace_id":"\\u0041"}}]}',
    "no array": b'{"evaluations":{}}', "nothing": b'{"evaluations":null}', "no JSON": b"{",
    "a comma too many": b'{"evaluations":[{},]}', "too many": b'{"evaluations":['
    + b"{}," * 1000 + b"{}]}"}


@pytest.mark.parametrize("case", TEXTS)
def test_named_texts_are_understood_alike(asking, case):
    z, questions = asking
    common = json.dumps(question(z).entities)[:-1].encode()
    body = common + b"," + TEXTS[case][1:]
    presented = Presented(z.credential.prefix, "203.0.113.8")
    assert told(questions, body, presented) == strictly(questions, body, presented)


def test_of_items_that_are_alike_one_is_read(asking, monkeypatch):
    z, questions = asking
    read, plain = [], quick_json.plain
    monkeypatch.setattr(quick_json, "plain", lambda *of: read.append(of) or plain(*of))
    body = json.dumps({**question(z).entities, "evaluations": [
        {"context": {"purpose": "PF.CRD.NEW", "trace_id": f"tr-{n}"}} for n in range(50)]})
    asked = questions.batch(body.encode(), Presented(z.credential.prefix, "203.0.113.8"))
    assert all(isinstance(each, Ask) for each in asked.questions)
    assert [each.trace_id for each in asked.questions] == [f"tr-{n}" for n in range(50)]
    assert len(read) == 2  # what they have in common, and the first
