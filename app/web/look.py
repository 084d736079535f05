"""What templates may call to show a value: icons, tones, times, numbers, addresses.

Pure functions of their arguments, installed by `register`. The only file that marks text as
safe HTML, and it does so for our own icon files alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, request, url_for
from flask_babel import gettext
from jinja2 import Undefined
from markupsafe import Markup

from app.domain.delegations import acting_for
from app.web.words import spoken

STATIC = Path(__file__).parent / "static"
ZONE = ZoneInfo("Asia/Shanghai")
NOTHING = "—"

TONES = {
    "blue": """SUBMITTED REVIEWING DILIGENCE COMPLIANCE GRADING ASSESSING REVIEW TRIAL SIGNED
        FILED ACCEPTED REVIEWED PUBLICITY SCHEDULED OPEN RUNNING DUE CLAIMED APPLYING ISSUED
        INVITED PROPOSED PENDING CANDIDATE QUEUED READY BUILT""",
    "violet": "APPROVAL APPROVED ENDORSING WAITING",
    "amber": """SUPPLEMENT RECTIFYING EXPIRING RETURNED OBJECTED PAUSED DELISTING RETIRING EXITING
        BEHIND CLOSING NEEDS_JUDGEMENT PROVISIONAL AGREE_WITH_CONDITIONS UNANCHORED RECUSE""",
    "green": """ACTIVE IN_FORCE ONLINE LISTED ADMITTED REGISTERED RENEWED CONCLUDED DONE MATCH
        PERMIT AGREE TRUSTED PASS LIVE CONFIRMED NOT_REQUIRED SERVED
        HANDED_OVER PUBLISHED FOLLOWING""",
    "red": """SUSPENDED FROZEN REVOKED REJECTED NOT_ACCEPTED MISMATCH DENY DISAGREE BROKEN FAIL
        CHAIN_BROKEN OVERDUE STOPPED LOCKED REFUSED FAILED MISSING
        UNKNOWN SILENT""",
}
TONES_OF_NOUN = {("hold", "ACTIVE"): "red", ("hold", "LIFTED"): "green"}
TONE_OF = {state: tone for tone, states in TONES.items() for state in states.split()}


@dataclass(frozen=True)
class Due:
    """How long is left until a clock runs out, in words and in a tone."""

    text: str
    tone: str


@cache
def _icons() -> dict[str, Markup]:
    """Every icon file as inline markup, read once."""
    head = '<svg class="icon" aria-hidden="true" focusable="false" '
    return {
        path.stem: Markup(path.read_text("utf-8").strip().replace("<svg ", head, 1))  # nosec B704
        for path in sorted((STATIC / "icons").glob("*.svg"))
    }


def icon(name: str) -> Markup:
    """The outline icon of that name; a wrong name is a mistake in a template and fails loudly."""
    return _icons()[name]


def tone(state: object, noun: str = "") -> str:
    """The colour family of a state, of that noun where it differs; one nobody named is grey."""
    if isinstance(state, Undefined):
        return "grey"
    code = str(getattr(state, "value", state) or "")
    return TONES_OF_NOUN.get((noun, code)) or TONE_OF.get(code, "grey")


def say(title: object, language: str | None = None) -> str:
    """A vocabulary title in the reader's language; plain text is given back as it is."""
    if title is None or isinstance(title, Undefined):
        return ""
    wanted = language or spoken()
    if isinstance(title, str):
        return str(getattr(title, wanted, title))
    if isinstance(title, dict):
        return str(title.get(wanted) or title.get("zh") or "")
    return str(getattr(title, wanted, None) or getattr(title, "zh", None) or title)


def person(name: str | None, language: str | None = None) -> str:
    """A name in the reader's language: of two, where one acts for the other."""
    both = acting_for(name or "")
    if both and (language or spoken()) == "en":
        return f"{both[0]} (for {both[1]})"
    return name or ""


def moment(value: object) -> datetime | None:
    """An aware UTC instant from a datetime or the fixed-width text of the trail."""
    if value is None or value == "":
        return None
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def instant(value: object, seconds: bool = False) -> str:
    """The instant on a wall clock in Shanghai."""
    at = moment(value)
    shape = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    return at.astimezone(ZONE).strftime(shape) if at else NOTHING


def day(value: object) -> str:
    """A calendar day; an instant is shown as the day it falls on in Shanghai."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and len(value) == 10:
        return value
    return instant(value)[:10] if value else NOTHING


def last_day(value: object) -> str:
    """The last calendar day in Shanghai inside a period that ends, exclusively, at ``value``."""
    if isinstance(value, str) and len(value) == 10:
        return value
    at = moment(value) if not isinstance(value, date) or isinstance(value, datetime) else None
    return day(at - timedelta(microseconds=1)) if at else day(value)


def span(length: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return gettext("%(days)s 天 %(hours)s 小时", days=days, hours=hours)
    if hours:
        return gettext("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=rest)
    return gettext("%(minutes)s 分钟", minutes=rest)


def due(value: object, now: datetime) -> Due:
    """What is left of a clock: overdue, due on this Shanghai day, later, or no clock."""
    at = moment(value)
    if at is None:
        return Due(NOTHING, "none")
    if at < now:
        return Due(gettext("超时 %(span)s", span=span(now - at)), "over")
    today = at.astimezone(ZONE).date() == now.astimezone(ZONE).date()
    return Due(gettext("剩 %(span)s", span=span(at - now)), "warn" if today else "calm")


def number(value: int | None) -> str:
    """A whole number with thousands apart."""
    return NOTHING if value is None else f"{value:,}"


def yuan(fen: int | None) -> str:
    """An amount kept in fen, shown in yuan."""
    if fen is None:
        return NOTHING
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def percent(part: int, whole: int) -> str:
    """A share with one decimal place; of nothing there is none."""
    return NOTHING if not whole else f"{part * 100 / whole:.1f}%"


def size(count: int | None) -> str:
    """A number of bytes as people read it."""
    if count is None:
        return NOTHING
    for unit, step in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} B"


def short(digest: str | None) -> str:
    """The part of a digest that people compare by eye."""
    return (digest or NOTHING).removeprefix("sha256:")[:12]


def initial(name: str | None) -> str:
    """The character that stands for a person in a small circle."""
    return (name or "?").strip()[:1].upper()


def here(**changes: object) -> str:
    """This page's address with some query values changed; None takes one away."""
    kept = {key: values for key, values in request.args.lists() if key not in changes}
    kept |= {key: [str(value)] for key, value in changes.items() if value not in (None, "")}
    query = urlencode(kept, doseq=True)
    return f"{request.path}?{query}" if query else request.path


@cache
def _mark(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]


def asset(path: str) -> str:
    """The address of one of our static files; it changes when the file does."""
    return url_for("static", filename=path, v=_mark(path))


def _never() -> str:
    raise LookupError("the application has not said where csrf tokens come from")


def register(app: Flask, clock: Callable[[], datetime]) -> None:
    """Install these words in the templates of `app`; `clock` gives the aware present instant."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    helpers = (
        icon,
        tone,
        say,
        instant,
        day,
        last_day,
        number,
        yuan,
        percent,
        size,
        short,
        initial,
        person,
        here,
        asset,
    )
    app.jinja_env.globals.update({helper.__name__: helper for helper in helpers})
    app.jinja_env.globals.update(due=lambda at: due(at, clock()), today=lambda: day(clock()))
    app.jinja_env.globals.setdefault("csrf_token", _never)
    app.jinja_env.filters.update(say=say, instant=instant, day=day, number=number, yuan=yuan)
