"""The story of the demonstration zone, from its founding to this morning."""

from app import runtime
from app.commands.decide import Gate
from app.demo import (
    acknowledged,
    calls,
    cast,
    consented,
    everyday,
    gateways,
    institutions,
    supply,
    supply_walks,
    walks,
)
from app.demo.simulation import simulation

# Applications: institution, product, title, where it stands, days ago.
APPLICATIONS = (
    (0, 0, "小微企业首贷客户基本信息核验", "SUBMITTED", 2), (1, 1, "授信客户处罚与失信核查", "REVIEWING", 5),
    (2, 7, "科创企业守信评价接入", "APPROVAL", 5), (3, 2, "线上小额贷款准入核验", "APPROVED", 11),
    (0, 4, "存量客户税务风险预警", "REVIEWING", 6), (1, 0, "普惠金融客户信息查询", "CONCLUDED", 16),
    (2, 5, "公用事业欠费预警订阅", "SUPPLEMENT", 4), (3, 8, "客户营销名单筛选", "NOT_ACCEPTED", 9),
    (0, 6, "高新企业竞争力分析", "REJECTED", 14), (1, 9, "项目贷款投资项目画像", "WITHDRAWN", 7),
    (2, 0, "小微企业续贷信息核验", "SIGNING", 1), (3, 10, "公司客户征信报告查阅", "DRAFT", 1),
    (0, 2, "供应链金融准入核验", "SUBMITTED", 1), (1, 7, "绿色信贷守信评价", "APPROVAL", 6),
    (3, 1, "担保客户处罚信息查询", "SUBMITTED", 4), (1, 4, "贷前税务风险核验", "COUNTERSIGN", 9),
    (2, 3, "批量担保客户信息核验", "COUNTERSIGN", 12),
)
APPLICANTS = ((1, "临溪银行", "BANK", "DILIGENCE", 6), (2, "青禾融资担保有限公司", "GUARANTOR", "SUBMITTED", 2),
              (3, "望岳财产保险股份有限公司", "INSURER", "APPROVAL", 5),
              (4, "双桥小额贷款有限公司", "MICRO_LENDER", "COMPLIANCE", 7))


def tell(rt, decisions: int = calls.TOTAL) -> None:
    """Everything, in the order it happened."""
    with simulation(rt) as story:
        # The first leaf is as old as the story: no entry is ever dated before the one it follows.
        runtime.found(rt)
        story.at(story.day(-734))
        cast.staff(story)
        supply.catalogue(story)
        story.later(days=2)
        supply.departments(story)
        supply.datasets(story)
        story.later(days=3)
        supply.products(story)
        consented.product(story)
        supply.head_agreement(story)
        story.later(days=2)
        institutions.institutions(story)
        institutions.people(story)
        institutions.grants(story)
        consented.grants(story)
        gateways.gateway(story)
        recent = walks.Walks(story, [
            *((days, supply_walks.onboarded(story, table, liaison, until))
              for table, liaison, until, days in supply.TABLES),
            *((days, walks.application(story, bank, product, title, until))
              for bank, product, title, until, days in APPLICATIONS),
            *((days, walks.applicant(story, at, name, kind, until))
              for at, name, kind, until, days in APPLICANTS),
            *everyday.walks(story)])

        def happens(day: int) -> None:
            institutions.ended(story, day)
            recent.until(story.day(day, 9))

        gate = Gate(rt).start()
        try:
            calls.history(story, gate, decisions - consented.share(decisions), happens)
            consented.authorizations(story)
            consented.calls(story, gate, consented.share(decisions))
        finally:
            gate.close()
        acknowledged.receipts(story)
        acknowledged.authorizations(story)
        recent.until(story.day(0, 8))
