"""Product versions on their way to the list: drafted, submitted, reviewed by three, decided."""

from sqlmodel import select

from app.commands import registrations
from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Empty, Reasoned, command, entry
from app.commands.filing import File, hand_on, impact, on_file, permitted
from app.commands.offers import Offering, written
from app.domain.callers import Caller
from app.domain.canonical import digest, instant
from app.domain.onboarding import Result
from app.domain.products import PRODUCT, REVIEWER, VERSION, Review, State, VersionState
from app.domain.refusals import IllegalMove, Invalid, NotAllowed
from app.domain.roles import Role
from app.store.situations_products import version_situation
from app.store.tables_supply import Product, ProductVersion
from app.store.unit import Act, begin

OPINION_DAYS, APPROVAL_DAYS = 5, 3


@command("product_version.edit", "编制版本内容", "Write the version")
def edit(rt, caller: Caller, ref: str, body: Offering) -> Done:
    """A draft is written; one wider than its datasets is not saved at all (INV-03)."""
    with begin(rt, caller) as act:
        row = act.open(ProductVersion, ref)
        permitted(act, "product_version", "edit")
        if row.state != VersionState.DRAFT:
            raise IllegalMove("版本已提交，不能修改",
                              "a submitted version is not changed: draft a new one",
                              noun="product_version", state=row.state, action="edit")
        product = act.get(Product, row.product_id)
        written(act, product, row, body)
        act.touch(row)
        act.record("product_version.edit", f"product_version/{row.id}", text=row.text,
                   offer=lineage(row))
    return done(row)


def lineage(row: ProductVersion) -> str:
    """One digest of what the version offers and where every field comes from."""
    return digest({"fields": row.fields, "methods": row.methods, "purposes": row.purposes,
                   "form": row.output_form, "basis": row.legal_basis,
                   "consent": row.subject_authorization})


@command("product_version.submit", "提交上架", "Submit")
def submit(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The offer is sealed with its lineage; three opinions are owed within five working days."""
    with begin(rt, caller) as act:
        row = act.open(ProductVersion, ref)
        product = act.get(Product, row.product_id)
        situation = version_situation(rt, act.session, caller, row)
        row.lineage = lineage(row)
        step = advance(act, VERSION, row, "submit", situation,
                       record={"lineage": row.lineage, "text": row.text,
                               "datasets": row.datasets})
        row.maker = caller.person
        if product.state == State.DRAFT:
            cascade(act, PRODUCT, product, "submit", f"product_version/{row.id}", "LISTING")
        clock = start_clock(act, row, "opinion", OPINION_DAYS)
        for kind, role in REVIEWER.items():
            open_task(act, row, "give_opinion", role, f"{kind.zh}：{product.name} {row.text}",
                      due=clock.due_at)
    return done(row, step)


class ReviewBody(Body):
    """One opinion. The security one reports the tests: smallest group, uniqueness per mille."""

    kind: Review = entry("意见种类", "Opinion", options="own:products.REVIEWER")
    result: Result = entry("结论", "Result")
    text: str = entry("意见", "Opinion text", widget="textarea", min_length=2, max_length=4000)
    masks: bool = entry("脱敏测试通过", "Masks tested", default=False)
    reidentification: bool = entry("重识别测试通过", "Re-identification tested", default=False)
    smallest_group: int | None = entry("最小分组人数", "Smallest group", default=None, ge=0,
                                       le=10**9)
    uniqueness: int | None = entry("唯一性千分比", "Uniqueness (per mille)", default=None, ge=0,
                                   le=1000)
    report: File | None = entry("测试报告", "Test report", default=None, widget="file")


@command("product_version.give_opinion", "出具意见", "Give an opinion")
def give_opinion(rt, caller: Caller, ref: str, body: ReviewBody) -> Done:
    """Each of the three opinions is given once; with the last the version goes to approval."""
    with begin(rt, caller) as act:
        row = act.open(ProductVersion, ref)
        if REVIEWER[body.kind] not in caller.roles:
            role = Role(REVIEWER[body.kind])
            raise NotAllowed(f"{body.kind.zh}须由{role.zh}出具",
                             f"the {body.kind.en.lower()} is for {role.en} to give")
        if any(review["kind"] == body.kind for review in row.reviews):
            raise Invalid("该意见已出具", "this opinion has been given", kind=str(body.kind))
        reports = on_file(act, filter(None, [body.report]))
        situation = version_situation(rt, act.session, caller, row, body.text, str(body.kind))
        review = _review(act, caller, body)
        step = advance(act, VERSION, row, "give_opinion", situation, evidence=reports,
                       record={"kind": str(body.kind), "result": str(body.result),
                               "tests": review["tests"], "report": body.report or ""})
        row.reviews = [*row.reviews, review]
        close_tasks(act, row, role=REVIEWER[body.kind])
        if len(row.reviews) == len(Review):
            _to_approval(act, row)
    return done(row, step)


def _review(act: Act, caller: Caller, body: ReviewBody) -> dict:
    tests = body.model_dump(include={"masks", "reidentification", "smallest_group",
                                     "uniqueness"}) if body.kind is Review.SECURITY else {}
    return {"kind": str(body.kind), "result": str(body.result), "text": body.text,
            "person": caller.person, "name": caller.name, "at": instant(act.at),
            "tests": tests, "report": body.report or ""}


def _to_approval(act: Act, row: ProductVersion) -> None:
    product = act.get(Product, row.product_id)
    cascade(act, VERSION, row, "complete_review", f"product_version/{row.id}", "REVIEWED")
    if product.state == State.REVIEW:
        cascade(act, PRODUCT, product, "complete_review", f"product_version/{row.id}",
                "REVIEWED")
    stop_clocks(act, row)
    clock = start_clock(act, row, "approval", APPROVAL_DAYS)
    open_task(act, row, "approve", "APPROVER", f"审批上架：{product.name} {row.text}",
              due=clock.due_at)


@command("product_version.approve", "批准上架", "Approve")
def approve(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The version is listed. A wider one stands beside the old, a narrower one replaces it."""
    with begin(rt, caller) as act:
        row = act.open(ProductVersion, ref)
        product = act.get(Product, row.product_id)
        situation = version_situation(rt, act.session, caller, row, body.reason)
        grants = impact(act, product)["grants"]
        step = advance(act, VERSION, row, "approve", situation,
                       relied_on={"lineage": row.lineage, "reviews": digest(row.reviews)},
                       record={"text": row.text, "changes": row.changes,
                               "grants": grants})
        hand_on(act, row, step, f"{product.name} {row.text}")
        if step:
            _list(act, product, row)
            row.decision = {"result": "LISTED", "by": caller.name}
            _end(act, row)
    return done(row, step, changes=row.changes, grants=grants)


def _list(act: Act, product: Product, row: ProductVersion) -> None:
    because = f"product_version/{row.id}"
    first = product.state == State.APPROVAL
    if not any(change["widens"] for change in row.changes):
        for older in act.all(select(ProductVersion).where(
                ProductVersion.product_id == product.id, ProductVersion.id != row.id,
                ProductVersion.state == str(VersionState.LISTED)).with_for_update()):
            if older.text.split(".")[0] == row.text.split(".")[0]:
                cascade(act, VERSION, older, "supersede", because, "NEWER")
    row.published_at, product.current = act.at, row.text
    cascade(act, PRODUCT, product, "approve" if first else "new_version", because, "LISTING")
    registrations.opened(act, product)
    act.affects("product_version", row.id)


@command("product_version.reject", "不予上架", "Refuse")
def reject(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A refused first version ends the product; a refused later one leaves it as it is."""
    with begin(rt, caller) as act:
        row = act.open(ProductVersion, ref)
        product = act.get(Product, row.product_id)
        situation = version_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, VERSION, row, "reject", situation)
        if step:
            row.decision = {"result": "REJECTED", "by": caller.name}
            if product.state == State.APPROVAL:
                cascade(act, PRODUCT, product, "reject", f"product_version/{row.id}",
                        "REJECTED")
            _end(act, row)
    return done(row, step)


def _end(act: Act, row: ProductVersion) -> None:
    close_tasks(act, row)
    stop_clocks(act, row)
