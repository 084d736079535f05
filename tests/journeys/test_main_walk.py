"""The main story, walked by the people it is about in a real browser: a department proposes data,
it is graded from what rules propose, a bank applies and is granted, its gateway is answered,
narrowed, met by a higher grade, stopped, and an auditor takes home a pack whose smallest change
shows."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.demo import story
from tests.journeys import grading
from tests.journeys.gateway import Gateway, codes
from tests.journeys.person import Person, people, today
from tests.journeys.processes import zone
from tests.journeys.taken_home import Home
from tests.web.browser import chromium, open_browser

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser"),
              pytest.mark.skipif(not chromium(), reason="no Chromium")]
BANK, INSTITUTION, PRODUCT = 0, "INST-0001", "PRD-CREDIT-QUERY-001"
PURPOSE, WAY = "PF.CRD.NEW", "QUERY_ONE|API|PROD"
People = Callable[[str], Person]


@pytest.fixture
def running(tmp_path):
    with zone(tmp_path / "zone", fill=lambda rt: story.tell(rt, decisions=200), demo=True) as found:
        yield found


def test_the_main_story_from_a_department_to_a_pack_that_shows_one_changed_byte(running, tmp_path):
    with open_browser(tmp_path) as browser:
        with people(browser, running) as person:
            walk(person, Gateway(running, BANK), tmp_path)


def walk(person: People, gateway: Gateway, folder: Path) -> None:
    """Everybody does their part, in order; each step says what came of it."""
    grading.graded(person, proposes(person, folder))
    case, fields = applies(person)
    reviewed(person, case, ["business", "compliance", "security"], per_day="500")
    grant = signed(person, case)
    permit = permitted(gateway, grant, fields)
    narrowed(person, grant, fields[-1])
    refused(gateway, grant, fields)
    calls = [gateway.question(grant, PRODUCT, fields[:count]) for count in (1, 2)]
    grading.raised(person, gateway, PRODUCT, calls, fields[1])
    stopped(person)
    assert codes(gateway.asks(gateway.question(grant, PRODUCT, fields[:1]))) == ["HOLD.EMERGENCY"]
    home = taken_home(person, folder)
    verified(home, permit)


def proposes(person: People, folder: Path) -> str:
    """A liaison proposes a dataset, lists its fields, hands in the report and submits; the case."""
    report = folder / "质量报告.txt"
    report.write_text("质量报告（演示）：完整率 99.2%，及时率 98.7%", "utf-8")
    liaison = person("liaison1")
    liaison.visit("/onboarding-cases")
    liaison.follow('a[href="/onboarding-cases/new"]')
    liaison.fill(liaison.page.locator("main form"), {
        "code": "dw_walk_road_permits", "name": grading.DATASET,
        "update_cycle": "DAILY", "category": "行业监管", "owner": "运输管理科",
        "legality": "依据部门职责在行政许可中直接采集。"})
    liaison.send(liaison.page.locator("main form button.primary"))
    liaison.press("list_fields", fields=[
        {"code": code, "name": title, "type": kind} for code, title, kind in grading.FIELDS])
    liaison.press("attach", kind="QUALITY_REPORT", file=report)
    liaison.press("submit")
    assert liaison.state == "待受理"
    assert all(liaison.reads(title) for _, title, _ in grading.FIELDS)
    return liaison.number


def applies(person: People) -> tuple[str, list[str]]:
    """A bank's maker chooses a product, fills the four dimensions and submits; its signer confirms.

    The case's number and the fields asked for.
    """
    maker = person("maker1")
    maker.visit("/grant-cases/new")
    maker.follow(f'a.btn[href="/grant-cases/new?product={PRODUCT}"]')
    fields = maker.options("[name='rights.field']")[:3]
    maker.fill(maker.page.locator("form.application"), {
        "title": "首贷客户登记信息核验（主线）", "scene": "首次申请贷款时核验登记与资质信息。",
        "necessity": "所申请数据项均为授信审批模型的输入，缺一不可。",
        "security_measures": "专线接入，字段级加密，访问留痕，到期删除。",
        "volume_per_day": "200",
        "rights.purpose": [PURPOSE], "rights.field": fields, "rights.way": [WAY],
        "rights.regions": "110000", "rights.lookback_months": "24",
        "rights.from": today().isoformat(),
        "rights.to": (today() + timedelta(days=300)).isoformat()})
    said = maker.send(maker.page.locator("form.application .actions.bar button.primary"))
    case = maker.number
    assert case in said and maker.state == "草稿"
    assert "另一人签署" in maker.press("submit")
    signer = person("signer1")
    signer.visit(f"/grant-cases/{case}")
    signer.press("submit")
    assert signer.state == "待受理"
    return case, fields


def reviewed(person: People, case: str, reviewers: list[str], **decision) -> None:
    """Intake accepts; everybody the rules ask gives an opinion; the approver approves."""
    intake = person("intake")
    intake.visit(f"/grant-cases/{case}")
    intake.press("accept", reason="材料齐全，符合形式要求")
    assert intake.state == "会审中"
    for login in reviewers:
        gives_opinion(person(login), case)
    approver = person("approver")
    approver.visit(f"/grant-cases/{case}")
    assert approver.state == "待审批"
    approver.press("approve", reason="同意，仅限首次授信审批使用",
                   deviation="按首次授信审批所必需核定", **decision)


def gives_opinion(reviewer: Person, case: str) -> None:
    """The opinion this reviewer owes the case, with every check of it ticked."""
    reviewer.visit(f"/grant-cases/{case}")
    opener = reviewer.page.locator('[data-dialog^="do-give"]:visible').first
    verb = opener.get_attribute("data-dialog").removeprefix("do-")
    checks = reviewer.options(f"#do-{verb} [name=checklist]")
    reviewer.press(verb, result="AGREE", text="已逐项核对，符合要求", checklist=checks)
    assert reviewer.path == f"/grant-cases/{case}"


def signed(person: People, case: str) -> str:
    """Operations enters the contract, both sides sign; the number of the grant in force."""
    ops = person("ops")
    ops.visit(f"/grant-cases/{case}")
    assert ops.state == "待签约"
    ops.follow('a[href^="/contracts/"]')
    ops.press("prepare", clauses=ops.options("#do-prepare [name=clauses]"))
    for login in ("signer1", "signer"):
        signer = person(login)
        signer.confirms_factor(f"/grant-cases/{case}")
        signer.press("sign")
    maker = person("maker1")
    maker.visit(f"/grant-cases/{case}")
    assert maker.state == "已办结"
    maker.follow('a[href^="/grants/GR-"]')
    assert maker.state == "生效中"
    return maker.number


def permitted(gateway: Gateway, grant: str, fields: list[str]) -> str:
    """What was granted is permitted, to the field; the decision's id."""
    answer = gateway.asks(gateway.question(grant, PRODUCT, fields))
    assert answer["decision"] is True, answer
    assert answer["context"]["grant"] == {"id": grant, "version": 1}
    assert sorted(answer["context"]["fields_effective"]) == sorted(fields)
    return answer["context"]["decision_id"]


def narrowed(person: People, grant: str, dropped: str) -> None:
    """The bank asks for one field less; with the decision the new version is in force."""
    maker = person("maker1")
    maker.visit(f"/grants/{grant}")
    maker.follow('a[href^="/grant-cases/new?kind=AMEND_NARROW"]')
    maker.page.uncheck(f'[name="rights.field"][value="{dropped}"]')
    maker.fill(maker.page.locator("form.application"), {
        "title": "减少一项数据（主线）", "scene": "审批模型调整，该数据项不再使用。",
        "necessity": "其余数据项仍为授信审批所必需。", "security_measures": "与原申请一致。"})
    maker.send(maker.page.locator("form.application .actions.bar button.primary"))
    case = maker.number
    maker.press("submit")
    signer = person("signer1")
    signer.visit(f"/grant-cases/{case}")
    signer.press("submit")
    reviewed(person, case, ["compliance"])
    maker.visit(f"/grants/{grant}")
    assert maker.state == "生效中" and maker.reads(r"v2 ")


def refused(gateway: Gateway, grant: str, fields: list[str]) -> None:
    """The dropped field is denied, the rest is not; three faults are told, each with its remedy."""
    answer = gateway.asks(gateway.question(grant, PRODUCT, fields[:-1]))
    assert answer["decision"] and answer["context"]["grant"] == {"id": grant, "version": 2}
    answer = gateway.asks(gateway.question(grant, PRODUCT, fields))
    assert not answer["decision"] and codes(answer) == ["SCOPE.FIELD"]
    assert fields[-1] in answer["context"]["reasons"][0]["message_en"]
    answer = gateway.asks(gateway.question(grant, PRODUCT, fields, purpose="PF.GUA.REV",
                                           channel="SAAS"))
    assert not answer["decision"]
    assert codes(answer) == ["PURPOSE.NOT_GRANTED", "SCOPE.FIELD", "METHOD.CHANNEL"]
    for reason in answer["context"]["reasons"]:
        assert all(reason[name] for name in ("code", "class", "message_zh", "message_en", "remedy"))


def stopped(person: People) -> None:
    """A security officer finds the bank, reads what the stop hits, and sees it proved."""
    officer = person("security")
    officer.confirms_factor("/emergency-stop")
    officer.page.fill("main [name=q]", INSTITUTION)
    officer.send(officer.page.locator("main form.filters button.primary"))
    officer.follow(f'a.danger[href*="object={INSTITUTION}"]')
    assert int(officer.reads(r"(\d+)\s*项授权")) >= 1
    officer.fill(officer.page.locator('form[action="/emergency-stop"]'), {
        "reason": "接口密钥疑似外泄，先行停用"})
    officer.send(officer.page.locator('form[action="/emergency-stop"] button.danger'))
    assert officer.reads("一次真实调用已被拒绝") and officer.reads("HOLD.EMERGENCY")


def taken_home(person: People, folder: Path) -> Home:
    """The auditor asks for the bank's pack, hands it over to himself and downloads it."""
    auditor = person("auditor")
    auditor.visit("/evidence-packs/new")
    auditor.fill(auditor.page.locator("main form"), {
        "kind": "institution", "subject": INSTITUTION,
        "begins": (today() - timedelta(days=30)).isoformat(), "ends": today().isoformat(),
        "recipient": "市审计机关（演示）", "legal_basis": "年度专项审计",
        "purpose": "核查授权与调用",
        "expires": (today() + timedelta(days=90)).isoformat(), "reason": "按年度计划抽查"})
    auditor.send(auditor.page.locator("main form button.primary"))
    auditor.waits_for("待交付")
    auditor.press("hand_over")
    return Home(auditor.downloads("下载证据包", folder), auditor.downloads("核验公钥", folder),
                auditor.downloads("最新检查点", folder))


def verified(home: Home, permit: str) -> None:
    """Offline: it holds; with one byte changed it does not, and the entry is named."""
    code, words = home.verified()
    assert code == 3 and "CONSISTENT-UNANCHORED" in words, words
    code, words = home.verified(home.checkpoint)
    assert (code, words[:7]) == ((0, "TRUSTED") if home.is_anchored else (3, "CONSIST")), words
    code, words = home.with_one_byte_changed(permit).verified()
    assert code == 1 and words.startswith("BROKEN"), words
    assert f"ENTRY_HASH seq={home.seq_of(permit)} " in words, words
