"""The dimensions of the right itself but its scope: purpose, method and term.

Casbin's compiled sections give the verdict; what stands around them explains a refusal and holds
the bounds that are not in lines: batches, output forms, attestations, windows.
"""

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache

from app.domain.canonical import instant
from app.domain.dimensions import in_window, last_day, shown_window
from app.domain.hearing import UNKNOWN, Hearing, known
from app.domain.picture import VersionPicture
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
    if right and right.business_ref_required and not is_reference(
            hearing.ask.business_ref, reference_form(hearing)):
        hearing.against("PURPOSE.BUSINESS_REF")
    return UNKNOWN if right is None else None


def _granted_purpose(hearing: Hearing, code: str) -> None:
    right = hearing.right
    if right and not hearing.law.sections.purpose(right.lines, hearing.ref, code):
        hearing.against("PURPOSE.NOT_GRANTED", ref=hearing.ref, asked=code)
    barred = hearing.served.barred.get(code)
    if barred is None:
        barred = hearing.served.barred[code] = _barred(hearing, code)
    for reason, ref in barred:
        hearing.against(reason, ref=ref, asked=code)


def _barred(hearing: Hearing, code: str) -> tuple[tuple[str, str], ...]:
    """Why a product version is not sold, or its sources not given, for a purpose: code and ref."""
    purposes, version = hearing.law.purposes, hearing.version
    found: list[tuple[str, str]] = []
    if version and not purposes.is_within(code, version.purposes):
        found.append(("PURPOSE.NOT_GRANTED", f"{version.product}@{version.version}"))
    for dataset in hearing.datasets:
        listed = dataset.allowed_purposes
        if (purposes.is_within(code, dataset.forbidden_purposes)
                or (listed and not purposes.is_within(code, listed))):
            found.append(("PURPOSE.SOURCE_FORBIDS", dataset.id))
    return tuple(found)


def is_reference(reference: str, form: str) -> bool:
    """Whether a business reference is there and in the form the institution agreed."""
    return bool(reference) and fnmatchcase(reference, form)


def reference_form(hearing: Hearing) -> str:
    """The form the institution agreed for its business references; every one where none is."""
    return (hearing.institution.reference_form if hearing.institution else "") or EVERY


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
    if not node.attested_at or hearing.at > attested_until(node.attested_at):
        hearing.against("METHOD.NODE_NOT_ATTESTED", ref=node.id)


@lru_cache(maxsize=1024)
def attested_until(attested_at: str) -> str:
    """The last instant an attestation counts."""
    return instant(datetime.fromisoformat(attested_at) + ATTESTED_FOR)


def _batch(hearing: Hearing, right: VersionPicture, way: tuple) -> None:
    if hearing.ask.batch_size == 1:  # every way allows one
        return
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
