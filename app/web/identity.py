"""Who is asking: a session by cookie or by bearer token, read anew at every request.

A cookie is ambient, so what changes anything needs the session's token and our own origin too.
A bearer token (the same session, given to programs by `POST /api/v1/session`) is not ambient and
needs neither. Source: requirements W01, W06, A09 to A11; ASVS 5.0 3.3, 3.5, 7.2.
"""

import base64
import hashlib
import hmac
import re
from urllib.parse import quote, urlsplit, urlunsplit

from flask import Flask, Request, Response, current_app, g, redirect, request
from werkzeug.exceptions import HTTPException

from app.commands.sign_in import Opened, note_seen
from app.domain.callers import Caller
from app.domain.refusals import NotAllowed, Unidentified
from app.engines.key_files import kept
from app.queries.sessions import Present, present
from app.web import hosts
from app.web.problems import wants_json
from app.web.routes import action_of, is_unattended

COOKIE = "__Host-hufu"
NOTES = "__Host-hufu-notes"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PRINTABLE = re.compile(r"/[\x21-\x7e]*")
# What a person may still do while a password change is due, and while a security key is.
DUE = frozenset({"public", "account.set_password", "session.close", "session.confirm_factor",
                 "session.read"})
KEY_DUE = DUE | {"account.add_key"}


def cookie_key(rt) -> str:
    """The key of signed cookies, from its file; the same on every machine that serves pages."""
    return kept(rt.settings.data_dir / "keys" / "cookie.key", rt.token(32))


def register(app: Flask, rt) -> None:
    """Find out who asks before every request; refuse forged ones."""
    app.secret_key = cookie_key(rt)
    app.config.update(SESSION_COOKIE_NAME=NOTES, SESSION_COOKIE_SECURE=True,
                      SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Strict",
                      SESSION_COOKIE_PATH="/")
    app.jinja_env.globals["csrf_token"] = csrf_token
    hosts.register(app, rt.settings)

    @app.after_request
    def carry_on(response):
        return give_cookie(response, g.renewed) if "renewed" in g else response

    @app.before_request
    def identify():
        g.caller = g.present = None
        g.source_ip = hosts.source_of(request, rt.settings.proxy_hops)
        if request.endpoint is None:
            return None
        action = action_of(app, request.endpoint)
        if request.endpoint != "static":
            g.present = load_present(rt, request)
        g.caller = g.present.caller if g.present else None
        require_own_origin(request)
        if g.caller is None:
            return None if action == "public" else _stranger(
                is_unattended(app, request.endpoint))
        if not is_unattended(app, request.endpoint):
            note_seen(rt, g.caller.session, g.present.seen_at)
        if g.present.password_is_due and action not in DUE:
            return _own_account_first("口令已到期，须先修改口令",
                                      "the password is due; change it first", "ID.PASSWORD_DUE")
        if g.present.key_is_due and action not in KEY_DUE:
            return _own_account_first("您的岗位须先登记安全密钥",
                                      "your roles ask for a security key; enrol one first",
                                      "ID.KEY_DUE")
        return None


def load_present(rt, asked: Request) -> Present | None:
    """The living session behind a request, None for a stranger."""
    token = bearer_of(asked) or asked.cookies.get(COOKIE, "")
    source = hosts.source_of(asked, rt.settings.proxy_hops)
    return present(rt, token, source) if token else None


def load_caller(rt, asked: Request) -> Caller | None:
    """Who asks, None for a stranger."""
    found = load_present(rt, asked)
    return found.caller if found else None


def bearer_of(asked: Request) -> str:
    """The bearer token of a request; a request that carries one is judged by it alone."""
    kind, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() or "-" if kind.casefold() == "bearer" else ""


def renew(rt, opened: Opened) -> None:
    """From here on the request is the renewed session's, and its answer carries the cookie."""
    g.renewed, g.present = opened, present(rt, opened.token, g.source_ip)
    if g.present is None:
        raise Unidentified("请先登录", "sign in first")
    g.caller = g.present.caller


def csrf_token() -> str:
    """The token of the forms of this session, empty for a stranger."""
    cookie = g.renewed.token if "renewed" in g else request.cookies.get(COOKIE, "")
    return csrf_of(cookie) if cookie else ""


def csrf_of(cookie: str) -> str:
    """The form token of a session: made of its id, which the other side cannot read."""
    raw = hashlib.sha256(b"csrf\x00" + cookie.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def require_own_origin(asked: Request) -> None:
    """Whatever may change something comes from a page of ours and, by cookie, with its token.

    Raises:
        NotAllowed
    """
    if asked.method in SAFE or bearer_of(asked):
        return
    own = hosts.is_same_origin(asked)
    by_cookie = COOKIE in asked.cookies
    if own is False or (by_cookie and own is None):
        raise NotAllowed("请求并非来自本系统页面",
                         "the request does not come from a page of this site",
                         code="REQ.CROSS_SITE")
    if by_cookie and g.caller is not None and not _token_is_right(asked):
        raise NotAllowed("页面令牌缺失或已失效，请刷新页面后重试",
                         "the page's token is missing or outdated; reload the page and try again",
                         code="REQ.CSRF")


def _token_is_right(asked: Request) -> bool:
    sent = asked.headers.get("X-CSRF-Token") or asked.form.get("csrf_token", "")
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"),
                               csrf_of(asked.cookies[COOKIE]).encode())


def _stranger(unattended: bool = False) -> Response:
    if unattended and "HX-Request" in request.headers:
        return Response(status=200, headers={"HX-Refresh": "true"})  # the page around it is asked
    if wants_json() or request.method not in SAFE:
        raise Unidentified("请先登录", "sign in first")
    target = request.full_path.rstrip("?")
    return redirect(f"/sign-in?next={quote(target, safe='/')}", 303)


def _own_account_first(zh: str, en: str, code: str) -> Response:
    if wants_json() or request.method not in SAFE:
        raise NotAllowed(zh, en, code=code)
    return redirect("/me", 303)


def give_cookie(response: Response, opened: Opened) -> Response:
    """The session cookie of a new session (A11)."""
    response.set_cookie(COOKIE, opened.token, secure=True, httponly=True, samesite="Strict",
                        path="/")
    return response


def take_cookie(response: Response) -> Response:
    """The browser forgets the session."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    return response


def own_page(target: str, otherwise: str = "/") -> str:
    """The target when it is a page this application serves, else `otherwise` (W06)."""
    if not PRINTABLE.fullmatch(target) or target.startswith("//") or "\\" in target:
        return otherwise
    parts = urlsplit(target)
    adapter = current_app.create_url_adapter(request)
    try:
        adapter.match(parts.path, method="GET")
    except HTTPException:
        return otherwise
    return urlunsplit(("", "", parts.path, parts.query, parts.fragment))
