"""AuthZEN searches on the lane: which page is asked for, and the answer with its token.

A token carries no right: it says where the next page begins and which search it belongs to, and
every result of every page is decided anew.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from app.commands.decide import Gate, is_live
from app.domain import decisions
from app.domain.answers import told
from app.domain.asks import Ask, Presented
from app.domain.canonical import instant
from app.domain.searches import Page, Search, Sight, page_of
from app.store.batch import Batch
from app.store.ledger import UNAVAILABLE
from app.store.shelf import Shelf
from app.web import authzen
from app.web.authzen import Misshapen

PATHS = {kind: "/access/v1/search/" + kind for kind in authzen.SOUGHT}
LIMIT = 1000


def endpoints(base: str) -> dict[str, str]:
    """The searches as the metadata names them."""
    return {f"search_{kind}_endpoint": base + path for kind, path in PATHS.items()}


def handlers(gate: Gate) -> dict[str, Callable]:
    """What answers each path: a function of the body and of what the caller proved."""
    return {path: partial(answer, gate, kind) for kind, path in PATHS.items()}


def answer(gate: Gate, kind: str, body: Mapping[str, Any],
           presented: Presented) -> dict[str, Any]:
    """One page of what may be; nothing while policy cannot be confirmed.

    Raises:
        Misshapen: naming the member to mend.
    """
    search = Search(kind, authzen.sought(kind, body), presented)
    bound = digest_of(search)
    limit, after = page_asked(body, bound)
    try:
        if not is_fresh(gate, search):
            return unfound(gate, presented, "SYS.STALE")
        picture = gate.picture
        if not is_live(presented, picture, instant(gate.rt.clock())):
            return unfound(gate, presented, "ID.CREDENTIAL_UNKNOWN")
        with gate.rt.db.reading() as connection:
            sight = Sight(picture, gate.law, instant(gate.rt.clock()), Shelf(Batch(connection)),
                          gate.rt.subject_hash)
            page = page_of(search, sight, after, limit)
    except UNAVAILABLE:
        return unfound(gate, presented, "SYS.UNAVAILABLE")
    token = token_of(bound, limit, page.last) if page.last else ""
    return shown(page, token, epoch=picture.epoch)


def shown(page: Page, token: str, **context: Any) -> dict[str, Any]:
    counts = {"count": len(page.results)} | (
        {} if page.total is None else {"total": page.total})
    return {"page": {"next_token": token, **counts}, "context": context, "results": page.results}


def unfound(gate: Gate, presented: Presented, code: str) -> dict[str, Any]:
    """Nothing, and why nothing can be found at this moment."""
    at, epoch = instant(gate.rt.clock()), gate.picture.epoch
    refusal = decisions.refused(Ask(presented, "", "", ""), gate.law, at, "", code, epoch)
    reasons = [told(reason, refusal, gate.law) for reason in refusal.reasons]
    return shown(Page((), "", None), "", epoch=epoch, reasons=reasons)


# -- pages ----------------------------------------------------------------------------------------

def page_asked(body: Mapping[str, Any], bound: str) -> tuple[int, str]:
    """How many results at most, and after which one; a limit above ours is cut to ours.

    Raises:
        Misshapen: a member of another form, or a token of another search.
    """
    page = body.get("page", {})
    if not isinstance(page, dict):
        raise Misshapen("page 须是对象", "page must be an object")
    limit, token = page.get("limit", LIMIT), page.get("token", "")
    if type(limit) is not int or limit < 1:
        raise Misshapen("page.limit 须是 1 以上的整数", "page.limit must be a whole number above 0")
    if not isinstance(token, str):
        raise Misshapen("page.token 须是字符串", "page.token must be a string")
    if not isinstance(page.get("properties", {}), dict):
        raise Misshapen("page.properties 须是对象", "page.properties must be an object")
    limit = min(limit, LIMIT)
    if not token:
        return limit, ""
    began, after = read_token(token, bound)
    if "limit" in page and limit != began:
        raise Misshapen("page.limit 与首页请求不同", "page.limit is not that of the first page")
    return began, after


def digest_of(search: Search) -> str:
    """What a token is bound to: the search, its entities and context, and who asks."""
    text = json.dumps([search.kind, search.presented.credential, search.entities], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def token_of(bound: str, limit: int, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([bound, limit, last]).encode()).decode()


def read_token(token: str, bound: str) -> tuple[int, str]:
    """The limit of the first page and where this one begins."""
    try:
        told_bound, limit, last = json.loads(base64.b64decode(token, b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        told_bound, limit, last = "", 0, ""
    if (told_bound != bound or type(limit) is not int or not 1 <= limit <= LIMIT
            or not isinstance(last, str)):
        raise Misshapen("page.token 不属于此次搜索，请原样重复首页请求的其余内容",
                        "page.token is not of this search: repeat all else as in the first page")
    return limit, last


def is_fresh(gate: Gate, search: Search) -> bool:
    """Whether the snapshot is current, as new as the caller wants, and of the published law."""
    settings, follower = gate.rt.settings, gate.follower
    wanted = search.entities.get("context", {}).get("min_epoch", 0)
    return (not follower.is_stale(settings.stale_after_s)
            and gate.runs_published()
            and (type(wanted) is not int or wanted <= gate.picture.epoch
                 or follower.wait_for(wanted, settings.decision_wait_s / 2)))
