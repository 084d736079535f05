"""Names of persons and enterprises and addresses, by lists and rules alone."""

import pytest

from app.domain.classification.chinese import Addresses, CompanyNames, PersonNames
from app.domain.classification.folding import fold
from app.engines.classification.rules import identifiers

TABLES = identifiers().tables
PERSONS, COMPANIES = PersonNames(TABLES), CompanyNames(TABLES)
ADDRESSES = Addresses(TABLES, COMPANIES)


@pytest.mark.parametrize("name", [
    "王建国", "李娜", "欧阳明月", "司马光", "买买提·艾力", "阿依古丽·吐尔逊", "田国志（代）",
    "王 伟",
    "张栋", "刘备", "诸葛亮"])
def test_a_personal_name_is_one(name):
    assert PERSONS.passes(fold(name))


@pytest.mark.parametrize("name", [
    "王", "王总", "李先生", "薛经理", "彭某", "高度", "黄金", "安全员", "金额", "建国路", "汉族",
    "张家湾镇",
    "王小明公司", "abc", "成都", "综合科", "平安银行", "", "王建国李"])
def test_a_title_a_word_or_a_place_is_no_name(name):
    assert not PERSONS.passes(fold(name))


@pytest.mark.parametrize("name", [
    "北京鑫泰恒业科技有限公司", "中国建设银行股份有限公司北京市分行", "朝阳区好味道小吃店",
    "鼓楼区孟子瑞商行",
    "盛宏（南京）餐饮（有限合伙）", "曾记投资", "南京市秦淮区建设黎诗敏经营部",
    "建邺区廖梓斌水果摊"])
def test_an_enterprise_is_one(name):
    assert COMPANIES.passes(fold(name))


@pytest.mark.parametrize("name", [
    "公司", "张三", "北京市朝阳区建国路8号", "南京市栖霞区教育局", "秦淮区梅园街道人民政府",
    "综合科", "办公室",
    "自由职业", "江宁区老旧小区综合整治项目", "道路货物运输（不含危险货物）",
    "要求处理人民路噪音扰民"])
def test_a_public_body_a_project_or_a_person_is_no_enterprise(name):
    assert not COMPANIES.passes(fold(name))


@pytest.mark.parametrize("text", [
    "北京市海淀区上地十街10号院3号楼201室", "朝阳区建国路88号", "河北省石家庄市长安区中山东路12号",
    "江苏省南京市六合区河西镇长江路205号(集中办公区)", "玄武区河西镇西庄村12号",
    "秦淮区东岭街道解放大道以东、和平街以南", "溧水区文昌巷64弄59号609室"])
def test_an_address_is_one(text):
    assert ADDRESSES.passes(fold(text))


@pytest.mark.parametrize("text", [
    "北京", "10号楼", "abc路", "江苏省南京市秦淮区", "鼓楼区北园街道", "玄武区梅园街道中心幼儿园",
    "南京市栖霞区教育局",
    "江宁区老旧小区综合整治项目", "玄武区鑫瑞嘉五金店", "国科火字[2021]9号",
    "网约车运证字836451号",
    "本人田少爱，举报鼓楼区解放大道一带违章搭建，希望保密。"])
def test_a_region_a_document_or_a_sentence_is_no_address(text):
    assert not ADDRESSES.passes(fold(text))


@pytest.mark.parametrize(("text", "named"), [
    ("申请人张三丰于昨日到场", ["张三丰"]),
    ('{"applicant": "白梓峰", "phone": "1"}', ["白梓峰"]),
    ("身份证_侯思涛.JPG", ["侯思涛"]),
    ("张伟、李娜", ["张伟", "李娜"]),
    ("联系人:买买提·艾力", ["买买提·艾力"]),
    ("张伟、联系人:李娜、王强", ["李娜", "张伟", "王强"]),
    ("根据条例不予受理。", []),
])
def test_names_in_text_stand_behind_a_cue_or_alone(text, named):
    assert [text[start:end] for start, end in PERSONS.spans(text)] == named


@pytest.mark.parametrize(("finder", "text", "named"), [
    (COMPANIES, "反映在江苏利康农业有限公司购买预付卡", ["江苏利康农业有限公司"]),
    (COMPANIES, "由市场监督管理局办理", []),
    (ADDRESSES, "家住南京市雨花台区和悦家园小区32幢643室,反映",
     ["南京市雨花台区和悦家园小区32幢643室"]),
    (ADDRESSES, "共计36户,已办理5号文", []),
])
def test_enterprises_and_addresses_in_text(finder, text, named):
    assert [text[start:end] for start, end in finder.spans(text)] == named
