"""What else happens in a zone: a new version under review, stops, a stand-in, a pack of evidence."""

from datetime import timedelta

from sqlmodel import select

from app.commands import delegations, evidence, holds, product_versions, products
from app.commands.command import Empty, Reasoned
from app.demo.simulation import Simulation
from app.demo.walks import Walk, by
from app.domain.evidence import Kind as Scope
from app.domain.holds import Kind
from app.domain.onboarding import Result
from app.domain.products import Review
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution
from app.store.tables_supply import ProductVersion
from app.store.unit import read


def walks(story: Simulation) -> list[tuple[float, Walk]]:
    """Each with how many days ago it began."""
    return [(6, revised(story, 6)), (47, stopped_by_mistake(story)),
            (13, stopped_by_rule(story)), (3, cleared_by_one(story)),
            (1, confirmed_by_one(story)), (2, stood_in(story)), (1, evidenced(story))]


def revised(story: Simulation, product: int) -> Walk:
    """A product loses a field nobody uses; its new version waits for the last of three opinions."""
    rt, business = story.rt, by(story, "business")
    number = story.rows[f"product:{product}"].number
    draft = products.new_version(rt, business, number, products.NewVersion()).detail["version"]
    with read(rt) as session:
        row = session.get(ProductVersion, draft)
        offered = {"fields": [{key: item[key] for key in (
            "field", "name", "dataset", "source", "treatment")} for item in row.fields[:-1]],
            "methods": row.methods, "output_form": row.output_form, "purposes": row.purposes,
            "subject_authorization": row.subject_authorization,
            "service_level": row.service_level}
    yield 4
    product_versions.edit(rt, business, draft, products.Offering.model_validate(offered))
    product_versions.submit(rt, business, draft, Empty())
    for login, kind, text in (("compliance", Review.COMPLIANCE, "数据项减少，目的与范围未扩大"),
                              ("pricing", Review.PRICE, "价格类别与上限不变")):
        yield 30
        product_versions.give_opinion(rt, by(story, login), draft, product_versions.ReviewBody(
            kind=kind, result=Result.AGREE, text=text))


def in_force(story: Simulation, at: int) -> str:
    """The number of a grant in force, of none of the institutions that have people here."""
    hosts = [story.rows[f"institution:{owner}"].id for owner in range(4)]
    with read(story.rt) as session:
        found = session.exec(select(Grant.number).where(
            Grant.state == "ACTIVE", Grant.institution_id.not_in(hosts),
            Grant.valid_to > story.day(60)).order_by(Grant.number)).all()
    return found[at]


def stopped_by_mistake(story: Simulation) -> Walk:
    """A grant is stopped at once, cleared the next day and given back by two persons."""
    rt = story.rt
    hold = holds.place(rt, by(story, "security"), holds.Placed(
        link="grant", object=in_force(story, 3), kind=Kind.EMERGENCY,
        reason="机构报告接口密钥疑似外泄，先行停用并核查")).id
    yield 20
    holds.lift(rt, by(story, "security"), hold, Reasoned(reason="经核查密钥未外泄，误报"))
    yield 3
    holds.lift(rt, by(story, "approver2"), hold, Reasoned(reason="核查结论属实，同意解除"))


def stopped_by_rule(story: Simulation) -> Walk:
    """A rule stops a grant for its calls at night; two persons confirm, and it stays stopped."""
    rt, number = story.rt, in_force(story, 11)
    with story.act() as act:
        hold = holds.placed(act, "grant", number, Kind.INCIDENT,
                            "夜间调用量为近 30 日均值的 9 倍", automatic=True)[0].id
    yield 5
    holds.confirm(rt, by(story, "security2"), hold, Reasoned(reason="调用来源异常，机构尚未说明"))
    yield 4
    holds.confirm(rt, by(story, "dso"), hold, Reasoned(reason="同意，待机构书面说明后再议"))


def cleared_by_one(story: Simulation) -> Walk:
    """A stop is found to be without cause; lifting it waits for the second person."""
    rt = story.rt
    hold = holds.place(rt, by(story, "security2"), holds.Placed(
        link="grant", object=in_force(story, 19), kind=Kind.EMERGENCY,
        reason="机构报告一台应用服务器疑似失陷，先行停用")).id
    yield 50
    holds.lift(rt, by(story, "security2"), hold, Reasoned(reason="服务器已重装，日志核查无数据外流"))


def confirmed_by_one(story: Simulation) -> Walk:
    """A rule stopped a grant yesterday; one person has confirmed, the second is still to come."""
    rt = story.rt
    with story.act() as act:
        hold = holds.placed(act, "grant", in_force(story, 23), Kind.INCIDENT,
                            "一小时内同一主体重复查询 40 次", automatic=True)[0].id
    yield 3
    holds.confirm(rt, by(story, "security"), hold, Reasoned(reason="重复查询属实，机构正在核查"))


def stood_in(story: Simulation) -> Walk:
    """A reviewer on leave is stood in for by a colleague of the same post."""
    today = story.now.astimezone(story.rt.settings.zone).date()
    made = delegations.create(story.rt, by(story, "compliance2"), delegations.NewDelegation(
        delegate="compliance", roles=["COMP_REVIEW"], begins=today,
        ends=today + timedelta(days=12), reason="休假期间委托同岗位人员办理"))
    yield 3
    delegations.accept(story.rt, by(story, "compliance"), made.id, Empty())


def evidenced(story: Simulation) -> Walk:
    """The auditor asks for one institution's last month; jobs builds it once it runs."""
    owner: Institution = story.rows["institution:4"]
    day = story.now.astimezone(story.rt.settings.zone).date()
    evidence.request(story.rt, by(story, "auditor"), evidence.PackRequest(
        kind=Scope.INSTITUTION, subject=owner.number, begins=str(day - timedelta(days=30)),
        ends=str(day), recipient="专区年度合规审计组", legal_basis="授权运营协议审计条款",
        purpose="年度合规审计抽样", expires=str(day + timedelta(days=90)),
        reason="抽取一家机构核对授权与调用"))
    yield 1
