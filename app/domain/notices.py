"""Notices: an instrument from its number to its delivery. Its words never change (INV-06)."""

from dataclasses import dataclass
from datetime import date

from app.domain.lifecycle import Lifecycle, Move, Situation, guard
from app.domain.titled import Titled


class State(Titled):
    """How far an instrument has come."""

    QUEUED = "QUEUED", "待制作", "Being printed"
    READY = "READY", "待送达", "To be served"
    SERVED = "SERVED", "已送达", "Served"


@dataclass(frozen=True, kw_only=True)
class NoticeSituation(Situation):
    """What the guards of a notice look at."""

    dated: date
    served_on: date | None = None


@guard("送达日期不得早于文书日期，也不得晚于今日",
       "the day of service lies between the letter's date and today", "NOTICE.SERVED_ON")
def service_day_is_possible(situation: NoticeSituation) -> bool:
    return situation.served_on is not None and (
        situation.dated <= situation.served_on <= situation.day)


NOTICE = Lifecycle(
    noun="notice",
    zh="文书",
    en="Instrument",
    states=State,
    starts=State.QUEUED,
    moves=(
        Move("render", (State.QUEUED,), State.READY, "制作", "Print"),
        Move("serve", (State.READY,), State.SERVED, "登记送达", "Record service",
             (service_day_is_possible,)),
    ),
    ends=(State.SERVED,),
)
