"""What stands around every page: navigation by what the caller may read, the caller, the zone."""

from flask import Flask, g, request

from app.queries.query import queries
from app.web.noun_pages import noun_pages
from app.web.routes import plural

GROUPS = (
    ("daily", "日常", "Daily"), ("registry", "登记", "Registry"), ("running", "运行", "Running"),
    ("evidence", "留证", "Evidence"), ("system", "系统", "System"),
)
# Pages that are not a noun's list: (group, order, title, address, icon, noun to be readable).
EXTRA = (
    ("daily", 1, "工作台", "Work desk", "/", "layout-dashboard", "task"),
    ("running", 30, "紧急停用", "Emergency stop", "/emergency-stop", "hand-stop", "hold"),
    ("registry", 25, "目录导入", "Catalogue import", "/catalogue/import", "upload", "catalogue"),
    ("system", 90, "接口文档", "API", "/api", "external-link", "api"),
)


def navigation(rt, caller) -> list[dict]:
    """The groups and entries this caller may open."""
    entries: dict[str, list] = {}
    for page in noun_pages().values():
        if page.group and (page.noun, False) in queries() and rt.staff.permits(
                caller.roles, page.noun, "read"):
            entries.setdefault(page.group, []).append(
                (page.order, page.title, f"/{plural(page.noun)}", page.icon))
    for group, order, zh, en, href, icon, noun in EXTRA:
        if rt.staff.permits(caller.roles, noun, "read"):
            entries.setdefault(group, []).append((order, {"zh": zh, "en": en}, href, icon))
    return [{"title": {"zh": zh, "en": en}, "entries": [
        {"title": title, "href": href, "icon": icon,
         "current": request.path == href or (href != "/" and request.path.startswith(href + "/"))}
        for _, title, href, icon in sorted(entries[group], key=lambda entry: entry[0])]}
        for group, zh, en in GROUPS if group in entries]


def register(app: Flask, rt) -> None:
    """Give templates `shell`."""

    @app.context_processor
    def around():
        caller = g.get("caller")
        from app.domain.roles import Role

        me = None
        if caller:
            titles = {role.value: role for role in Role}
            me = {"name": caller.name, "account_href": "/me", "sign_out_href": "/sign-out",
                  "inbox": 0, "inbox_href": "/tasks",
                  "roles": [{"zh": titles[role].zh, "en": titles[role].en}
                            for role in sorted(caller.roles) if role in titles]}
        return {"shell": {"nav": navigation(rt, caller) if caller else [], "me": me,
                          "demo": rt.settings.demo, "zone": None, "home": "/",
                          "search": "/search"}}
