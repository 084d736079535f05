"""配额与频率: dimension 11, and what a decision has to look up before it can be made."""

from collections.abc import Mapping

from app.domain.consents import is_asked
from app.domain.hearing import NA, UNKNOWN, Hearing
from app.domain.reservations import RATES, ConsentKey, Counter, Need, counters


def needed(hearing: Hearing) -> Need | None:
    """What must be read in the sealing transaction; None when the snapshot is enough."""
    ask = hearing.ask
    bounds = _counters(hearing)
    consent = _consent_key(hearing)
    return Need(bounds, consent, ask.batch_size) if bounds or consent else None


def _counters(hearing: Hearing) -> tuple[Counter, ...]:
    """The bounds on use of this call: of its grant, application, institution and product."""
    bounds: dict[str, Mapping[str, int]] = {}
    if hearing.grant and hearing.right and hearing.right.quota:
        bounds["grant/" + hearing.grant.id] = hearing.right.quota
    if hearing.app and hearing.app.quota:
        bounds["app/" + hearing.app.id] = hearing.app.quota
    if hearing.institution and hearing.institution.quota:
        bounds["institution/" + hearing.institution.id] = hearing.institution.quota
    if hearing.product and hearing.product.quota:
        bounds["product/" + hearing.product.id] = hearing.product.quota
    return counters(bounds, hearing.at) if bounds else ()


def _consent_key(hearing: Hearing) -> ConsentKey | None:
    """How the subject authorization is found, where one is asked for or was sent."""
    ask, version, owner = hearing.ask, hearing.version, hearing.institution
    if not (ask.subject_authorization or ask.subject_hash) or version is None or owner is None:
        return None
    if not (is_asked(hearing) or hearing.served.has_bare):
        return None
    return ConsentKey(ask.subject_authorization, ask.subject_hash, owner.key)


def is_tighter(fresh: Mapping[str, int], was: Mapping[str, int]) -> bool:
    """Whether every bound that stands is kept or lowered; new bounds only ever tighten."""
    return all(word in fresh and fresh[word] <= limit for word, limit in was.items())


def quota(hearing: Hearing) -> str | None:
    """11: no bound on use is passed; all of them are told, and the tightest is kept (§9.5)."""
    bounds = hearing.need.counters if hearing.need else _counters(hearing)
    if not bounds:
        return NA
    if hearing.on_record is None:
        return UNKNOWN
    amount = hearing.ask.batch_size
    left = [(each, each.limit - hearing.on_record.taken.get(each, 0)) for each in bounds]
    for each, remaining in left:
        if remaining < amount:
            code = "QUOTA.RATE" if each.period in RATES else "QUOTA.EXHAUSTED"
            hearing.against(code, ref=each.key.partition("/")[2], asked=each.period,
                            limit=str(each.limit))
    kept = [each for each in left if each[0].period not in RATES]
    if kept:
        hearing.tightest = min(kept, key=lambda each: each[1])
    return None
