"""The decision: every dimension is asked, every reason is kept, and only their silence permits."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from app.domain import dimensions
from app.domain import dimensions_of_right as rights
from app.domain.asks import Ask
from app.domain.canonical import instant
from app.domain.consents import consent
from app.domain.dimensions_of_scope import scope
from app.domain.hearing import FAIL, NA, PASS, UNKNOWN, Hearing, Reason
from app.domain.law import Law
from app.domain.moments import CACHED_FOR
from app.domain.obligations import obligations
from app.domain.picture import Picture
from app.domain.quotas import quota
from app.domain.reservations import OnRecord
from app.domain.titled import Titled

CASES = {"AMEND": "AMEND_WIDEN", "RENEW": "RENEW"}
CONSENT_LINK = "L7"
OFFER_FOR = timedelta(days=30)

# The order of evaluation. All run.
ORDER: tuple[tuple[str, Callable[[Hearing], str | None]], ...] = (
    ("request", dimensions.request),
    ("identity", dimensions.identity),
    ("institution", dimensions.institution),
    ("chain", dimensions.chain),
    ("grant", dimensions.grant),
    ("purpose", rights.purpose),
    ("scope", scope),
    ("method", rights.method),
    ("term", rights.term),
    ("consent", consent),
    ("quota", quota),
    ("context", dimensions.context),
    ("hold", dimensions.hold),
    ("obligations", obligations),
)


class Result(Titled):
    """What is answered."""

    PERMIT = "PERMIT", "允许", "Permitted"
    DENY = "DENY", "拒绝", "Refused"


class Outcome(Titled):
    """What one dimension says."""

    PASS = "PASS", "通过", "Pass"
    FAIL = "FAIL", "不通过", "Fail"
    NA = "NA", "不适用", "Not applicable"
    UNKNOWN = "UNKNOWN", "无法判断", "Unknown"


class Decision(NamedTuple):
    """One answer and all it rests on. `results` follow ORDER; `chain` is (link, id, version);
    `obligations` stand as they travel."""

    id: str
    permits: bool
    at: str
    epoch: int
    ask: Ask
    results: Mapping[str, str]
    reasons: tuple[Reason, ...]
    rulebook: str
    grant: str = ""
    grant_version: int = 0
    institution: str = ""
    chain: tuple[tuple[str, str, int], ...] = ()
    fields: Mapping[str, str] | None = None
    bases: Mapping[str, str] | None = None
    quota: Mapping[str, str | int] | None = None
    policy_digest: str = ""
    valid_until: str = ""
    obligations: tuple[Mapping[str, Any], ...] = ()


def decide(ask: Ask, picture: Picture, law: Law, at: str, decision_id: str,
           on_record: OnRecord | None = None) -> Decision:
    """The decision on ``ask`` at the instant ``at``; permits only if nothing speaks against it."""
    return judged(Hearing(ask, picture, law, at, on_record), decision_id)


def judged(hearing: Hearing, decision_id: str) -> Decision:
    """The decision a hearing comes to, once what it needs to look up stands in it."""
    ask, picture, law, at = hearing.ask, hearing.picture, hearing.law, str(hearing.at)
    results: dict[str, str] = {}
    permits, reasons, told = True, hearing.reasons, 0
    for name, dimension in ORDER:
        result = dimension(hearing) or PASS
        if len(reasons) > told:
            if any(reason.code != "SCOPE.FIELD_REDUCED" for reason in reasons[told:]):
                result = FAIL
            told = len(reasons)
        results[name] = result
        if result != PASS and result != NA:
            permits = False
    right = hearing.right
    return Decision(
        id=decision_id, permits=permits, at=at, epoch=picture.epoch, ask=ask, results=results,
        reasons=tuple(dict.fromkeys(reasons)) if reasons else (), rulebook=law.digest,
        grant=hearing.grant.id if hearing.grant else "",
        grant_version=right.number if right else 0,
        institution=hearing.app.institution if hearing.app else "",
        chain=links(hearing), fields=hearing.effective if permits else None,
        bases=hearing.bases if permits else None,
        quota=remaining(hearing) if permits else None,
        policy_digest=right.lines_digest if right else "",
        valid_until=valid_until(hearing, results) if permits else at,
        obligations=ordered(hearing, permits, decision_id),
    )


def refused(ask: Ask, law: Law, at: str, decision_id: str, code: str, epoch: int) -> Decision:
    """The refusal given when nothing could be evaluated: unknown never permits (INV-07)."""
    return Decision(id=decision_id, permits=False, at=at, epoch=epoch, ask=ask,
                    results={name: UNKNOWN for name, _ in ORDER}, reasons=(Reason(code),),
                    rulebook=law.digest, valid_until=at)


def links(hearing: Hearing) -> tuple[tuple[str, str, int], ...]:
    """The authority chain as it was found, link by link, with the version of each object."""
    found: list[tuple[str, str, int]] = []
    if hearing.agreement:
        found.append(("L0", hearing.agreement.id, hearing.agreement.version))
    found += [("L1", dataset.id, dataset.version) for dataset in hearing.datasets]
    if hearing.product:
        found.append(("L3", hearing.product.id, hearing.product.version))
    if hearing.institution:
        found.append(("L4", hearing.institution.id, hearing.institution.version))
    if hearing.grant:
        found.append(("L5", hearing.grant.id, hearing.grant.current.number))
    if hearing.credential:
        found.append(("L6", hearing.credential.id, hearing.credential.version))
    if hearing.consent:
        found.append((CONSENT_LINK, hearing.consent.id, hearing.consent.version))
    return tuple(found)


def remaining(hearing: Hearing) -> Mapping[str, str | int] | None:
    """What is left of the tightest bound on use after this call, and when it starts anew."""
    if hearing.tightest is None:
        return None
    bound, left = hearing.tightest
    return {"period": bound.period, "remaining": left - hearing.ask.batch_size,
            "resets_at": bound.resets_at}


def acknowledged_in(decision: Decision) -> timedelta | None:
    """Within what time the enforcement point must acknowledge this permit; None where it need
    not."""
    for each in decision.obligations:
        if each["properties"].get("kind") == "receipt":
            return timedelta(seconds=each["properties"]["within_s"])
    return None


def ordered(hearing: Hearing, permits: bool, decision_id: str) -> tuple[Mapping[str, Any], ...]:
    """The obligations of this decision; those of a permit that is refused order nothing."""
    plan = hearing.plan
    if not plan.items or not (permits or plan.is_of_denial):
        return ()
    return plan.told(f"{hearing.app.institution}|{decision_id}")


def valid_until(hearing: Hearing, results: Mapping[str, str]) -> str:
    """How long an enforcement point may keep a permit, at most CACHED_FOR."""
    ends = kept_until(hearing, results)
    at = str(hearing.at)
    return min(_kept_at_most(at), ends) if ends else at


@lru_cache(maxsize=64)
def _kept_at_most(at: str) -> str:
    """Decisions of one batch are of one instant."""
    return instant(datetime.fromisoformat(at) + CACHED_FOR)


def kept_until(hearing: Hearing, results: Mapping[str, str]) -> str:
    """The end beyond which no enforcement point may keep a permit; "" where it may not be kept at
    all: it is about persons, counts against a bound on use or an authorization, or is to be
    acknowledged."""
    if (hearing.personal or hearing.ask.subject_kind not in ("", "ENTERPRISE")
            or results["quota"] != NA or results["consent"] != NA
            or hearing.plan.is_acknowledged):
        return ""
    ends = min(hearing.right.ends, hearing.credential.expires)
    return min(ends, _window_end(hearing.at, hearing.right.window)) if hearing.right.window else (
        ends)


def _window_end(at: str, window: tuple[int, int]) -> str:
    local = datetime.fromisoformat(at).astimezone(dimensions.SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    end = midnight + timedelta(minutes=window[1])
    return instant(end if end > local else end + timedelta(days=1))
