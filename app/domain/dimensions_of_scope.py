"""The dimension of scope: product, version, fields with their grades and treatments, and rows.

Casbin's compiled sections say which field is granted and how high a grade may go; the bounds on
rows are typed and stand here.
"""

from calendar import monthrange
from datetime import date, datetime

from app.domain.dimensions import SHANGHAI
from app.domain.hearing import UNKNOWN, Hearing, Reason
from app.domain.picture import ProductFieldPicture, VersionPicture
from app.domain.vocabulary import EVERY


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
    asked = hearing.ask.fields
    names = tuple(hearing.version.fields) if asked is None else asked
    refused: list[Reason] = []
    for position, name in enumerate(names):
        reason = field_reason(hearing, name, position)
        if reason is None:
            hearing.effective[name] = treatment(hearing, name)
        else:
            refused.append(reason)
    if hearing.ask.field_mode == "reduce" and hearing.effective:
        refused = [Reason("SCOPE.FIELD_REDUCED", asked=reason.asked) for reason in refused]
    hearing.reasons.extend(refused)


def field_reason(hearing: Hearing, name: str, position: int) -> Reason | None:
    """What speaks against one field, None when nothing does.

    A name we do not know is reported by its place in the request, never repeated.
    """
    version, right = hearing.version, hearing.right
    field = version.fields.get(name)
    product_ref = f"{version.product}@{version.version}"
    if field is None:
        return Reason("SCOPE.FIELD", product_ref, f"resource.properties.fields[{position}]")
    if right and not hearing.law.sections.scope(right.lines, hearing.ref, right.product, name):
        return Reason("SCOPE.FIELD", hearing.ref, name)
    for grade in grades(hearing, field):
        if not grade:
            return Reason("SCOPE.FIELD", product_ref, name)
        if not hearing.may_leave(grade):
            return Reason("SCOPE.GRADE", name, name, grade)
    return None


def grades(hearing: Hearing, field: ProductFieldPicture) -> list[str]:
    """The ceilings a field must pass: its level, and level 5's when it is important data.

    "" stands for a source that is missing, prohibited or outside the product's datasets.
    """
    found: list[str] = []
    for dataset_id, source in field.sources:
        dataset = hearing.picture.datasets.get(dataset_id)
        origin = dataset.fields.get(source) if dataset else None
        if origin is None or origin.prohibited or dataset_id not in hearing.version.datasets:
            return [""]
        found.append(f"L{origin.level}" if origin.level else "UNGRADED")
        classes = {origin.data_class, dataset.data_class}
        if classes - {"GENERAL"}:
            found.append("L5" if classes <= {"GENERAL", "IMPORTANT"} else "CORE")
    return found or [""]


def treatment(hearing: Hearing, name: str) -> str:
    """The strictest treatment of source, product and grant (INV-03).

    In a grant a field's own name stands before a pattern it matches.
    """
    field, right = hearing.version.fields[name], hearing.right
    stated = [field.treatment]
    for dataset, source in field.sources:
        stated.append(hearing.picture.datasets[dataset].fields[source].treatment)
    if right:
        stated += [right.fields[name]] if name in right.fields else [
            treated for pattern, treated in right.fields.items()
            if pattern[-1:] == EVERY and name.startswith(pattern[:-1])]
    return hearing.law.vocabulary.strictest(*stated)


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
