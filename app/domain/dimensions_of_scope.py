"""The dimension of scope: product, version, fields with their grades and treatments, and rows.

Casbin's compiled sections say which field is granted and how high a grade may go; the bounds on
rows are typed and stand here.
"""

from calendar import monthrange
from datetime import date, datetime

from app.domain.dimensions import SHANGHAI
from app.domain.hearing import UNKNOWN, Hearing, Reason
from app.domain.picture import VersionPicture
from app.domain.served import ServedField
from app.domain.vocabulary import EVERY

STATED_KEPT, ASKED_KEPT = 1024, 64  # sayings of grants, and questions under each


def scope(hearing: Hearing) -> str | None:
    """7: product, version, fields and their grades, and the rows, are within grant and product."""
    right, version, ask = hearing.right, hearing.version, hearing.ask
    if hearing.product is None:
        hearing.against("SCOPE.PRODUCT", ref=hearing.ref)
        return None
    if right and right.product != ask.product:
        hearing.against("SCOPE.PRODUCT", ref=hearing.ref)
    if version is None or version.version != hearing.newest:
        hearing.against("SCOPE.VERSION", ref=hearing.ref)
    if version is not None:
        _datasets(hearing)
        _fields(hearing)
    if right is None:
        return UNKNOWN
    _rows(hearing, right)
    return None


def _datasets(hearing: Hearing) -> None:
    """Core data never leaves; important data only after its risk assessment (INV-10)."""
    for dataset in hearing.datasets:
        if dataset.data_class not in ("GENERAL", "IMPORTANT"):
            hearing.against("SCOPE.GRADE", ref=dataset.id, limit=dataset.data_class)
        elif dataset.data_class == "IMPORTANT" and not dataset.risk_assessed:
            hearing.against("SCOPE.GRADE", ref=dataset.id, limit="IMPORTANT")


def _fields(hearing: Hearing) -> None:
    """Each field on its own; `reduce` leaves out what is not allowed, if something remains."""
    right, served = hearing.right, hearing.served.fields
    names = hearing.ask.fields
    names = tuple(served) if names is None else names
    known = _treated(hearing)
    asked = (names, hearing.ask.action, hearing.ask.channel)
    found = known.get(asked)
    if found is not None:
        hearing.effective.update(found)
        return
    effective = hearing.effective
    allowed = hearing.law.sections.fields(right.lines, hearing.ref, right.product, names
                                          ) if right else frozenset(names)
    leaving = _leaving(hearing)
    refused: list[Reason] = []
    for position, name in enumerate(names):
        if name in allowed and name in leaving:
            field = served[name]
            effective[name] = treatment(hearing, field) if right else field.treatment
        else:
            refused.append(_refusal(hearing, served.get(name), name, position, name in allowed))
    if refused:
        if hearing.ask.field_mode == "reduce" and effective:
            refused = [Reason("SCOPE.FIELD_REDUCED", asked=reason.asked) for reason in refused]
        hearing.reasons.extend(refused)
    elif right:
        known[asked] = dict(effective)


def _treated(hearing: Hearing) -> dict[tuple, dict[str, str]]:
    """What became of fields that were all allowed, by what was asked, under grants of the product
    that say the same of fields: those hold the same mapping, which is kept here as long as it is
    known by its place."""
    right, known = hearing.right, hearing.served.treated
    if right is None or right.product != hearing.version.product:
        return {}
    found = known.get(id(right.fields))
    if found is None or found[0] is not right.fields or len(found[1]) >= ASKED_KEPT:
        if len(known) >= STATED_KEPT:
            known.clear()
        found = known[id(right.fields)] = (right.fields, {})
    return found[1]


def _leaving(hearing: Hearing) -> frozenset[str]:
    """The fields whose grades may leave by the method asked, worked out once a method."""
    way = (hearing.ask.action, hearing.ask.channel)
    found = hearing.served.leaving.get(way)
    if found is None:
        found = frozenset(name for name, field in hearing.served.fields.items()
                          if all(may_leave(hearing, grade) for grade in field.grades))
        words = hearing.law.vocabulary
        if way[0] in words.actions and way[1] in words.channels:
            hearing.served.leaving[way] = found
    return found


def may_leave(hearing: Hearing, grade: str) -> bool:
    """Whether this grade may leave by the method asked and in the form of the product."""
    return hearing.law.sections.ceiling(grade, hearing.ask.action, hearing.ask.channel,
                                        hearing.version.output_form)


def _refusal(hearing: Hearing, field: ServedField | None, name: str, position: int,
             is_granted: bool) -> Reason:
    """What speaks against one field.

    A name we do not know is reported by its place in the request, never repeated.
    """
    product_ref = f"{hearing.version.product}@{hearing.version.version}"
    if field is None:
        return Reason("SCOPE.FIELD", product_ref, f"resource.properties.fields[{position}]")
    if not is_granted:
        return Reason("SCOPE.FIELD", hearing.ref, name)
    grade = next(grade for grade in field.grades if not may_leave(hearing, grade))
    return Reason("SCOPE.GRADE", name, name, grade) if grade else Reason(
        "SCOPE.FIELD", product_ref, name)


def treatment(hearing: Hearing, field: ServedField) -> str:
    """The strictest treatment of source, product and grant (INV-03).

    In a grant a field's own name stands before a pattern it matches.
    """
    granted, name = hearing.right.fields, field.field.name
    stated = granted.get(name)
    if stated is not None:
        return hearing.law.vocabulary.stricter(field.treatment, stated)
    return hearing.law.vocabulary.strictest(field.treatment, *(
        treated for pattern, treated in granted.items()
        if pattern[-1:] == EVERY and name.startswith(pattern[:-1])))


def _rows(hearing: Hearing, right: VersionPicture) -> None:
    """Row bounds. A bound the grant sets must be stated by the call: silence asks for all rows."""
    ask = hearing.ask
    if right.regions and not any(is_region_within(ask.region, region) for region in right.regions):
        hearing.against("SCOPE.REGION", ref=hearing.ref, limit="|".join(right.regions))
    if right.industries and ask.industry not in right.industries:
        hearing.against("SCOPE.ROW", ref=hearing.ref, asked="resource.properties.industry",
                        limit="|".join(right.industries))
    is_unknown_kind = ask.subject_kind and ask.subject_kind not in (
        hearing.law.vocabulary.subject_kinds)
    if is_unknown_kind or (right.subject_kinds and ask.subject_kind not in right.subject_kinds):
        hearing.against("SCOPE.SUBJECT_KIND", ref=hearing.ref, limit="|".join(right.subject_kinds))
    if right.lookback_months is not None:
        earliest = earliest_day(hearing.at, right.lookback_months)
        if not ask.lookback_from or ask.lookback_from < earliest:
            hearing.against("SCOPE.LOOKBACK", ref=hearing.ref, limit=earliest)
    _population(hearing, right)


def _population(hearing: Hearing, right: VersionPicture) -> None:
    """Own customers are shown by the institution's business reference, listed ones by the list."""
    ask = hearing.ask
    missing = {"ALL": "", "OWN_CUSTOMERS": "" if ask.business_ref else "context.business_ref",
               "LISTED": "" if ask.subject_hash in right.listed
               else "resource.properties.data_subject"}
    if right.population not in missing:
        hearing.against("GRANT.UNKNOWN_BOUND", ref=hearing.ref, limit="population")
    elif missing[right.population]:
        hearing.against("SCOPE.ROW", ref=hearing.ref, asked=missing[right.population],
                        limit=right.population)


def is_region_within(asked: str, granted: str) -> bool:
    """Whether an administrative code lies in another: `110105` in `110000`.

    Source: GB/T 2260, two digits each for province, prefecture and county.
    """
    if not (len(asked) == len(granted) == 6 and asked.isdecimal() and granted.isdecimal()):
        return asked == granted != ""
    while granted.endswith("00"):
        granted = granted[:-2]
    return bool(granted) and asked.startswith(granted)


def earliest_day(at: str, months: int) -> str:
    """The Shanghai calendar day so many months before an instant; a day that lacks is the last."""
    today = datetime.fromisoformat(at).astimezone(SHANGHAI).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])).isoformat()
