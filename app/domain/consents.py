"""主体授权 as a decision sees it: one authorization of one subject, and dimension 10 (INV-11).

A field about a natural person needs a legal basis recorded on the product, or the subject's
authorization; a product version may ask for one whatever its fields are, and so does a purpose that
needs a separate consent (单独同意). A basis relied on is cited.
"""

from app.domain.hearing import NA, UNKNOWN, Hearing
from app.domain.reservations import ConsentPicture

ENDED = {"EXPIRED": "CONSENT.EXPIRED", "EXHAUSTED": "CONSENT.EXHAUSTED",
         "WITHDRAWN": "CONSENT.WITHDRAWN", "SUPERSEDED": "CONSENT.WITHDRAWN",
         "INVALID": "CONSENT.EVIDENCE"}


def consent(hearing: Hearing) -> str | None:
    """10: what needs the subject's authorization has one that covers this call."""
    version = hearing.version
    if version is None:
        return UNKNOWN
    bare = _personal(hearing) if hearing.served.has_persons else []
    asked = is_asked(hearing)
    if not bare and not asked:
        return NA if not hearing.bases else None
    found = hearing.on_record.consents if hearing.on_record else ()
    if not found:
        for name in [*bare, *([f"{version.product}@{version.version}"] if asked else [])]:
            hearing.against("CONSENT.MISSING", ref=version.product, asked=name)
        return None
    verdicts = [(covers(hearing, each, bare), each) for each in found]
    against, hearing.consent = min(verdicts, key=lambda each: len(each[0]))
    for code, what in against:
        hearing.against(code, ref=hearing.consent.id, asked=what)
    return None


def _personal(hearing: Hearing) -> list[str]:
    """Notes the fields about natural persons and their bases; those without one are returned."""
    fields = hearing.served.fields
    hearing.personal = [fields[name].field for name in hearing.effective
                        if fields[name].is_personal]
    hearing.bases.update((field.name, field.legal_basis) for field in hearing.personal
                         if field.legal_basis)
    return [field.name for field in hearing.personal if not field.legal_basis]


def is_asked(hearing: Hearing) -> bool:
    """Whether the subject must have authorized the call, whatever fields it is about."""
    purposes, version = hearing.law.purposes, hearing.version
    return (version.subject_authorization != "NONE" or (
        hearing.ask.purpose in purposes and purposes[hearing.ask.purpose].separate_consent))


def covers(hearing: Hearing, one: ConsentPicture, bare: list[str]) -> list[tuple[str, str]]:
    """Why this authorization does not cover the call: reason codes, with what was asked."""
    ask, purposes = hearing.ask, hearing.law.purposes
    against = _standing(hearing, one)
    if hearing.institution is None or one.institution != hearing.institution.key:
        against.append(("CONSENT.INSTITUTION", ""))
    if not ask.subject_hash or one.subject != ask.subject_hash:
        against.append(("CONSENT.SUBJECT", ""))
    if ask.purpose not in one.purposes:
        known = ask.purpose if ask.purpose in purposes else "context.purpose"
        against.append(("CONSENT.PURPOSE", known))
    elif (ask.purpose in purposes and purposes[ask.purpose].separate_consent
            and ask.purpose not in one.separate):
        against.append(("CONSENT.SEPARATE", ask.purpose))
    if _is_beyond(hearing, one, bare):
        against.append(("CONSENT.SCOPE", ""))
    return against


def _standing(hearing: Hearing, one: ConsentPicture) -> list[tuple[str, str]]:
    """Why this authorization does not count now, whatever the call is about."""
    at, against = hearing.at, []
    if one.state in ENDED:
        against.append((ENDED[one.state], ""))
    elif one.state != "ACTIVE" or at < one.begins:
        against.append(("CONSENT.MISSING", "subject_authorization"))
    if one.state == "ACTIVE" and at >= one.ends:
        against.append(("CONSENT.EXPIRED", ""))
    if (one.state == "ACTIVE" and one.max_uses is not None
            and one.max_uses - hearing.on_record.uses.get(one.id, 0) < hearing.ask.batch_size):
        against.append(("CONSENT.EXHAUSTED", ""))
    if one.state != "INVALID" and not (one.evidence_holds and one.noted):
        against.append(("CONSENT.EVIDENCE", ""))
    return against


def _is_beyond(hearing: Hearing, one: ConsentPicture, bare: list[str]) -> bool:
    """Whether the call reaches past the products, fields, days or mode that were agreed to."""
    ask = hearing.ask
    return (ask.product not in one.products
            or bool(one.fields and not one.fields.issuperset(bare or hearing.effective))
            or bool(one.earliest and (not ask.lookback_from or ask.lookback_from < one.earliest))
            or (ask.action == "MONITOR" and one.mode != "MONITOR"))
