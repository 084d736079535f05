"""Questions of a call, read from its body: one evaluation, or several.

Calls of one application are alike, and so are the evaluations of one batch: what is like a question
read before is not read again. Whatever is not plain goes to the strict reader, which also says what
is wrong with it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from app.commands.decide import Gate, Question
from app.commands.heard import Answer
from app.domain.asks import Ask, Presented
from app.engines import quick_json
from app.web import authzen
from app.web.authzen import Misshapen
from app.web.gateways.asking import Asking
from app.web.gateways.identity import understood
from app.web.readings import Readings

ITEM_DEPTH = 3  # of an evaluation in a batch, as objects and arrays are counted
encode = msgspec.json.Encoder().encode


class Asked(NamedTuple):
    """The questions of one call. `shaped` holds, in order, a question or the answer to what is
    none; it is None where the call is a single evaluation."""

    questions: Sequence[Question | Ask]
    semantic: str = "execute_all"
    shaped: Sequence[Question | Ask | Answer] | None = None

    def answer(self, heard: Sequence[Answer]) -> bytes:
        """The answer to the call, from the answers to its questions."""
        if self.shaped is None:
            return heard[0].text
        last = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(self.semantic)
        if last is None and len(heard) == len(self.shaped):
            return listed([each.text for each in heard])
        each_heard = iter(heard)
        answers: list[bytes] = []
        for each in self.shaped:
            said = each if isinstance(each, Answer) else next(each_heard)
            answers.append(said.text)
            if said.permits is last:
                break
        return listed(answers)


class Questions:
    """Reads them for the application of a credential."""

    def __init__(self, gate: Gate, gateways: Asking) -> None:
        self.gate, self.gateways = gate, gateways
        self.readings = Readings(gate.rt.subject_hash)

    def evaluation(self, body: bytes, presented: Presented) -> Asked:
        """One question; one that is like a question read before is not read again."""
        known = self.readings.find(body, presented)
        if known is not None and known.app in self.apps(presented):
            return Asked((known,))
        return self.single(body, read(body), presented)

    def single(self, body: bytes, value: Mapping[str, Any], presented: Presented) -> Asked:
        question = self.question(value, presented)
        asked = self.gate.understood(question)
        if isinstance(asked, Ask) and question.entities["subject"] is value["subject"]:
            self.readings.keep(body, value, asked)
        return Asked((asked,))

    def batch(self, body: bytes, presented: Presented) -> Asked:
        """Several questions; an item that is none is answered in its place."""
        try:
            return self.many(body, presented)
        except quick_json.Unplain:
            value = read(body)
        chosen = authzen.semantic(value)
        items = authzen.items(value)
        if items is None:
            return self.single(body, value, presented)
        return together([self.shaped(item, presented) for item in items], chosen)

    def many(self, body: bytes, presented: Presented) -> Asked:
        """The same for a plain batch; of items that are alike, one is read.

        Raises:
            quick_json.Unplain: the strict reader has to look at it.
        """
        value, texts = quick_json.apart(body)
        chosen = authzen.semantic(value)
        if not 0 < len(texts) <= authzen.ITEMS:
            raise quick_json.Unplain
        defaults, readings = authzen.defaults_of(value), Readings(self.gate.rt.subject_hash)
        apps, shaped = self.apps(presented), []
        for text in texts:
            known = readings.find(text, presented)
            shaped.append(known if known is not None and known.app in apps else self.item(
                text, defaults, readings, presented))
        return together(shaped, chosen)

    def item(self, text: bytes, defaults: Mapping[str, Any], readings: Readings,
             presented: Presented) -> Question | Ask | Answer:
        """One item of a batch; `readings` are of items with the same defaults."""
        value = quick_json.plain(text, ITEM_DEPTH)
        if not isinstance(value, dict):
            raise quick_json.Unplain
        said = authzen.filled(value, defaults)
        shaped = self.shaped(said, presented)
        if not isinstance(shaped, Question):
            return shaped
        asked = self.gate.understood(shaped)
        if isinstance(asked, Ask) and shaped.entities["subject"] is said["subject"]:
            readings.keep(text, said, asked)
        return asked

    def shaped(self, item: Mapping[str, Any], presented: Presented) -> Question | Answer:
        try:
            return self.question(item, presented)
        except Misshapen as problem:
            error = {"status": problem.status, "message": problem.text}
            return Answer(False, encode({"decision": False, "context": {"error": error}}))

    def question(self, body: Mapping[str, Any], presented: Presented) -> Question:
        """One question this credential may ask.

        Raises:
            Misshapen: 400 for the shape, 403 for another's application.
        """
        asked = Question(understood(authzen.question(body), self.gateways.table), presented)
        subject = asked.entities["subject"]
        if subject["type"] == "client_app" and subject["id"] not in self.apps(presented):
            raise Misshapen("该凭证不能代表此应用提问",
                            "this credential may not ask about that subject", 403)
        return asked

    def apps(self, presented: Presented) -> Collection[str]:
        """The applications the credential is one of."""
        known = self.gate.credential(presented.credential)
        return known.apps if known else ()


def together(shaped: Sequence[Question | Ask | Answer], semantic: str) -> Asked:
    """The questions of a batch; behind an item that is none, some semantics ask no further."""
    if semantic == "deny_on_first_deny":
        broken = [number for number, each in enumerate(shaped) if isinstance(each, Answer)]
        shaped = shaped[:broken[0] + 1] if broken else shaped
    return Asked([each for each in shaped if not isinstance(each, Answer)], semantic, shaped)


def listed(answers: Sequence[bytes]) -> bytes:
    """The answers to a batch as they travel."""
    return b'{"evaluations":[' + b",".join(answers) + b"]}"


def read(body: bytes) -> Mapping[str, Any]:
    """The body as plain values."""
    return authzen.top(quick_json.read(body))
