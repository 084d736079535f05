"""A letter prints what its payload says: all of it, nothing else, the same bytes every time."""

from datetime import date

import pytest

from app.domain.grounds import Words
from app.domain.instruments import Kind
from app.domain.letters import Draft, Office, compose
from app.engines import documents
from app.engines.documents import Unprintable, render
from app.engines.rulefiles import letter_texts, load_cases
from tests.engines.pdf import fields_of, fonts_of, ink_of, pages_of, text_of

GROUNDS = load_cases().grounds
OFFICE = Office(Words("示例市金融公共数据专区运营中心", "Example Zone Operations"), "数专",
                Words("受理岗 010-0000 0000", "Intake desk 010-0000 0000"),
                "https://localhost:8420/verify")
REASONS = (
    GROUNDS["TERM.RETENTION"].given({"asked": "400", "limit": "180",
                                     "purpose": Words("首次授信审批", "first credit approval")}),
    GROUNDS["PURPOSE.PROHIBITED"].given({"purpose": Words("转售", "resale")}),
)


def letter(kind=Kind.GRANT_REFUSAL, serial="数专不授〔2026〕1号", **changes):
    text = letter_texts()[kind]
    draft = {"recipient": Words("示例第一银行", "Example First Bank"), "day": date(2026, 11, 22),
             "reasons": REASONS, "attachments": (Words("意见摘要", "Summary"),),
             "facts": {name: f"<{name}>" for name in text.blanks()}, **changes}
    return compose(text, OFFICE, Draft(kind=kind, serial=serial, **draft))


def printed(payload) -> bytes:
    return render(payload["template"], payload)


def test_a_refusal_prints_all_it_owes_its_reader():
    payload = letter()
    text = text_of(printed(payload))
    for owed in ("示例市金融公共数据专区运营中心", "数专不授〔2026〕1号", "不予授权决定书",
                 "示例第一银行：", "TERM.RETENTION", "PURPOSE.PROHIBITED", "申请留存400天",
                 "《中华人民共和国个人信息保护法》（主席令第九十一号，2021年11月1日起施行）第十九条",
                 "缩短留存期限后重新申请", "不设期限", "附件：1.意见摘要",
                 "二〇二六年十一月二十二日", "第1页共1页", payload["verification"]["code"],
                 "受理岗010-00000000", payload["verification"]["address"]):
        assert owed in text, owed


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_prints_on_both_sides_of_the_language(kind):
    payload = letter(kind, f"数专{letter_texts()[kind].letter}〔2026〕1号", english=True)
    chinese, *rest = pages_of(printed(payload))
    english = "".join(rest)
    assert kind.zh in chinese and payload["serial"] in chinese
    assert kind.en.replace(" ", "") in english and "Page2of" in english


def test_the_same_letter_has_the_same_bytes_and_another_has_others():
    assert printed(letter()) == printed(letter())
    assert printed(letter()) != printed(letter(day=date(2026, 11, 23)))


def test_the_document_is_dated_by_its_letter_and_named_by_its_serial():
    fields = fields_of(printed(letter()))
    assert fields["CreationDate"].startswith("D:20261122")
    assert fields["Title"] == "不予授权决定书 数专不授〔2026〕1号"


@pytest.mark.parametrize("hostile", [
    '#import "/etc/passwd": *', "#read(\"texts.yaml\")", "$ x^2 $", "*粗* _斜_ `码`",
    "<label> @ref", "\\u{41} // 注 /* 释 */", "= 标题", "#set page(fill: red)",
    "}{", '"]) #panic("x")',
])
def test_markup_in_a_fact_stays_text(hostile):
    payload = letter(recipient=Words(hostile, hostile))
    assert "".join(hostile.split()) in text_of(printed(payload))


def test_rare_characters_print_as_themselves():
    rare = "䶮璟喆祎堃鑫"
    before = printed(letter(recipient=Words(rare, rare)))
    assert rare in text_of(before)
    assert fonts_of(before) == {"NotoSansSC-Regular", "NotoSansSC-Bold"}


def test_a_long_notice_repeats_its_heading_and_never_leaves_a_page_empty():
    defects = tuple(GROUNDS["DOC.DEFECT"].given({"material": f"材料{at}", "defect": "未盖章"})
                    for at in range(40))
    pages = pages_of(printed(letter(Kind.SUPPLEMENT, "数专补〔2026〕1号", reasons=defects)))
    assert len(pages) > 2
    assert all("查明的事实" in page for page in pages[:-1])
    assert all(len(page) > 60 for page in pages)
    assert f"第{len(pages)}页共{len(pages)}页" in pages[-1]
    assert "二〇二六年十一月二十二日" in pages[-1]


def test_a_hundred_long_defects_still_print():
    words = Words("缺" * 500, "defect " * 70)
    defects = tuple(GROUNDS["DOC.DEFECT"].given({}, words) for _ in range(100))
    pages = pages_of(printed(letter(Kind.SUPPLEMENT, "数专补〔2026〕1号", reasons=defects)))
    assert "".join(pages).count("缺") == 50_000


def test_the_code_is_drawn_where_it_is_written():
    payload = letter()
    other = {**payload, "verification": {**payload["verification"],
                                         "address": "https://localhost:8420/verify/0"}}
    assert ink_of(printed(payload)) != ink_of(printed(other))


def test_a_demonstration_is_marked_across_the_page():
    marked = compose(letter_texts()[Kind.CLOSING], Office(
        OFFICE.name, "数专", OFFICE.contact, OFFICE.lookup, Words("演示 不具效力", "DEMO")), Draft(
        Kind.CLOSING, "数专终〔2026〕1号", date(2026, 11, 22), Words("甲", "A"),
        {name: "x" for name in letter_texts()[Kind.CLOSING].blanks()}, reasons=REASONS))
    assert "演示不具效力" in text_of(printed(marked))
    assert "演示" not in text_of(printed(letter()))


@pytest.mark.parametrize(("template", "change", "said"), [
    ("../letter", {}, "no template"),
    ("layout", {}, "no template"),
    ("letter", {"verification": {}}, "verification.address"),
    ("letter", {"day": "2026-13-01"}, "cannot print"),
    ("letter", {"serial": "长" * 400_000}, "over"),
])
def test_what_cannot_be_printed_is_refused_with_its_reason(template, change, said):
    with pytest.raises(Unprintable) as refused:
        render(template, {**letter(), **change})
    assert said in str(refused.value)


def test_the_edition_is_a_digest():
    assert documents.edition().startswith("sha256:") and len(documents.edition()) == 71
