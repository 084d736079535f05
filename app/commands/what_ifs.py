"""What-if: a draft is asked about, played by the jobs process, ended; its flips are sealed."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import permitted
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import digest
from app.domain.refusals import Invalid
from app.domain.rights import as_document
from app.domain.rights_reading import read_rights
from app.domain.what_ifs import WHAT_IF, Book, Direction, Kind, RunState, counted
from app.engines import rulebooks
from app.store import bundles, what_ifs
from app.store.scope import visible
from app.store.situations_played import run_situation
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution
from app.store.tables_played import WhatIf
from app.store.tables_supply import Product
from app.store.unit import Act, begin

BOOK_LIMIT = 400_000


@dataclass(frozen=True)
class Held:
    """A run and who plays it."""

    run: str
    holder: str


class NewWhatIf(Body):
    """A draft of the rulebooks or of a grant, and the past decisions it is played over."""

    kind: Kind = entry("推演什么", "What is tried", default=Kind.RULEBOOKS, widget="select",
                       options="what_ifs.Kind")
    book: str = entry("改动的文件", "File that changes", default="", widget="select",
                      options="what_ifs.Book", pattern=f"^$|^({'|'.join(Book)})$",
                      help_zh="留空则推演服务器上的规则集文件",
                      help_en="Leave empty to try the rulebook files on the server")
    text: str = entry("该文件的全文", "The whole text of that file", default="", widget="textarea",
                      max_length=BOOK_LIMIT)
    grant: Text = entry("授权编号", "Grant", default="", widget="select", options="noun:grant",
                        max_length=64)
    rights: dict | None = entry("授权草案的目的、范围、方式、期限",
                                "Purpose, scope, method and term of the draft", default=None,
                                widget="json")
    institution: Text = entry("只看机构", "Only of institution", default="", widget="select",
                              options="noun:institution", max_length=64)
    product: Text = entry("只看产品", "Only of product", default="", widget="select",
                          options="noun:product", max_length=64)
    begins: date | None = entry("自", "From", default=None, widget="date")
    ends: date | None = entry("至（含）", "To, inclusive", default=None, widget="date")


@command("what_if.create", "推演草案", "Play a draft", creates=True)
def create(rt, caller: Caller, body: NewWhatIf) -> Done:
    """The run is queued; the draft is kept as it is now.

    Raises:
        Invalid: the draft cannot be read, or names nothing that is known.
    """
    if body.begins and body.ends and body.ends < body.begins:
        raise _wrong("ends", "截止日早于起始日", "the last day is before the first")
    texts = _texts(rt, body) if body.kind == Kind.RULEBOOKS else None
    with begin(rt, caller) as act:
        permitted(act, "what_if", "create")
        values = _over(act, body)
        if texts is None:
            values |= _draft_of_grant(act, body)
        else:
            values["bundle"] = rulebooks.digest_of_texts(texts)
            bundles.keep(act.session.connection(), values["bundle"], texts, act.at)
        row = act.create(
            WhatIf, number=act.number("WI"), kind=str(body.kind), state=str(RunState.QUEUED),
            asked_by=caller.name, begins=_day(body.begins), ends=_day(body.ends), **values)
        act.record("what_if.create", f"what_if/{row.id}", number=row.number, draft=row.kind,
                   bundle=row.bundle, grant=row.grant_id,
                   rights=digest(row.rights) if row.rights else "")
    return done(row)


def _texts(rt, body: NewWhatIf) -> dict[str, str]:
    """The draft rulebooks: the files on the server, or those in force with one file replaced.

    Raises:
        Invalid: nothing could be decided by them.
    """
    if bool(body.book) != bool(body.text):
        raise _wrong("text" if body.book else "book", "文件与全文须一并填写",
                     "name the file and give its whole text")
    texts = rulebooks.texts_of(rulebooks.FOLDER)
    if body.book:
        texts[body.book] = body.text + "\n"
    try:
        rulebooks.law_of(texts)
    except ValueError as error:
        raise _wrong("text", f"规则集不能装载：{error}",
                     f"the rulebooks do not load: {error}") from error
    return texts


def _over(act: Act, body: NewWhatIf) -> dict[str, str]:
    """Whose decisions, on which product; a name nobody knows refuses."""
    found = {}
    for name, model in (("institution", Institution), ("product", Product)):
        number = getattr(body, name)
        key = act.first(select(model.id).where(model.number == number)) if number else ""
        if key is None:
            raise _wrong(name, "未找到", "not found")
        found[name] = key
    return {"institution_id": found["institution"], "product": body.product}


def _draft_of_grant(act: Act, body: NewWhatIf) -> dict:
    """The draft of a grant; the decisions are those of its institution on its product."""
    key = act.first(select(Grant.id).where(Grant.number == body.grant))
    row = act.session.get(Grant, key) if key else None
    if row is None or not visible(row, act.caller):
        raise _wrong("grant", "未找到", "not found")
    rights = read_rights(body.rights or {}, act.rt.law.purposes, act.rt.law.vocabulary)
    product = act.session.get(Product, row.product_id)
    if rights.product != product.number:
        raise _wrong("rights", "草案的产品须与该授权相同",
                     "the draft is of the grant's own product")
    return {"grant_id": row.id, "rights": as_document(rights), "product": product.number,
            "institution_id": row.institution_id}


def _wrong(at: str, zh: str, en: str) -> Invalid:
    return Invalid(zh, en, errors=[{"at": at, "zh": zh, "en": en}])


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


@command("what_if.cancel", "取消推演", "Cancel")
def cancel(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Nothing more is played; what was counted so far stays and is no list of flips."""
    with begin(rt, caller) as act:
        row = act.open(WhatIf, ref)
        step = advance(act, WHAT_IF, row, "cancel",
                       run_situation(rt, act.session, caller, row, body.reason))
        row.ended_at = act.at
    return done(row, step)


def begin_run(rt, held: Held, first: int, last: int, total: int) -> bool:
    """A queued run is under way over these places; whether it is still this holder's to go on."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run and run.state == RunState.QUEUED:
            run.started_at, run.first, run.last, run.total = act.at, first, last, total
            advance(act, WHAT_IF, run, "begin", run_situation(rt, act.session, SYSTEM, run),
                    record={"first": first, "last": last, "total": total})
        return run is not None


def fail(rt, held: Held, zh: str, en: str) -> None:
    """The draft could not be played, in one line."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run:
            run.failure, run.ended_at = {"zh": zh, "en": en}, act.at
            advance(act, WHAT_IF, run, "fail", run_situation(rt, act.session, SYSTEM, run))


def finish(rt, held: Held) -> None:
    """Every decision was played; the digest sealed is over all that came out otherwise."""
    with begin(rt, SYSTEM) as act:
        run = _own(act, held)
        if run is None:
            return
        tally = what_ifs.tallied(act.session.connection(), run.id)
        run.flips, run.ended_at = tally.flips(), act.at
        run.heard, run.unsure, run.left_out = tally.heard, tally.unsure, tally.left_out
        run.found = flips_digest(run)
        advance(act, WHAT_IF, run, "finish", run_situation(rt, act.session, SYSTEM, run), record={
            "heard": run.heard, "unsure": run.unsure, "left_out": run.left_out,
            "flips": run.found, **totals(run)})


def flips_digest(run: WhatIf) -> str:
    """The digest of a list of flips and of what it is over."""
    return digest({"draft": run.bundle or digest(run.rights), "first": run.first,
                   "last": run.last, "heard": run.heard, "unsure": run.unsure,
                   "flips": run.flips})


def totals(run: WhatIf) -> dict[str, int]:
    return {direction.value.lower(): counted(run.flips, direction) for direction in Direction}


def _own(act: Act, held: Held) -> WhatIf | None:
    """The run, if nobody cancelled it or took it over."""
    run = act.find(WhatIf, held.run)
    return run if run.holder == held.holder and run.state in (
        RunState.QUEUED, RunState.RUNNING) else None
