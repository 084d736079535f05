"""How well names are found in made-up sentences, by exact spans; a smoke test, not a promise.

Names and sentences are drawn here and not from the lists the rules use; given names are random
signs, which is harder than real ones.
"""

from random import Random  # noqa: TID251 - seeded, so that a failing case can be shown again

import pytest

from app.engines.classification.chinese_names import names

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建国志华晓梅雪琴宇轩子涵欣怡浩然诗雨嘉"
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "皇甫")
DOTTED = ("买买提·艾力", "阿依古丽·吐尔逊", "热依汗·买买提", "木合塔尔·阿不都拉", "古丽娜尔·艾山")
SENTENCES = (
    "申请人{p}系{o}员工，现住{a}。", "{p}与{p}因租赁纠纷诉至法院。",
    "经查，{o}法定代表人{p}未按期申报。",
    "来电人{p}反映{o}拖欠工资。", "{p}于2023年5月购买位于{a}的房屋。", "联系人：{p}，单位：{o}",
    "同意{p}的申请，由{p}负责办理。", "{o}向{p}支付货款3万元。", "本人{p}，家住{a}，举报{o}排污。",
    "经办人{p}、审核人{p}")


def person(chance):
    kind = chance.random()
    if kind < 0.06:
        return chance.choice(DOTTED)
    surname = chance.choice(COMPOUND) if kind < 0.12 else chance.choice(SURNAMES)
    return surname + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def company(chance):
    return "".join((chance.choice(("北京", "南京", "上海", "江苏", "深圳市", "")),
                    *chance.choices("鑫泰恒业盛宏瑞联星源诚", k=2),
                    chance.choice(("科技", "建设工程", "物流", "餐饮", "信息技术", "贸易")),
                    chance.choice(("有限公司", "有限责任公司", "股份有限公司"))))


def address(chance):
    return "".join((chance.choice(("北京市朝阳区", "江苏省南京市鼓楼区", "上海市浦东新区",
    "海淀区")),
                    chance.choice(("建国路", "中山北路", "解放大道", "上地十街")),
                    f"{chance.randint(1, 300)}号",
                    chance.choice(("", f"{chance.randint(1, 20)}号楼{chance.randint(101, 999)}室",
                                   f"{chance.randint(1, 9)}幢{chance.randint(1, 4)}单元201室"))))


KINDS = {"p": ("person_name_zh", person), "o": ("company_name", company),
         "a": ("address_zh", address)}


def sentence(chance):
    """A sentence and the spans of what it names."""
    text, spans = "", set()
    for part in chance.choice(SENTENCES).replace("}", "{").split("{"):
        if part in KINDS:
            kind, draw = KINDS[part]
            word = draw(chance)
            spans.add((len(text), len(text) + len(word), kind))
            part = word
        text += part
    return text, spans


@pytest.fixture(scope="module")
def counted():
    """For each kind what was found rightly, found, and there to find."""
    chance = Random(20261122)
    drawn = [sentence(chance) for _ in range(400)]
    found = names().find([text for text, _ in drawn])
    counts = {kind: [0, 0, 0] for kind, _ in KINDS.values()}
    for (_, spans), sightings in zip(drawn, found, strict=True):
        seen = {(each.start, each.end, each.kind) for each in sightings}
        for kind, count in counts.items():
            there, told = ({each for each in side if each[2] == kind} for side in (spans, seen))
            count[0] += len(there & told)
            count[1] += len(told)
            count[2] += len(there)
    return counts


@pytest.mark.parametrize(("kind", "least"), [
    ("person_name_zh", 0.94), ("company_name", 0.96), ("address_zh", 0.97)])
def test_names_in_sentences_are_found_with_their_exact_spans(counted, kind, least):
    right, told, there = counted[kind]
    assert 2 * right / (told + there) >= least
