"""What a stop of one link would reach: looked at before the stop is confirmed."""

from app.domain.callers import Caller
from app.domain.refusals import NotFound
from app.queries.query import may_read, query
from app.store.chain import Moment
from app.store.impact import Impact, find_link, impact_of
from app.store.unit import read


@query("impact", "影响清单", "Impact list", single=True)
def impact(rt, caller: Caller, ref: str) -> Impact:
    """The impact of stopping `noun.number`, as in `institution.INST-0005`; staff only."""
    may_read(rt, caller, "hold")
    noun, _, number = ref.partition(".")
    if not caller.is_staff:
        raise NotFound("没有这个链路对象", "no such link of the chain", noun=noun)
    with read(rt) as session:
        return impact_of(session, find_link(session, noun, number), Moment.of(rt))
