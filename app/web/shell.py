"""What stands around every page: navigation by what the caller may read, the caller, the zone."""

from functools import partial

from flask import Flask, g, request

from app.domain.callers import Caller
from app.domain.chain import LEVELS
from app.domain.opinions import CHECKS
from app.domain.roles import Role
from app.queries.frame import frame
from app.queries.query import queries
from app.web.dialogs import dialog
from app.web.noun_pages import noun_pages
from app.web.routes import plural
from app.web.vocabularies import state_title, title_of, words

GROUPS = (
    ("daily", "日常", "Daily"), ("registry", "登记", "Registry"), ("running", "运行", "Operation"),
    ("evidence", "留证", "Evidence"), ("system", "系统", "System"),
)
# Pages that are not a noun's list: (group, order, title, address, icon, noun to be readable).
EXTRA = (
    ("running", 30, "紧急停用", "Emergency stop", "/emergency-stop", "hand-stop", "hold"),
    ("running", 40, "文本识别", "Text check", "/text", "file-text", "text"),
    ("registry", 25, "目录导入", "Catalogue import", "/catalogue/import", "upload", "catalogue"),
    ("system", 90, "接口文档", "API", "/api", "external-link", "api"),
)
HOME = ({"zh": "工作台", "en": "Work desk"}, "/", "layout-dashboard")
SHOWN_ON = {"opinion": "grant_case"}
PORTAL_HOME = ({"zh": "首页", "en": "Home"}, "/", "home")


def navigation(rt, caller: Caller, waiting: int = 0) -> list[dict]:
    """The groups and entries this caller may open; the first is always where they start."""
    title, href, icon = HOME if caller.is_staff else PORTAL_HOME
    entries: dict[str, list] = {"daily": [(0, title, href, icon)]}
    for page in noun_pages().values():
        if page.group and (page.noun, False) in queries() and rt.staff.permits(
                caller.roles, page.noun, "read"):
            entries.setdefault(page.group, []).append(
                (page.order, page.title, f"/{plural(page.noun)}", page.icon))
    for group, order, zh, en, href, icon, noun in EXTRA:
        if rt.staff.permits(caller.roles, noun, "read"):
            entries.setdefault(group, []).append((order, {"zh": zh, "en": en}, href, icon))
    here = _here({href for listed in entries.values() for _, _, href, _ in listed})
    return [{"title": {"zh": zh, "en": en}, "entries": [
        {"title": title, "href": href, "icon": icon, "current": href == here,
         "count": waiting if href == "/" else 0}
        for _, title, href, icon in sorted(entries[group], key=lambda entry: entry[0])]}
        for group, zh, en in GROUPS if group in entries]


def _here(addresses: set[str]) -> str:
    """The entry a page stands under: its own address, one above it, or that of its noun's noun."""
    path = request.path
    for page in noun_pages().values():
        if page.under and f"{path}/".startswith(f"/{plural(page.noun)}/"):
            path = f"/{plural(page.under)}"
    while path and path not in addresses:
        path = path.rpartition("/")[0]
    return path


def address(noun: str, number: str) -> str:
    """Where an object is shown; staff see an opinion on the sheet of its case."""
    caller = g.get("caller")
    shown = SHOWN_ON.get(noun, noun) if caller and caller.is_staff else noun
    return f"/{plural(shown)}/{number}"


def noun_title(noun: str) -> dict:
    """A noun in both languages: as its page, else its query, says; else its code."""
    page = noun_pages().get(noun)
    if page:
        return page.title
    known = queries().get((noun, False)) or queries().get((noun, True))
    return {"zh": known.zh, "en": known.en} if known else {"zh": noun, "en": noun}


def role_titles(caller: Caller) -> list[dict]:
    """The caller's roles in both languages, in the order the domain names them."""
    return [{"zh": role.zh, "en": role.en} for role in Role if role.value in caller.roles]


def register(app: Flask, rt) -> None:
    """Give templates `shell`, and the words and addresses of objects."""
    app.jinja_env.globals.update(
        state_title=state_title, title_of=partial(title_of, rt), address=address,
        words_of=partial(words, rt), noun_title=noun_title,
        reads=lambda noun: rt.staff.permits(g.caller.roles, noun, "read"),
        chain_titles={level: {"zh": zh, "en": en} for level, (zh, en) in LEVELS.items()},
        opinion_checks={str(kind): [str(check) for check in listed]
                        for kind, listed in CHECKS.items()},
        dialog=lambda name, ref, **more: dialog(rt, g.caller, name, ref, **more))

    @app.context_processor
    def around() -> dict:
        caller = g.get("caller")
        me = caller and {
            "name": caller.name, "account_href": "/me", "sign_out_href": "/sign-out",
            "roles": role_titles(caller)}
        known = frame(rt, caller) if caller else None
        return {"shell": {
            "nav": navigation(rt, caller, known.waiting) if known else [], "me": me,
            "whose": known.body if known else "",
            "portal": bool(caller) and not caller.is_staff, "demo": rt.settings.demo,
            "home": "/", "search": "/search"}}
