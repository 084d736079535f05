"""The dimensions that ask the registry: request, caller, institution, chain, grant, context, holds.

Each looks at a hearing, reports what speaks against the call, and says nothing when nothing does.
A returned result stands for dimensions that do not apply or could not be evaluated.
"""

import ipaddress
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from app.domain.hearing import UNKNOWN, Hearing
from app.domain.picture import RegistrationPicture
from app.domain.vocabulary import EVERY

SKEW_LIMIT_S = 120
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
REGISTERED = frozenset({"NOT_REQUIRED", "REGISTERED", "EXPIRING", "RENEWED"})
BEING_REGISTERED = frozenset({"FILED", "ACCEPTED", "REVIEWED", "PUBLICITY"})


def request(hearing: Hearing) -> str | None:
    """1: the members are in form, the clock agrees, nothing restricting goes unheard."""
    ask = hearing.ask
    for place in ask.malformed:
        hearing.against("REQ.MALFORMED", asked=place)
    for name in ask.unknown:
        hearing.against("REQ.UNKNOWN_ATTRIBUTE", asked=f"resource.properties.{name}")
    if ask.time and is_skewed(ask.time, hearing.at):
        hearing.against("REQ.CLOCK_SKEW", limit=str(SKEW_LIMIT_S))
    return None


def is_skewed(said: str, at: str) -> bool:
    """Whether the caller's clock is further from ours than is let pass."""
    apart = datetime.fromisoformat(said) - datetime.fromisoformat(at)
    return abs(apart) > timedelta(seconds=SKEW_LIMIT_S)


def identity(hearing: Hearing) -> str | None:
    """2: the credential is live, of this application, bound to this grant; persons are named."""
    credential, app, ask = hearing.credential, hearing.app, hearing.ask
    if credential is None or app is None or not _is_of_caller(hearing):
        hearing.against("ID.CREDENTIAL_UNKNOWN")
    if credential and (credential.revoked or (app and app.state != "ACTIVE")):
        hearing.against("ID.CREDENTIAL_REVOKED", ref=credential.id)
    if credential and hearing.at >= credential.expires:
        hearing.against("ID.CREDENTIAL_EXPIRED", ref=credential.id, limit=credential.expires)
    if credential and hearing.grant and app and not (
            EVERY in credential.grants or hearing.grant.id in credential.grants):
        hearing.against("ID.APP_NOT_BOUND", ref=app.id)
    words = hearing.law.vocabulary
    personal = [code for code, word in ((ask.channel, words.channels.get(ask.channel)),
                                        (ask.action, words.actions.get(ask.action)))
                if word and word.personal]
    if personal and not ask.user:
        hearing.against("ID.USER_REQUIRED", asked=personal[0])
    if ask.user and app and ask.user not in app.users:
        hearing.against("ID.USER_NOT_ENROLLED", ref=app.institution)
    return None


def _is_of_caller(hearing: Hearing) -> bool:
    """Whether what the body claims about the caller agrees with the registry."""
    credential, app, ask = hearing.credential, hearing.app, hearing.ask
    if credential is None or app is None:
        return False
    branch = hearing.picture.institutions.get(ask.branch) if ask.branch else None
    return (app.id in credential.apps and credential.begins <= hearing.at
            and ask.claimed_credential in ("", credential.id)
            and ask.institution in ("", app.institution)
            and (not ask.branch or ask.branch == app.institution
                 or (branch is not None and branch.parent == app.institution)))


def last_day(ends: str) -> str:
    """The last Shanghai day that has any of the period in it."""
    instant = datetime.fromisoformat(ends) - timedelta(microseconds=1)
    return instant.astimezone(SHANGHAI).date().isoformat()


def institution(hearing: Hearing) -> str | None:
    """3 (L4): admitted, or rectifying without a stop order, and not barred."""
    found = hearing.institution
    if found is None:
        return UNKNOWN
    if found.state == "SUSPENDED" or (found.state == "RECTIFYING" and found.stop_order):
        hearing.against("INST.SUSPENDED", ref=found.id)
    elif found.state == "EXITING":
        hearing.against("INST.EXITING", ref=found.id)
    elif found.state not in ("ADMITTED", "RECTIFYING"):
        hearing.against("INST.NOT_ADMITTED", ref=found.id)
    if found.bar_ends > hearing.at:
        hearing.against("INST.BARRED", ref=found.id, limit=last_day(found.bar_ends))
    return None


def chain(hearing: Hearing) -> str | None:
    """4 (L0 to L3): head agreement, datasets, registrations and listing are all in force."""
    product, version, at = hearing.product, hearing.version, hearing.at
    if product is None:
        return UNKNOWN
    if hearing.agreement is None:
        hearing.against("CHAIN.HEAD_AGREEMENT", ref=product.id)
    for name in version.datasets if version else ():
        dataset = hearing.picture.datasets.get(name)
        state = dataset.state if dataset else "UNKNOWN"
        if state == "FROZEN":
            hearing.against("CHAIN.DATASET_FROZEN", ref=name)
        elif state != "ONLINE":
            hearing.against("CHAIN.DATASET_RETIRED", ref=name)
        if dataset and not is_registered(dataset.registration, at):
            hearing.against("CHAIN.REGISTRATION", ref=name)
    if not is_registered(product.registration, at):
        hearing.against("CHAIN.REGISTRATION", ref=product.id)
    if product.state == "PAUSED":
        hearing.against("CHAIN.PRODUCT_PAUSED", ref=product.id)
    elif product.state != "LISTED":
        hearing.against("CHAIN.PRODUCT_DELISTED", ref=product.id)
    return None


def is_registered(registration: RegistrationPicture, at: str) -> bool:
    """L2: registered and valid, being registered, inside the filing window, or not required."""
    if registration.state in REGISTERED:
        return not registration.until or at < registration.until
    if registration.state == "DUE":
        return at < registration.until
    return registration.state in BEING_REGISTERED


def grant(hearing: Hearing) -> str | None:
    """5: exactly one grant of this institution, with no bound that cannot be enforced."""
    if hearing.is_ambiguous:
        hearing.against("GRANT.AMBIGUOUS")
    elif hearing.grant is None:
        hearing.against("GRANT.NONE")
    for bound in hearing.right.unknown_bounds if hearing.right else ():
        hearing.against("GRANT.UNKNOWN_BOUND", ref=hearing.ref, limit=bound)
    return None


def context(hearing: Hearing) -> str | None:
    """12: the network address is listed, the hour is registered, the sign-in strong enough."""
    app, credential, ask = hearing.app, hearing.credential, hearing.ask
    if app is None or credential is None:
        return UNKNOWN
    if not _is_from_listed_network(hearing):
        hearing.against("CTX.NETWORK", ref=app.id)
    if app.hours and not in_window(hearing.at, app.hours):
        hearing.against("CTX.HOURS", ref=app.id, limit=shown_window(app.hours))
    needed = hearing.version.auth_level if hearing.version else 0
    if ask.auth_level < needed:
        hearing.against("ID.AUTH_LEVEL", limit=str(needed))
    return None


def _is_from_listed_network(hearing: Hearing) -> bool:
    """The connection fits the credential; the application's address fits the application.

    An application that calls with its own credential is the peer; a gateway states its caller.
    """
    app, credential, ask = hearing.app, hearing.credential, hearing.ask
    if not (app.networks or credential.networks):
        return False
    if credential.networks and not is_inside(ask.presented.peer, credential.networks):
        return False
    if not app.networks:
        return True
    source = ask.ip or (ask.presented.peer if credential.apps == {app.id} else "")
    return is_inside(source, app.networks)


@lru_cache(maxsize=16384)
def is_inside(address: str, blocks: tuple[str, ...]) -> bool:
    """Whether an address is in one of the CIDR blocks. What cannot be read is in none."""
    try:
        place = ipaddress.ip_address(address)
        networks = [ipaddress.ip_network(block, strict=False) for block in blocks]
    except ValueError:
        return False
    mapped = getattr(place, "ipv4_mapped", None)
    return any((mapped or place) in network for network in networks)


def hold(hearing: Hearing) -> str | None:
    """13: no emergency stop, incident or order lies on anything this call touches."""
    for held in _holds(hearing):
        hearing.against(f"HOLD.{held.kind}", ref=held.target[1])
    return None


def _holds(hearing: Hearing) -> list:
    holds = hearing.picture.holds
    if not holds:
        return []
    touched = [("zone", EVERY), ("client_app", hearing.ask.app), ("product", hearing.ask.product),
               ("credential", hearing.ask.presented.credential), ("joint_node", hearing.ask.node)]
    touched += [("institution", hearing.app.institution)] if hearing.app else []
    touched += [("grant", hearing.grant.id)] if hearing.grant else []
    for dataset in hearing.datasets:
        touched += [("dataset", dataset.id), ("department", dataset.department)]
    touched += [("head_agreement", hearing.agreement.id)] if hearing.agreement else []
    return [held for target in touched for held in holds.get(target, ())]


def in_window(at: str, window: tuple[int, int]) -> bool:
    """Whether the Shanghai minute of day is in `[from, to)`, which may cross midnight."""
    local = datetime.fromisoformat(at).astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    begins, ends = window
    return begins <= minute < ends if begins < ends else minute >= begins or minute < ends


def shown_window(window: tuple[int, int]) -> str:
    return "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in window)

