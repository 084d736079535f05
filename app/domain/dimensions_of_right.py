"""The dimensions of the right itself: purpose, scope, method, term, and the subject's consent.

Casbin's compiled sections give the verdict; what stands around them explains a refusal and holds
the bounds that are not in lines: rows, look-back, grades, batches, windows.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

from app.domain.dimensions import SHANGHAI, in_window, shown_window
from app.domain.hearing import NA, UNKNOWN, Hearing, Reason, known
from app.domain.picture import ProductFieldPicture, VersionPicture
from app.domain.vocabulary import EVERY, NO_NODE

ATTESTED_FOR = timedelta(hours=24)
ENDED = {"SUSPENDED": "TERM.SUSPENDED", "REVOKED": "TERM.REVOKED", "TERMINATED": "TERM.CLOSED",
         "CLOSING": "TERM.CLOSED", "CLOSED": "TERM.CLOSED"}


def purpose(hearing: Hearing) -> str | None:
    """6: a registered, permitted leaf, granted, sold for, and not forbidden by a source."""
    code, purposes, right = hearing.ask.purpose, hearing.law.purposes, hearing.right
    if not code:
        hearing.against("PURPOSE.MISSING")
    elif code not in purposes:
        hearing.against("PURPOSE.UNKNOWN")
    elif purposes[code].prohibited:
        hearing.against("PURPOSE.PROHIBITED", asked=code)
    elif not purposes.is_leaf(code):
        hearing.against("PURPOSE.NOT_LEAF", asked=code)
    else:
        _granted_purpose(hearing, code)
    if right and right.business_ref_required and not is_reference(hearing):
        hearing.against("PURPOSE.BUSINESS_REF")
    return UNKNOWN if right is None else None


def _granted_purpose(hearing: Hearing, code: str) -> None:
    purposes, right, version = hearing.law.purposes, hearing.right, hearing.version
    if right and not hearing.law.sections.purpose(right.lines, hearing.ref, code):
        hearing.against("PURPOSE.NOT_GRANTED", ref=hearing.ref, asked=code)
    if version and not purposes.is_within(code, version.purposes):
        hearing.against("PURPOSE.NOT_GRANTED", ref=f"{version.product}@{version.version}",
                        asked=code)
    for dataset in hearing.datasets:
        listed = dataset.allowed_purposes
        if (purposes.is_within(code, dataset.forbidden_purposes)
                or (listed and not purposes.is_within(code, listed))):
            hearing.against("PURPOSE.SOURCE_FORBIDS", ref=dataset.id, asked=code)


def is_reference(hearing: Hearing) -> bool:
    """Whether the business reference is there and in the form the institution agreed."""
    reference = hearing.ask.business_ref
    form = hearing.institution.reference_form if hearing.institution else EVERY
    return bool(reference) and fnmatchcase(reference, form or EVERY)


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


def method(hearing: Hearing) -> str | None:
    """8: action, channel, environment and node are granted, sold and fit for the purpose."""
    ask, right, version, words = hearing.ask, hearing.right, hearing.version, hearing.law.vocabulary
    way = (ask.action, ask.channel, ask.environment)
    channel = words.channels.get(ask.channel)
    node = ask.node if channel and channel.node else NO_NODE
    if version and way not in version.methods:
        _explain(hearing, way, version.methods, f"{version.product}@{version.version}")
    _fit_for_purpose(hearing, way)
    if channel and channel.node:
        _node(hearing)
    if right is None:
        return UNKNOWN
    if not hearing.law.sections.method(right.lines, hearing.ref, (*way, node)):
        granted = {(each.action, each.channel, each.environment) for each in right.methods}
        if way in granted:
            hearing.against("METHOD.NODE", ref=hearing.ref)
        else:
            _explain(hearing, way, granted, hearing.ref)
    _batch(hearing, right, (*way, node))
    if version and not words.is_form_within(version.output_form, right.output_form):
        hearing.against("METHOD.OUTPUT_FORM", ref=hearing.ref, limit=right.output_form,
                        asked=known(version.output_form, words.output_forms, ""))
    return None


PLACES = ("ACTION", "CHANNEL", "ENVIRONMENT")


def _explain(hearing: Hearing, way: tuple, granted, ref: str) -> None:
    """Which parts of the way are granted nowhere; else the first that breaks the combination."""
    wrong = [at for at in range(3) if all(way[at] != each[at] for each in granted)]
    if not wrong:
        wrong = [next(at for at in range(3)
                      if all(way[:at + 1] != each[:at + 1] for each in granted))]
    for at in wrong:
        hearing.against(f"METHOD.{PLACES[at]}", ref=ref, asked=_said(hearing, way, at))


def _said(hearing: Hearing, way: tuple, at: int) -> str:
    """A part of the way when it is a word of ours, else the member that holds it."""
    words = hearing.law.vocabulary
    return (known(way[0], words.actions, "action.name"),
            known(way[1], words.channels, "action.properties.channel"),
            known(way[2], words.environments, "action.properties.environment"))[at]


def _fit_for_purpose(hearing: Hearing, way: tuple) -> None:
    """What the purpose confines its methods to: training to joint nodes, tests to the sandbox."""
    purposes, code = hearing.law.purposes, hearing.ask.purpose
    if code not in purposes:
        return
    only = purposes[code].only
    for at, allowed in enumerate((only.actions, only.channels, only.environments)):
        if allowed and way[at] not in allowed:
            hearing.against(f"METHOD.{PLACES[at]}", ref=code, asked=_said(hearing, way, at))


def _node(hearing: Hearing) -> None:
    """The node belongs to the institution and was attested within a day."""
    node = hearing.picture.nodes.get(hearing.ask.node)
    if node is None or hearing.app is None or node.institution != hearing.app.institution:
        hearing.against("METHOD.NODE", ref=hearing.ref)
        return
    at = datetime.fromisoformat(hearing.at)
    if not node.attested_at or at - datetime.fromisoformat(node.attested_at) > ATTESTED_FOR:
        hearing.against("METHOD.NODE_NOT_ATTESTED", ref=node.id)


def _batch(hearing: Hearing, right: VersionPicture, way: tuple) -> None:
    ceiling = max((each.max_batch for each in right.methods
                   if (each.action, each.channel, each.environment) == way[:3]
                   and each.node in (EVERY, way[3])), default=1)
    if hearing.ask.batch_size > ceiling:
        hearing.against("METHOD.BATCH", ref=hearing.ref, asked=str(hearing.ask.batch_size),
                        limit=str(ceiling))


def term(hearing: Hearing) -> str | None:
    """9: the grant is active and the clock is inside its term and its daily window (INV-12)."""
    grant, right, at = hearing.grant, hearing.right, hearing.at
    if grant is None or right is None:
        return UNKNOWN
    if grant.state in ENDED:
        hearing.against(ENDED[grant.state], ref=grant.id)
    inside = hearing.law.sections.term(right.lines, hearing.ref, at)
    if grant.state == "EXPIRED" or (not inside and at >= right.ends):
        hearing.against("TERM.GRANT_EXPIRED", ref=grant.id, limit=last_day(right.ends))
    elif not inside or grant.state not in ("ACTIVE", *ENDED):
        hearing.against("TERM.NOT_YET", ref=grant.id, limit=right.begins)
    if right.window and not in_window(at, right.window):
        hearing.against("TERM.WINDOW", ref=grant.id, limit=shown_window(right.window))
    return None


def last_day(ends: str) -> str:
    """The last Shanghai day that has any of the term in it."""
    instant = datetime.fromisoformat(ends) - timedelta(microseconds=1)
    return instant.astimezone(SHANGHAI).date().isoformat()


def consent(hearing: Hearing) -> str | None:
    """10: fields about a natural person need a legal basis on the product, or the subject (INV-11).

    Subject authorizations are not kept by this zone yet, so none can be shown: a field about a
    natural person without a recorded basis is refused, and so is a product version whose rule for
    enterprises is not NONE. A basis relied on is cited in the decision.
    """
    if hearing.version is None:
        return UNKNOWN
    fields = hearing.version.fields
    hearing.personal = [fields[name] for name in hearing.effective
                        if hearing.is_personal(fields[name])]
    for field in hearing.personal:
        if field.legal_basis:
            hearing.bases[field.name] = field.legal_basis
        else:
            hearing.against("CONSENT.MISSING", ref=hearing.version.product, asked=field.name)
    if hearing.version.subject_authorization != "NONE":
        hearing.against("CONSENT.MISSING", ref=hearing.version.product,
                        asked=f"{hearing.version.product}@{hearing.version.version}")
    is_untouched = hearing.version.subject_authorization == "NONE" and not hearing.bases
    return NA if is_untouched else None
