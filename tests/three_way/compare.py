"""One zone, many questions, three answers: the lane, stock Casbin, and the plain reading.

The lane is a `Gate` on a database, with the snapshot it really compiles, sealing every decision.
The other two are one reading of the document with two judges of a grant's own lines.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.commands.decide import Gate, Question
from app.domain.asks import Presented
from app.engines.access import grant_ref, grant_rows
from tests.decision_zone import LAW
from tests.three_way.law import Plain, Stock
from tests.three_way.questions import Asked, Asker, instant
from tests.three_way.reading_use import Read, Reading
from tests.three_way.rows import store
from tests.three_way.world import Draw, world

AT_ONCE = 25


@dataclass
class Compared:
    """How it went; `apart` holds each case the three did not agree on."""

    questions: int = 0
    permits: int = 0
    casbin: int = 0
    codes: Counter = field(default_factory=Counter)
    apart: list[dict] = field(default_factory=list)


def lane_read(answer: dict) -> Read:
    """An answer of the lane in the words of the plain reading."""
    context = answer["context"]
    kinds = {each["properties"].get("kind", each["type"]): each["properties"]
             for each in context.get("obligations", ())} if answer["decision"] else {}
    return Read(answer["decision"], frozenset(each["code"] for each in context["reasons"]),
                dict(context.get("fields_effective", {})), frozenset(kinds),
                kinds.get("delete_after", {}).get("days"),
                context.get("quota", {}).get("remaining"))


def batches(seed: str, zone: dict, count: int) -> Iterator[tuple]:
    """Instants, each with questions asked at it."""
    asker = Asker(Draw(seed + "/questions"), zone)
    while count > 0:
        at, size = instant(asker.draw), min(AT_ONCE, count)
        yield at, [asker.asked(at) for _ in range(size)]
        count -= size


def compared(rt, seed: str, count: int, grants: int, tell=lambda done: None) -> Compared:
    """Ask ``count`` questions on a zone of ``grants``; ``rt`` is a founded zone with a clock
    that is told."""
    zone, found = world(seed, grants), Compared()
    store(rt, zone)
    gate = Gate(rt, LAW)
    held = gate.picture.grants
    assert set(held) == set(zone["grants"])

    def ref(number: str) -> str:
        return grant_ref(number, held[number].current.number)

    stock = Stock(lambda number: grant_rows(ref(number), held[number].current, LAW.purposes), ref)
    readings = Reading(zone, stock), Reading(zone, Plain(zone))
    try:
        for at, batch in batches(seed, zone, count):
            rt.clock.at = at
            answers = gate.answers([Question(each.entities, Presented(each.prefix, each.peer))
                                    for each in batch])
            for each, answer in zip(batch, answers, strict=True):
                said = [lane_read(answer), *(reading.decide(*each, at) for reading in readings)]
                _count(found, each, at, said)
            tell(found)
    finally:
        gate.close()
    found.casbin = stock.asked
    return found


def _count(found: Compared, each: Asked, at, said: list[Read]) -> None:
    found.questions += 1
    found.permits += said[0].permits
    found.codes.update(said[0].codes)
    if not said[0] == said[1] == said[2]:
        found.apart.append({"at": at.isoformat(), "asked": each._asdict(), **{
            name: read._asdict() for name, read in zip(("lane", "casbin", "plain"), said,
                                                       strict=True)}})
