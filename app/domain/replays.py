"""重放: a sealed decision made again on the registry of then, and what would come out otherwise.

What is sealed is the redacted question. The rest, such as the caller's address, the operator, the
business number, uses counted so far and subject authorizations, was not kept: a reason that rests
on it is taken as it was sealed, and only where it could still be given. Nothing is guessed in
favour of a permit.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.asks import Ask, Presented
from app.domain.canonical import canonical, digest
from app.domain.decisions import ORDER, Decision, links, ordered
from app.domain.hearing import FAIL, NA, PASS, UNKNOWN, Hearing, Reason
from app.domain.law import Law
from app.domain.picture import Picture
from app.domain.quotas import needed
from app.domain.reservations import RATES, ConsentPicture
from app.domain.titled import Titled

UNHEARD = "?"  # stands for a word that was sealed as unknown; no word of ours is written so
PLACE = re.compile(r"resource\.properties\.fields\[(\d+)\]")
STRONG = 9  # the sign-in of a permit that ordered no stronger one
# Reasons that rest on what was not kept alone, by the dimension that gives them: they stand as they
# were sealed.
AS_SEALED = {"REQ.MALFORMED": "request", "REQ.UNKNOWN_ATTRIBUTE": "request",
             "REQ.CLOCK_SKEW": "request", "ID.CREDENTIAL_UNKNOWN": "identity",
             "ID.USER_NOT_ENROLLED": "identity", "SCOPE.SUBJECT_KIND": "scope"}
# Reasons that rest on it in part: they stand where they stood, if they can still be given.
IF_STILL = {"ID.USER_REQUIRED": "identity", "PURPOSE.BUSINESS_REF": "purpose",
            "SCOPE.ROW": "scope", "CTX.NETWORK": "context", "ID.AUTH_LEVEL": "context"}
USED = {"consent": "CONSENT.", "quota": "QUOTA."}
UNSUPPORTED = "PEP.OBLIGATION_UNSUPPORTED"
CHANNEL = ["REQ.MALFORMED", "", "action.properties.channel", ""]
ENVIRONMENT = ["REQ.MALFORMED", "", "action.properties.environment", ""]


class Part(Titled):
    """What of a decision can come out otherwise."""

    RESULT = "RESULT", "结论", "Result"
    REASONS = "REASONS", "原因", "Reasons"
    DIMENSIONS = "DIMENSIONS", "维度结果", "Dimensions"
    GRANT = "GRANT", "授权版本", "Version of the grant"
    CHAIN = "CHAIN", "授权链", "Authority chain"
    FIELDS = "FIELDS", "返回字段与处理", "Fields and treatments"
    OBLIGATIONS = "OBLIGATIONS", "义务", "Obligations"
    BASES = "BASES", "法律依据", "Legal bases"
    LINES = "LINES", "编译策略行", "Compiled policy lines"


@dataclass(frozen=True)
class Difference:
    """One part that came out otherwise, as sealed and as made again; lists name what only one of
    them has."""

    part: Part
    sealed: tuple[str, ...]
    again: tuple[str, ...]


def was_heard(facts: Mapping[str, Any]) -> bool:
    """Whether the sealed decision was on a product and could be evaluated at all."""
    return "input" in facts and any(
        result != UNKNOWN for result in facts["dimensions"].values())


def sealed_reasons(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    return tuple(Reason(*each) for each in facts["reasons"])


def again(facts: Mapping[str, Any], picture: Picture, law: Law, at: str = "") -> Decision:
    """The decision on the sealed question by this picture and law, at its own instant if no other
    is given."""
    hearing = Hearing(question(facts), picture, law, at or facts["at"])
    if facts["input"].get("fields_unknown"):
        sold = hearing.version.fields if hearing.version else ()
        hearing.ask = hearing.ask._replace(fields=_with_strangers(facts, sold))
    hearing.need = needed(hearing)
    results, told = {}, 0
    for name, dimension in ORDER:
        result = dimension(hearing) or PASS
        result = _amended(hearing, name, result, told, facts)
        against = [reason for reason in hearing.reasons[told:]
                   if reason.code != "SCOPE.FIELD_REDUCED"]
        results[name] = FAIL if against else result
        told = len(hearing.reasons)
    permits = all(result in (PASS, NA) for result in results.values())
    right = hearing.right
    return Decision(
        id=facts["decision"], permits=permits, at=hearing.at, epoch=picture.epoch, ask=hearing.ask,
        results=results, reasons=tuple(dict.fromkeys(hearing.reasons)), rulebook=law.digest,
        grant=hearing.grant.id if hearing.grant else "",
        grant_version=right.number if right else 0,
        institution=hearing.app.institution if hearing.app else "", chain=links(hearing),
        fields=hearing.effective if permits else None, bases=hearing.bases if permits else None,
        policy_digest=right.lines_digest if right else "",
        obligations=ordered(hearing, permits, facts["decision"]))


def question(facts: Mapping[str, Any]) -> Ask:
    """The sealed question as it is asked again; a word that was unknown then stays unknown."""
    told, reasons = facts["input"], facts["reasons"]
    codes = {reason[0] for reason in reasons}
    unknown = {"action": True, "channel": CHANNEL not in reasons,
               "environment": ENVIRONMENT not in reasons, "purpose": "PURPOSE.UNKNOWN" in codes,
               "grant": "GRANT.NONE" in codes, "version": "SCOPE.VERSION" in codes}
    named = {name: told.get(name) or (UNHEARD if is_unknown else "")
             for name, is_unknown in unknown.items()}
    fields = told.get("fields")
    return Ask(
        presented=Presented(told.get("credential", ""), "", told.get("via", "")),
        app=told.get("app", ""), product=told.get("product", ""),
        auth_level=STRONG if facts["permits"] and not _stepped_up(facts) else 0,
        node=told.get("node", ""), batch_size=told["batch_size"],
        fields=None if fields is None else tuple(fields), region=told.get("region", ""),
        lookback_from=told.get("lookback_from", ""), subject_kind=told.get("subject_kind", ""),
        subject_hash=told.get("subject", ""), field_mode=told["field_mode"], **named)


def _stepped_up(facts: Mapping[str, Any]) -> bool:
    return any(each["type"] == "step-up" for each in facts["obligations"])


def _with_strangers(facts: Mapping[str, Any], sold: Iterable[str]) -> tuple[str, ...]:
    """The fields asked for, those nobody knew at the places the reasons name."""
    known, strangers = list(facts["input"]["fields"]), facts["input"]["fields_unknown"]
    places = {int(found[1]) for reason in facts["reasons"] if (found := PLACE.fullmatch(reason[2]))}
    fields: list[str] = []
    while known or strangers:
        is_refused = len(fields) in places
        if strangers and (not known or (is_refused and known[0] in sold)):
            fields.append(f"{UNHEARD}{strangers}")
            strangers -= 1
        elif known:
            fields.append(known.pop(0))
    return tuple(fields)


def _amended(hearing: Hearing, name: str, result: str, told: int,
             facts: Mapping[str, Any]) -> str:
    """The dimension's result once what rests on unkept matter is taken from the sealed decision."""
    if name in USED:
        return _as_used(hearing, name, result, told, facts)
    fresh = hearing.reasons[told:]
    could = {reason.code for reason in fresh}
    taken = [reason for reason in sealed_reasons(facts)
             if AS_SEALED.get(reason.code) == name
             or (IF_STILL.get(reason.code) == name and reason.code in could)
             or (name == "obligations" and reason.code == UNSUPPORTED
                 and reason.asked in hearing.plan.kinds)]
    hearing.reasons[told:] = dict.fromkeys(
        [reason for reason in fresh if reason.code not in IF_STILL] + taken)
    return result


def _as_used(hearing: Hearing, name: str, result: str, told: int,
             facts: Mapping[str, Any]) -> str:
    """Subject authorization and use, which were looked up and not kept, as the sealing found them.

    What was not looked up then has no use counted against it, and no authorization to show.
    """
    fresh = hearing.reasons[told:]
    is_asked = bool(fresh) if name == "consent" else result == UNKNOWN
    if not is_asked:
        return result
    sealed = [reason for reason in sealed_reasons(facts) if reason.code.startswith(USED[name])]
    if name == "quota":
        bounds = [each for each in hearing.need.counters if each.period not in RATES]
        hearing.tightest = (bounds[0], bounds[0].limit) if bounds else None
    else:
        hearing.consent = _cited(facts)
        if not (sealed or hearing.consent):
            return result
    hearing.reasons[told:] = sealed
    return PASS


def _cited(facts: Mapping[str, Any]) -> ConsentPicture | None:
    """The subject authorization the sealed decision cites, by number and version alone."""
    for link, number, version in facts["chain"]:
        if link == "L7":
            return ConsentPicture(number, version, "ACTIVE", "", "", frozenset(), frozenset(), "",
                                  "")
    return None


def taken_over(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the sealed reasons that rest on what was not kept."""
    return tuple(dict.fromkeys(
        reason.code for reason in sealed_reasons(facts)
        if reason.code in (*AS_SEALED, *IF_STILL, UNSUPPORTED)
        or reason.code.startswith(tuple(USED.values()))))


def differences(facts: Mapping[str, Any], made: Decision) -> tuple[Difference, ...]:
    """Every part in which a decision made again is another than the sealed one."""
    bases = {name: digest(basis) for name, basis in (made.bases or {}).items()}
    parts: tuple[tuple[Part, Sequence[str], Sequence[str]], ...] = (
        (Part.RESULT, [_result(facts["permits"])], [_result(made.permits)]),
        (Part.REASONS, [_spelled(each) for each in facts["reasons"]],
         [_spelled(each) for each in made.reasons]),
        (Part.DIMENSIONS, _pairs(facts["dimensions"]), _pairs(made.results)),
        (Part.GRANT, [f"{facts['grant']}@{facts['grant_version']}"],
         [f"{made.grant}@{made.grant_version}"]),
        (Part.CHAIN, [_spelled(each) for each in facts["chain"]],
         [_spelled(each) for each in made.chain]),
        (Part.FIELDS, _pairs(facts["fields"]), _pairs(made.fields or {})),
        (Part.OBLIGATIONS, [_ordered(each) for each in facts["obligations"]],
         [_ordered(each) for each in made.obligations]),
        (Part.BASES, _pairs(facts["legal_basis"]), _pairs(bases)),
        (Part.LINES, [facts["policy_digest"]], [made.policy_digest]))
    found = [Difference(part, _without(was, now), _without(now, was)) for part, was, now in parts]
    return tuple(each for each in found if each.sealed or each.again)


def _without(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in some if each not in others)


def _result(permits: bool) -> str:
    return "PERMIT" if permits else "DENY"


def _spelled(parts: Iterable) -> str:
    return " ".join(str(part) for part in parts if part != "")


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} {value}" for name, value in values.items()]


def _ordered(obligation: Mapping[str, Any]) -> str:
    said = dict(obligation["properties"])
    kind = said.pop("kind", obligation["type"])
    return f"{kind} {canonical(said).decode()}" if said else kind
