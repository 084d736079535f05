"""What a decision rests on: the ground it names, and the proposal its other hands signed."""

from collections.abc import Iterable, Mapping

from sqlmodel import select

from app.domain.grounds import Ground
from app.domain.instruments import Kind
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


def require_ground(rt, code: str, letter: Kind, at: str = "ground") -> Ground:
    """The ground of this code, which the library allows in an instrument of this kind.

    Raises:
        Invalid: `REASON.UNKNOWN` or `REASON.UNFIT`.
    """
    ground = rt.cases.grounds.get(code)
    if ground and letter in ground.letters:
        return ground
    zh, en = (f"理由“{ground.title.zh}”（{code}）不适用于{letter.zh}",
              f"the ground {ground.title.en} ({code}) does not fit a {letter.en.lower()}"
              ) if ground else ("没有这个理由代码", "there is no such ground")
    raise Invalid(zh, en, code="REASON.UNFIT" if ground else "REASON.UNKNOWN",
                  errors=[{"at": at, "zh": f"{zh}，请另选", "en": f"{en}: choose another"}])


def require_grounds(rt, codes: Iterable[str], letter: Kind) -> None:
    """Every one of them, where a form asks for several.

    Raises:
        Invalid
    """
    for code in codes:
        require_ground(rt, code, letter, "grounds")
