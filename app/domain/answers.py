"""How a decision travels: the answer to the caller, and the facts that are sealed.

The answer may quote what the caller sent. What is sealed holds ids, codes, digests and times only.
"""

from datetime import datetime
from typing import Any

from app.domain.asks import Ask
from app.domain.canonical import digest, instant
from app.domain.decisions import CASES, OFFER_FOR, Decision
from app.domain.hearing import Reason
from app.domain.law import Law
from app.domain.picture import Picture, ProductPicture

ENGINE = "hufu-decide/1"


def answer(decision: Decision, law: Law) -> dict[str, Any]:
    """The AuthZEN answer: `decision`, and a context that says why."""
    context: dict[str, Any] = {
        "decision_id": decision.id, "evaluation_id": decision.id,
        "decided_at": decision.at, "valid_until": decision.valid_until, "epoch": decision.epoch,
        "policy_version": decision.rulebook, "policy_digest": decision.policy_digest,
        "dimensions": decision.results,
        "reasons": [told(reason, decision, law) for reason in decision.reasons],
    }
    if decision.grant:
        context["grant"] = {"id": decision.grant, "version": decision.grant_version}
    if decision.chain:
        context["chain"] = [{"link": link, "id": ref, "v": version}
                            for link, ref, version in decision.chain]
    if decision.permits:
        context["fields_effective"] = decision.fields
        context["obligations"] = decision.obligations
        if decision.bases:
            context["legal_basis"] = decision.bases
        if decision.quota:
            context["quota"] = decision.quota
    else:
        context["reason_user"] = {"403": said(decision.reasons[0], law, "zh")}
        context.update(offer(decision, law))
        if decision.obligations:
            context["obligations"] = decision.obligations
    return {"decision": decision.permits, "context": context}


def told(reason: Reason, decision: Decision, law: Law) -> dict[str, str]:
    """One reason in full: code, dimension, class, both messages, remedy, and where to go."""
    text = law.reasons[reason.code]
    shown = {"code": reason.code, "dimension": text.dimension, "class": text.class_,
             "message_zh": said(reason, law, "zh"), "message_en": said(reason, law, "en"),
             "remedy": text.remedy}
    if reason.ref:
        shown["ref"] = reason.ref
    if kind := case_for(reason, law):
        shown["request_url"] = f"/cases/new?kind={kind}&from={decision.id}"
    return shown


def said(reason: Reason, law: Law, language: str) -> str:
    text = law.reasons[reason.code]
    return (text.zh if language == "zh" else text.en).format(
        ref=reason.ref, asked=reason.asked, limit=reason.limit)


def case_for(reason: Reason, law: Law) -> str:
    """The kind of case that would mend this, "" when none would."""
    if reason.code == "GRANT.NONE":
        return "NEW"
    return CASES.get(law.reasons[reason.code].remedy, "")


def offer(decision: Decision, law: Law) -> dict[str, Any]:
    """`access_request`, when a case could mend the refusal and nothing prohibits it."""
    texts = [law.reasons[reason.code] for reason in decision.reasons]
    kinds = [kind for reason in decision.reasons if (kind := case_for(reason, law))]
    if not kinds or any(text.class_ == "VIOLATION" and text.remedy == "NONE" for text in texts):
        return {}
    return {"access_request": {"endpoint": f"/cases/new?kind={kinds[0]}&from={decision.id}",
                               "template": kinds[0], "expires_at": offered_until(decision.at)}}


def offered_until(at: str) -> str:
    """Until when a refusal of that instant may be answered with a case."""
    return instant(datetime.fromisoformat(at) + OFFER_FOR)


def facts(decision: Decision, picture: Picture, law: Law, input_digest: str) -> dict[str, Any]:
    """What is sealed of a decision; ``input_digest`` is over the question."""
    return {
        "decision": decision.id, "permits": decision.permits, "at": decision.at,
        "epoch": decision.epoch, "engine": ENGINE, "rulebook": decision.rulebook,
        "policy_digest": decision.policy_digest, "institution": decision.institution,
        "grant": decision.grant, "grant_version": decision.grant_version,
        "chain": decision.chain, "dimensions": decision.results,
        "reasons": [[reason.code, reason.ref, reason.asked, reason.limit]
                    for reason in decision.reasons],
        "fields": decision.fields or {}, "obligations": decision.obligations,
        "quota": decision.quota or {},
        "legal_basis": {name: digest(basis) for name, basis in (decision.bases or {}).items()},
        "input": redacted(decision.ask, picture, law), "input_digest": input_digest,
    }


def sold_fields(picture: Picture, product: ProductPicture | None) -> frozenset[str]:
    """The names of fields any published version of a product has."""
    if product is None:
        return frozenset()
    key = ("sold", product.id)
    if key not in picture.kept:
        picture.kept[key] = frozenset(
            name for version in product.versions.values() for name in version.fields)
    return picture.kept[key]


def redacted(ask: Ask, picture: Picture, law: Law) -> dict[str, Any]:
    """The question with every value that is not a word or an id of ours left out."""
    words = law.vocabulary
    product = picture.products.get(ask.product)
    sold = sold_fields(picture, product)
    fields = [name for name in ask.fields or () if name in sold]
    kept = {
        "app": ask.app if ask.app in picture.apps else "",
        "credential": ask.presented.credential, "via": ask.presented.via,
        "action": ask.action if ask.action in words.actions else "",
        "channel": ask.channel if ask.channel in words.channels else "",
        "environment": ask.environment if ask.environment in words.environments else "",
        "node": ask.node if ask.node in picture.nodes else "",
        "product": ask.product if product else "",
        "version": ask.version if product and ask.version in product.versions else "",
        "purpose": ask.purpose if ask.purpose in law.purposes else "",
        "grant": ask.grant if ask.grant in picture.grants else "",
        "region": ask.region if ask.region.isdecimal() and len(ask.region) == 6 else "",
        "lookback_from": ask.lookback_from,
        "subject_kind": ask.subject_kind if ask.subject_kind in words.subject_kinds else "",
        "subject": ask.subject_hash,
    }
    shown: dict[str, Any] = {name: value for name, value in kept.items() if value}
    shown |= {"batch_size": ask.batch_size, "field_mode": ask.field_mode}
    if ask.fields is not None:
        shown |= {"fields": fields, "fields_unknown": len(ask.fields) - len(fields)}
    return shown
