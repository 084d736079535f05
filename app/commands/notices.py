"""Notices: an act issues a numbered instrument; somebody records how it was served.

The serial is taken inside the act, so an act that fails takes no number. Printing is a job's.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Text, command, entry
from app.commands.proposals import require_ground
from app.domain.callers import Caller
from app.domain.canonical import canonical, digest
from app.domain.grounds import Dimension, Words
from app.domain.instruments import NEEDS_REASONS, Kind, ServiceMethod, serial
from app.domain.letters import Draft, compose
from app.domain.notices import NOTICE, State
from app.domain.numerals import english_date, plain_date
from app.domain.refusals import Invalid, TooLarge
from app.domain.sentences import Titles, clauses
from app.domain.workdays import ZONE, deadline
from app.engines import rulefiles
from app.store.situations_notices import notice_situation
from app.store.tables import Registered
from app.store.tables_institutions import Institution
from app.store.tables_notices import Notice
from app.store.tables_supply import Department
from app.store.unit import Act, begin

SUPPLEMENT_DAYS = 10
ANSWER_DAYS = 20
LARGEST_LETTER = 512 * 1024
PARTS = frozenset({"facts", "reasons", "particulars", "attachments", "recipient", "english"})


def issue(act: Act, kind: Kind | str, row: Registered,
          payload: Mapping[str, object] | None = None) -> str:
    """Issue an instrument about ``row`` in this act; its serial.

    ``payload`` may hold:
      `facts`       blanks of the text by name, each a string or `{zh, en}`; `case`, `matter`,
                    `grant`, `on`, `at`, `due` and `until` are filled when absent
      `reasons`     `{code, facts}`, or `{code, text}` where an officer worded it
      `particulars` `[{label: {zh, en}, text: {zh, en}}]`
      `attachments` names; `recipient` a name; `english` true for a companion page

    Raises:
        Invalid: a reason is unknown or lacks a fact, or there is none where the kind needs one.
    """
    kind, given = Kind(kind), dict(payload or {})
    if set(given) - PARTS:
        raise ValueError(f"a notice has no part `{min(set(given) - PARTS)}`")
    text = rulefiles.letter_texts()[kind]
    office = rulefiles.office(f"{act.rt.settings.pages_url}/verify", act.rt.settings.demo)
    reasons = _reasons(act, kind, row, given.get("reasons") or ())
    if kind in NEEDS_REASONS and not reasons:
        raise Invalid(f"出具{kind.zh}须说明理由", f"a {kind.en.lower()} must state its reasons",
                      code="REASON.REQUIRED")
    n = act.next(f"notice/{kind}")
    draft = Draft(
        kind=kind, serial=serial(office.letters + text.letter, act.day.year, n), day=act.day,
        recipient=_recipient(act, row, given.get("recipient")), reasons=reasons,
        facts=_facts(act, kind, row, text.blanks(), given.get("facts") or {}),
        particulars=tuple((both(item["label"]), both(item["text"]))
                          for item in given.get("particulars") or ()),
        attachments=tuple(both(name) for name in given.get("attachments") or ()),
        english=bool(given.get("english", True)))
    return _keep(act, kind, row, n, compose(text, office, draft)).serial


def issue_lapse(act: Act, row: Registered, due: datetime, step: Words) -> str:
    """The closing notice of a case that lapsed: ``step`` was not taken by the end of ``due``."""
    return issue(act, Kind.CLOSING, row, {"reasons": [
        {"code": "CASE.LAPSED", "facts": {"due": end_words(due), "step": step}}]})


def both(text: object) -> Words:
    """A text in two languages, or one text that stands for both."""
    if isinstance(text, Words):
        return text
    if isinstance(text, Mapping):
        return Words(str(text["zh"]), str(text.get("en") or text["zh"]))
    return Words(str(text), str(text))


def line(zh: str, en: str, text: object) -> dict:
    """One line of a letter's particulars; a text in one language stands for both."""
    return {"label": {"zh": zh, "en": en}, "text": both(text).plain()}


def dimension_lines(dimensions: Mapping[str, Mapping], titles: Titles) -> list[dict]:
    """The four dimensions as particulars of a letter, one sentence each in both languages."""
    zh, en = (clauses(dimensions, titles, language) for language in ("zh", "en"))
    four = (Dimension.PURPOSE, Dimension.SCOPE, Dimension.METHOD, Dimension.TERM)
    return [line(name.zh, name.en, Words(zh[name], en[name])) for name in four]


def _keep(act: Act, kind: Kind, row: Registered, n: int, said: dict) -> Notice:
    if len(canonical(said)) > LARGEST_LETTER:
        raise TooLarge(f"文书内容超过 {LARGEST_LETTER // 1024} KiB，请精简理由或改作附件",
                       f"the letter is over {LARGEST_LETTER // 1024} KiB: shorten the reasons or "
                       "attach them")
    notice = act.create(
        Notice, number=f"{kind}-{act.day.year}-{n}".replace("_", "-"), serial=said["serial"],
        kind=str(kind), year=act.day.year, n=n,
        state=str(State.QUEUED), title=kind.zh, recipient=said["recipient"]["zh"],
        institution_id=_institution_of(row), department_id=getattr(row, "department_id", None),
        about_noun=row.noun, about_id=row.id, about_number=getattr(row, "number", row.id),
        dated=act.day, code=said["verification"]["code"], payload=said,
        payload_digest=digest(said))
    act.record("notice.issue", f"notice/{notice.id}", institution=notice.institution_id,
               instrument=str(kind), serial=notice.serial, about=f"{row.noun}/{row.id}",
               payload=notice.payload_digest)
    return notice


def _institution_of(row: Registered) -> str | None:
    return row.id if row.noun == "institution" else getattr(row, "institution_id", None)


def _recipient(act: Act, row: Registered, named: object) -> Words:
    if named:
        return both(named)
    institution, department = _institution_of(row), getattr(row, "department_id", None)
    model, key = (Institution, institution) if institution else (Department, department)
    # Read without a lock: a letter must not make its act wait for its recipient's other cases.
    name = act.first(select(model.name).where(model.id == key))
    return both(name or getattr(row, "number", row.id))


def _reasons(act: Act, kind: Kind, row: Registered, given) -> tuple[dict, ...]:
    """The reasons as the letter carries them; a closing without one says who withdrew when."""
    if not given and kind is Kind.CLOSING:
        given = [{"code": "CASE.WITHDRAWN", "facts": {"on": day_words(act.day)}}]
    found = []
    for item in given:
        code = item.get("code")
        ground = require_ground(act.rt, code, kind, "reasons")
        wording = both(item["text"]) if item.get("text") else None
        facts = {name: both(fact) for name, fact in (item.get("facts") or {}).items()}
        try:
            found.append(ground.given(facts, wording))
        except ValueError as error:
            raise Invalid(f"理由 `{code}` 的事实不完整", f"reason `{code}`: {error}",
                          code="REASON.INCOMPLETE") from error
    return tuple(found)


def _facts(act: Act, kind: Kind, row: Registered, blanks: frozenset[str],
           given: Mapping[str, object]) -> dict[str, Words]:
    """The blanks of the text, those the act did not fill taken from the object and the clock."""
    facts = {name: both(value) for name, value in given.items() if name in blanks}
    known = {
        "case": lambda: both(getattr(row, "number", row.id)),
        "grant": lambda: both(getattr(row, "number", row.id)),
        "matter": lambda: _matter(row),
        "on": lambda: day_words(act.day),
        "at": lambda: instant_words(act.at),
        "until": lambda: end_words(getattr(row, "valid_to", act.at)),
        "due": lambda: day_words(deadline(
            act.rt.holidays, act.at,
            SUPPLEMENT_DAYS if kind is Kind.SUPPLEMENT else ANSWER_DAYS).last_day),
    }
    return facts | {name: known[name]() for name in blanks - set(facts) if name in known}


def _matter(row: Registered) -> Words:
    """What a letter is about, named by its object."""
    named = getattr(row, "title", "") or getattr(row, "name", "") or getattr(row, "number", row.id)
    named = named.removesuffix("申请") or named
    by_noun = {
        "institution": Words("贵单位在本专区的准入资格", "your admission to the zone"),
        "grant": Words(f"授权{getattr(row, 'number', row.id)}",
                       f"grant {getattr(row, 'number', row.id)}"),
    }
    return by_noun.get(row.noun, Words(f"“{named}”", named))


def day_words(day: date) -> Words:
    return Words(plain_date(day), english_date(day))


def instant_words(at: datetime) -> Words:
    """An instant on the clock of Shanghai, to the minute."""
    local = at.astimezone(ZONE)
    return Words(f"{plain_date(local.date())}{local.hour}时{local.minute:02d}分",
                 f"{english_date(local.date())} {local:%H:%M}")


def end_words(end: datetime) -> Words:
    """The last day of a half-open period, or its very end when that is not a midnight."""
    local = end.astimezone(ZONE)
    if (local.hour, local.minute) == (0, 0):
        return day_words(local.date() - timedelta(days=1))
    return instant_words(end)


class Service(Body):
    """How an instrument reached its recipient."""

    served_on: Text = entry("送达日期", "Served on", widget="date",
                            pattern=r"^\d{4}-\d{2}-\d{2}$")
    method: ServiceMethod = entry("送达方式", "Method", widget="select",
                                  options="instruments.ServiceMethod")
    received_by: Text = entry("签收人", "Received by", min_length=1, max_length=50)


@command("notice.serve", "登记送达", "Record service")
def serve(rt, caller: Caller, ref: str, body: Service) -> Done:
    """Service is recorded and the numbered return of service is issued in the same act."""
    with begin(rt, caller) as act:
        row = act.open(Notice, ref)
        served_on = _day(body.served_on)
        situation = notice_situation(rt, act.session, caller, row, served_on)
        step = advance(act, NOTICE, row, "serve", situation,
                       record={"served_on": body.served_on, "method": str(body.method)})
        row.served = {"on": body.served_on, "method": str(body.method), "to": body.received_by,
                      "by": caller.name}
        if row.kind != Kind.SERVICE_RETURN:
            row.served = {**row.served, "return": issue(
                act, Kind.SERVICE_RETURN, row, {"particulars": _return_lines(row, body)})}
    return done(row, step)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("送达日期不是有效日期", "`served_on` is no calendar day") from error


def _return_lines(row: Notice, body: Service) -> list[dict]:
    method, kind = ServiceMethod(body.method), Kind(row.kind)
    return [
        line("送达文书", "Instrument",
             Words(f"{kind.zh} {row.serial}", f"{kind.en} {row.serial}")),
        line("受送达人", "Recipient", row.recipient),
        line("送达方式", "Method", Words(method.zh, method.en)),
        line("送达日期", "Served on", day_words(_day(body.served_on))),
        line("签收人", "Received by", body.received_by),
    ]
