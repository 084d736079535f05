"""What a decision rests on: the ground it names, and the proposal its other hands signed."""

from collections.abc import Mapping

from sqlmodel import select

from app.domain.refusals import Invalid
from app.store.tables import Endorsement, Registered
from app.store.unit import Act


def carried(act: Act, row: Registered, action: str, given: Mapping) -> dict:
    """What is given; where nothing is, what the open hands under this action already signed."""
    if any(given.values()):
        return dict(given)
    signed = act.first(
        select(Endorsement.payload).where(
            Endorsement.noun == row.noun,
            Endorsement.object_id == row.id,
            Endorsement.action == action,
            Endorsement.state == "OPEN",
        )
    )
    return dict(given if signed is None else signed)


def require_ground(rt, code: str, noun: str) -> None:
    """The ground stands in the library for this noun.

    Raises:
        Invalid
    """
    if code not in {ground.code for ground in rt.cases.grounds_for(noun)}:
        raise Invalid("没有这个理由代码", "there is no such ground", code="REASON.UNKNOWN",
                      errors=[{"at": "ground", "zh": "请另选理由", "en": "choose another ground"}])
