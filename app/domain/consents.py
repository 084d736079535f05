"""主体授权 as a decision sees it: one authorization of one subject, and dimension 10 (INV-11).

A field about a natural person needs a legal basis recorded on the product, or the subject's
authorization; a product version may ask for one whatever its fields are. A basis relied on is
cited.
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
    fields = version.fields
    hearing.personal = [fields[name] for name in hearing.effective
                        if hearing.is_personal(fields[name])]
    bare = [field.name for field in hearing.personal if not field.legal_basis]
    hearing.bases.update((field.name, field.legal_basis) for field in hearing.personal
                         if field.legal_basis)
    is_asked = version.subject_authorization != "NONE"
    if not bare and not is_asked:
        return NA if not hearing.bases else None
    found = hearing.on_record.consents if hearing.on_record else ()
    if not found:
        for name in [*bare, *([f"{version.product}@{version.version}"] if is_asked else [])]:
            hearing.against("CONSENT.MISSING", ref=version.product, asked=name)
        return None
    verdicts = [(covers(hearing, each, bare), each) for each in found]
    against, hearing.consent = min(verdicts, key=lambda each: len(each[0]))
    for code, asked in against:
        hearing.against(code, ref=hearing.consent.id, asked=asked)
    return None


def covers(hearing: Hearing, one: ConsentPicture, bare: list[str]) -> list[tuple[str, str]]:
    """Why this authorization does not cover the call: reason codes, with what was asked."""
    ask, at = hearing.ask, hearing.at
    owner = hearing.app.institution if hearing.app else ""
    against: list[tuple[str, str]] = []
    if one.state in ENDED:
        against.append((ENDED[one.state], ""))
    elif one.state != "ACTIVE" or at < one.begins:
        against.append(("CONSENT.MISSING", "subject_authorization"))
    if one.state == "ACTIVE" and at >= one.ends:
        against.append(("CONSENT.EXPIRED", ""))
    if one.state == "ACTIVE" and one.uses_left is not None and one.uses_left < ask.batch_size:
        against.append(("CONSENT.EXHAUSTED", ""))
    if not one.evidence_holds and one.state != "INVALID":
        against.append(("CONSENT.EVIDENCE", ""))
    if one.institution != owner:
        against.append(("CONSENT.INSTITUTION", ""))
    if not ask.subject_hash or one.subject != ask.subject_hash:
        against.append(("CONSENT.SUBJECT", ""))
    if ask.purpose not in one.purposes:
        known = ask.purpose if ask.purpose in hearing.law.purposes else "context.purpose"
        against.append(("CONSENT.PURPOSE", known))
    if ask.product not in one.products or (one.fields and not one.fields.issuperset(
            bare or hearing.effective)) or (one.earliest and (
                not ask.lookback_from or ask.lookback_from < one.earliest)):
        against.append(("CONSENT.SCOPE", ""))
    return against
