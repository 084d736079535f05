"""The grading of the main story: rules propose from names alone, a reviewer reads why, takes what
is sure and judges the rest, a second person signs the same grades; one grade rises in service."""

from collections.abc import Callable

from tests.journeys.gateway import Gateway, codes
from tests.journeys.person import Person

People = Callable[[str], Person]
DATASET = "道路货物运输经营许可（主线）"
# Code, title and type of each field as the department lists it.
FIELDS = (("permit_no", "许可证号", "VARCHAR"), ("holder", "经营业户名称", "VARCHAR"),
          ("fzrxm", "负责人姓名", "VARCHAR"), ("sfzh", "身份证号", "VARCHAR"),
          ("lxdh", "联系电话", "VARCHAR"))
# The level the rules propose for each, and those they take to be about persons.
LEVELS = {"许可证号": "L1", "经营业户名称": "L1", "负责人姓名": "L2", "身份证号": "L3",
          "联系电话": "L2"}
PERSONAL = ["负责人姓名", "身份证号"]
SURE = 95
CHANGED = "经营业户名称"  # the machine takes it for an enterprise's; some operators are persons
WHY = "业户含个体工商户，名称即经营者姓名"
SHEET = "form.gradings tbody tr"
AGAIN = "复核受影响授权"


def graded(person: People, case: str) -> None:
    """From the proposals of the rules to grades under which two persons put their hands."""
    intake = person("intake")
    intake.visit(f"/onboarding-cases/{case}")
    assert "受理" in intake.press("accept") and intake.state == "分类分级"
    reviewer = person("security")
    reviewer.takes_up("提交分级结果", DATASET)
    assert reviewer.number == case
    sure = proposed(reviewer)
    explained(reviewer)
    judged(reviewer, sure)
    assert "另一人签署" in reviewer.press("submit_grading", reason="逐项核对，采纳建议，改变一项")
    assert reviewer.state == "分类分级"
    checked(person("security2"), case)


def proposed(reviewer: Person) -> list[str]:
    """Every field stands with a proposal nobody asked for; the fields the machine is sure of."""
    assert titles(reviewer) == list(LEVELS)
    assert shown(reviewer, "> p:first-child .grade") == list(LEVELS.values())
    percents = [int(text.rstrip("%")) for text in shown(reviewer, ".sure")]
    sure = [title for title, percent in zip(titles(reviewer), percents, strict=True)
            if percent >= SURE]
    assert "身份证号" in sure and CHANGED not in sure
    reviewer.page.click('[data-view="personal"]')
    assert titles(reviewer) == PERSONAL
    reviewer.page.click('[data-view="all"]')
    assert reviewer.reads(r"未确认 (\d+) 项") == str(len(FIELDS)), "a machine confirms nothing"
    return sure


def explained(reviewer: Person) -> None:
    """Why a field is graded as proposed is one press away, in words."""
    why = row(reviewer, "身份证号").locator("details.because")
    assert not why.locator("ol").is_visible()
    why.locator("summary").click()
    assert why.locator("ol").is_visible()
    for words in ("中文名读作「身份证号」", "没有取值可看", "基准级别 3", "自然人"):
        assert words in why.inner_text(), words


def judged(reviewer: Person, sure: list[str]) -> None:
    """What is sure is taken at once, the rest one by one: one above its proposal, with a reason."""
    left = [title for _, title, _ in FIELDS if title not in sure]
    assert reviewer.reads(r"≥ 95% 的建议（(\d+)）") == str(len(sure))
    assert "确认建议" in reviewer.press("confirm-proposals-sure", reason="逐项核对，采纳建议")
    assert confirmed(reviewer) == sure
    assert reviewer.reads(r"未确认 (\d+) 项") == str(len(left))
    for title in left:
        line = row(reviewer, title)
        reviewer.fill(line, {f"{place(line)}_kept": ["yes"]})
    line = row(reviewer, CHANGED)
    reason = line.locator('[name$=".reason"]')
    assert not reason.is_visible()
    reviewer.fill(line, {f"{place(line)}{name}": value for name, value in (
        ("grade", "2"), ("category", "party_name"), ("mask", "PARTIAL"),
        ("subject_kind", "PERSON"), ("reason", WHY))})
    reviewer.send(reviewer.page.locator("form.gradings p.actions button.primary"))
    assert confirmed(reviewer) == list(LEVELS)
    assert reviewer.reads(r"未确认 (\d+) 项") == "0"


def checked(second: Person, case: str) -> None:
    """Another security reviewer reads what was changed and why, and signs; the case goes on."""
    second.takes_up("会签「提交分级结果」", DATASET)
    assert second.number == case
    assert row(second, CHANGED).locator('[name$=".reason"]').input_value() == WHY
    assert "提交分级结果" in second.press("submit_grading", reason="复核一致")
    assert second.state == "安全合规评估"
    assert second.page.locator("main .title-block .grade").inner_text() == "L3"
    assert second.reads(r"含自然人数据\s*是") and second.reads(WHY)


def raised(person: People, gateway: Gateway, product: str, asked: list[dict],
           field: str) -> None:
    """A grade that rises in service denies the next call of the field and no other; the grants it
    touches are screened again. `asked` are a call without the field and one with it."""
    without, with_it = asked
    assert gateway.asks(without)["decision"] and gateway.asks(with_it)["decision"]
    officer = person("security")
    officer.visit(f"/products/{product}")
    officer.follow(f'tr:has(td:text-is("{field}")) a[href^="/datasets/"]')
    dataset = officer.page.locator("main h1").inner_text()
    line = place(officer.page.locator(
        f'#do-regrade_up .row:has(input[name$=".field"][value="{field}"])'))
    assert "调高分级" in officer.press("regrade_up", reason="与处罚信息汇聚后可推断经营者身份", **{
        f"{line}_kept": ["yes"], f"{line}grade": "4"})
    answer = gateway.asks(with_it)
    assert (answer["decision"], codes(answer)) == (False, ["SCOPE.GRADE"])
    [reason] = answer["context"]["reasons"]
    assert field in reason["message_zh"] and "L4" in reason["message_zh"]
    assert gateway.asks(without)["decision"]
    screened_again(person("compliance"), dataset)


def screened_again(reviewer: Person, dataset: str) -> None:
    """The task waits on the desk of compliance until the result is on file."""
    task = reviewer.takes_up(AGAIN, dataset)
    assert int(task.partition("（")[2].partition("）")[0]) >= 1, "the grants it touches"
    assert "登记复核结果" in reviewer.press(
        "record_rescreen", reason="逐项复核，涉及授权不再提供该数据项")
    assert not [task for task in reviewer.owed(dataset) if AGAIN in task]


def row(who: Person, title: str):
    """The line of the grading sheet a field stands on."""
    return who.page.locator(f'{SHEET}:has(td:nth-child(2) a b:text-is("{title}"))')


def place(line) -> str:
    """What the names of a line's inputs begin with."""
    return line.locator('input[name$=".field"]').get_attribute("name").removesuffix("field")


def titles(who: Person) -> list[str]:
    """The fields of the lines on view."""
    return who.page.locator(f"{SHEET}:visible td:nth-child(2) a b").all_inner_texts()


def shown(who: Person, part: str) -> list[str]:
    """A part of what is proposed, of every line."""
    return [text.strip() for text in
            who.page.locator(f"{SHEET} td:nth-child(3) {part}").all_inner_texts()]


def confirmed(who: Person) -> list[str]:
    """The fields a person has confirmed."""
    return who.page.locator(f"{SHEET}.settled td:nth-child(2) a b").all_inner_texts()
