"""Products: created with a first draft version, drafted again, paused, taken off the list."""

from datetime import timedelta

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import hand_on, impact, permitted
from app.commands.offers import Offering, next_text, written
from app.domain.callers import Caller
from app.domain.prices import PublicUse
from app.domain.products import NOTICE_DAYS, PRODUCT, Category, State, VersionState
from app.domain.refusals import IllegalMove
from app.store.situations_products import product_situation
from app.store.tables_supply import Product, ProductVersion
from app.store.unit import Act, begin


class NewProduct(Body):
    """A product; its first version is drafted with `product_version.edit`."""

    name: Text = entry("产品名称", "Name", min_length=2, max_length=100)
    category: Category = entry("产品类别", "Category")
    public_use: PublicUse = entry("用途类别", "Public use")
    owner: Text = entry("责任人", "Owner", default="", max_length=100)


@command("product.create", "新增产品", "New product", creates=True)
def create(rt, caller: Caller, body: NewProduct) -> Done:
    with begin(rt, caller) as act:
        permitted(act, "product", "create")
        values = {name: str(value) for name, value in body.model_dump().items()}
        row = act.create(Product, number=act.number("PRD"), state=str(State.DRAFT), **values)
        version = act.create(ProductVersion, product_id=row.id, text="1.0",
                             state=str(VersionState.DRAFT), maker=caller.person)
        act.record("product.create", f"product/{row.id}", number=row.number,
                   category=row.category, public_use=row.public_use)
    return done(row, version=version.id)


class NewVersion(Body):
    """What the new version offers; the current one is the start."""

    offering: Offering | None = entry("新版本内容（留空沿用现行版本）",
                                      "Offering (empty: as the current one)", default=None)


@command("product.new_version", "起草新版本", "Draft a new version")
def new_version(rt, caller: Caller, ref: str, body: NewVersion) -> Done:
    """A listed product gets a draft beside its current version; it takes the whole route again."""
    with begin(rt, caller) as act:
        row = act.open(Product, ref)
        permitted(act, "product", "new_version")
        versions = versions_of(act, row)
        current = versions.get(row.current)
        if row.state != State.LISTED or current is None or any(
                version.state in ("DRAFT", "REVIEW", "APPROVAL")
                for version in versions.values()):
            raise IllegalMove("产品未上架，或已有在办的版本",
                              "the product is not listed, or another version is on its way",
                              noun="product", state=row.state, action="new_version")
        kept = {name: getattr(current, name) for name in (
            "fields", "datasets", "actions", "methods", "output_form", "purposes",
            "subject_authorization", "legal_basis", "service_level")}
        version = act.create(ProductVersion, product_id=row.id, maker=caller.person,
                             state=str(VersionState.DRAFT),
                             text=next_text(versions, row.current, widens=False), **kept)
        if body.offering:
            written(act, row, version, body.offering)
        act.record("product.new_version", f"product/{row.id}", draft=version.id,
                   text=version.text)
    return done(row, version=version.id)


def versions_of(act: Act, row: Product) -> dict[str, ProductVersion]:
    """The versions of a product by their text."""
    return {version.text: version for version in act.all(select(ProductVersion).where(
        ProductVersion.product_id == row.id))}


@command("product.pause", "暂停服务", "Pause", factor=True)
def pause(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """One person stops a product; the next decision on it denies."""
    return _move(rt, caller, ref, "pause", body.reason)


@command("product.unpause", "恢复服务", "Unpause")
def unpause(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    return _move(rt, caller, ref, "unpause", body.reason)


@command("product.delist", "下架", "Delist", factor=True)
def delist(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons take a product off the list; institutions on it have 30 days' notice."""
    return _move(rt, caller, ref, "delist", body.reason)


@command("product.complete", "办结下架", "Complete delisting")
def complete(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Notice over and no grant left: the product is gone and its registration is to change."""
    return _move(rt, caller, ref, "complete", body.reason)


def _move(rt, caller: Caller, ref: str, action: str, reason: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Product, ref)
        hit = impact(act, row)
        situation = product_situation(rt, act.session, caller, row, reason)
        step = advance(act, PRODUCT, row, action, situation, record={"impact": hit})
        hand_on(act, row, step, row.name)
        if step:
            _course(act, row, action)
            act.affects("product", row.id, stops=step.move.stops)
    return done(row, step, impact=hit)


def _course(act: Act, row: Product, action: str) -> None:
    """The notice period and the tasks a move brings with it."""
    if action == "delist":
        row.notice_until = act.at + timedelta(days=NOTICE_DAYS)
        start_clock(act, row, "delisting-notice", NOTICE_DAYS, working=False)
        open_task(act, row, "complete", "OPS", f"办结下架：{row.name}", due=row.notice_until)
    if action == "complete":
        close_tasks(act, row)
        stop_clocks(act, row)
        open_task(act, row, "record_registration", "OPS", f"变更或注销产品登记：{row.name}")
