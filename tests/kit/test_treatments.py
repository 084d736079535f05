"""What may be returned in a value's place, and that nothing else ever is."""

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.classification.folding import fold
from app.engines import rulebooks
from app.engines.classification.rules import identifiers
from app.web.api import lane_document
from kit.hufu_mask import KINDS, TREATMENTS, CannotMask, Key, mask, mask_record
from kit.hufu_mask.general import STEPS
from kit.hufu_mask.partial import WAYS, Ends

FOLDER = Path(__file__).resolve().parents[2] / "kit" / "hufu_mask"
KEY = Key("k1", bytes(range(32)))
HIDING = ("PARTIAL", "GENERALIZE", "TOKENIZE", "BOOLEAN", "REDACT", "DROP")
RULES = {rule.id: rule for rule in identifiers()}
LETTERS = st.characters(exclude_categories=("Cs",))
TEXTS = st.one_of(
    st.text(LETTERS, max_size=80),
    st.text("0123456789", min_size=1, max_size=24),
    st.text("０１２３４５６７８９Ⅻ①²", max_size=24),
    st.text("王李欧阳司马北京市朝阳区路号有限公司·一二", max_size=40),
    st.text("0123456789 -xX()年月日.,:@", max_size=40))


@pytest.mark.parametrize("kind, value, partial, general", [
    ("resident_id", "11010519491231002X", "110***********002X", "11"),
    ("resident_id", "１１０１０５ 19491231 002x", "110***********002X", "11"),
    ("mobile_cn", "13812341234", "138****1234", "138"),
    ("mobile_cn", "+86 138-1234-1234", "138****1234", "138"),
    ("person_name_zh", "张三", "张*", "***"),
    ("person_name_zh", "欧阳明月", "欧阳*", "***"),
    ("person_name_zh", "欧阳", "欧*", "***"),
    ("person_name_zh", "阿依古丽·吐尔逊", "阿*", "***"),
    ("company_name", "北京鑫泰恒业科技有限公司", "北京****有限公司", "***"),
    ("company_name", "朝阳区好味道小吃店", "****小吃店", "***"),
    ("address_zh", "北京市海淀区上地十街10号院3号楼201室", "北京市海淀区****", "北京市"),
    ("address_zh", "河北省石家庄市长安区中山东路12号", "河北省石家庄市长安区****",
     "河北省石家庄市"),
    ("address_zh", "朝阳区建国路88号", "朝阳区****", "***"),
    ("address_zh", "幸福小区3栋", "***", "***"),
    ("address_zh", "上海路12号", "***", "***"),
    ("bank_card", "6217 0000 1000 1234 569", "***************4569", "***"),
    ("email", "zhang.san@Example.com", "zh***@example.com", "example.com"),
    ("email", "li@example.com", "***@example.com", "example.com"),
    ("landline_cn", "010-62345678", "010****678", "010"),
    ("plate", "京A12345", "京A***45", "京A"),
    ("region_code", "110108", "11****", "11"),
    ("birth_date", "1978年11月30日", "1978-**-**", "1978"),
    ("date_cn", "20231231", "2023-12-**", "2023-12"),
    ("rmb_amount", "350.5万元", "3******", "[2000000,5000000)"),
    ("rmb_amount", "-1,234.50", "-1***", "(-2000,-1000]"),
    ("rmb_amount", "壹万贰仟元整", "***", "***"),
    ("number", "5", "*", "[0,10)"), ("number", "0.05", "*", "[0,10)"),
    ("age", "34", "3*", "30-39"), ("age", "104岁", "10*", "90+"),
    ("lonlat", "116.397128,39.916527", "116.**,39.**", "116,39"),
    ("ipv4", "10.1.2.3", "10.1.*.*", "10.1.0.0/16"),
    ("text", "随手写的备注", "随****注", "***"), ("text", "短", "***", "***"),
])
def test_a_value_is_masked_and_made_coarse_as_its_kind_is(kind, value, partial, general):
    assert mask(value, "PARTIAL", kind=kind) == partial
    assert mask(value, "GENERALIZE", kind=kind) == general


@pytest.mark.parametrize("kind, value, step, found", [
    ("birth_date", "1978-11-30", "decade", "1970-1979"), ("age", "34", "5", "30-34"),
    ("date_cn", "2024-02-29 10:00:00", "year", "2024"),
    ("address_zh", "河北省石家庄市长安区中山东路12号", "province", "河北省"),
    ("address_zh", "河北省石家庄市长安区中山东路12号", "district", "河北省石家庄市长安区"),
    ("region_code", "110108", "city", "1101"), ("rmb_amount", "7000", "magnitude", "[1000,10000)"),
    ("resident_id", "11010519491231002X", "birth_year", "1949"), ("rmb_amount", "0", "", "[0,10)"),
    ("number", "-3.5", "", "(-10,0)"),
])
def test_a_value_is_as_coarse_as_the_step_says(kind, value, step, found):
    assert mask(value, "GENERALIZE", kind=kind, step=step) == found


@pytest.mark.parametrize("value, said", [
    ("3", "true"), (3, "true"), ("有", "true"), (True, "true"), ("0.01", "true"),
    (None, "false"), ("", "false"), ("0.00", "false"), (0, "false"), ("否", "false"),
    ("无", "false"), (False, "false"), (" \u200b", "false")])
def test_yes_or_no_says_whether_there_is_something(value, said):
    assert mask(value, "BOOLEAN") == said


EXAMPLES = {**{kind: list(rule.examples.valid) for kind, rule in RULES.items()},
            "age": ["34", "7", "104"], "number": ["12345", "-3", "0.5"], "text": ["随手写的备注"],
            "organisation": ["朝阳区市场监督管理局"]}


@pytest.mark.parametrize("kind", sorted(STEPS))
def test_coarse_values_are_a_function_of_partly_masked_ones(kind):
    """Decisions hold GENERALIZE to be stricter: what PARTIAL leaves alike, it must leave alike."""
    said: dict[str, set[str]] = {}
    for value in EXAMPLES[kind]:
        for at in range(len(value)):
            for digit in "0123456789" if value[at].isdigit() else value[at]:
                changed = value[:at] + digit + value[at + 1:]
                said.setdefault(mask(changed, "PARTIAL", kind=kind), set()).add(
                    mask(changed, "GENERALIZE", kind=kind))
    assert not {masked: coarse for masked, coarse in said.items() if len(coarse - {"***"}) > 1}


def test_the_treatments_are_those_decisions_order():
    assert tuple(rulebooks.load().vocabulary.treatments) == TREATMENTS


def test_every_identifier_of_the_rules_is_a_kind():
    assert set(RULES) <= KINDS
    assert set(STEPS) <= KINDS


@pytest.mark.parametrize("treatment", ["", "clear", "MASK", None, 3, ["CLEAR"], "CLEAR "])
def test_an_unknown_treatment_is_refused(treatment):
    with pytest.raises(CannotMask):
        mask("13812341234", treatment, kind="mobile_cn")


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("kind", ["", "phone", None, 3])
def test_an_unknown_kind_is_refused_under_every_treatment(treatment, kind):
    with pytest.raises(CannotMask):
        mask("13812341234", treatment, kind=kind, key=KEY, field="f")


@pytest.mark.parametrize("value", [b"13812341234", ["13812341234"], {"a": 1}, ("x",), {1}])
def test_what_is_no_single_value_is_refused_without_naming_it(value):
    for treatment in ("CLEAR", "PARTIAL", "GENERALIZE", "TOKENIZE", "BOOLEAN"):
        with pytest.raises(CannotMask) as refusal:
            mask(value, treatment, key=KEY, field="f")
        assert "1381234" not in str(refusal.value)


def test_a_step_is_for_a_kind_that_has_it():
    for kind, step, treatment in (("age", "year", "GENERALIZE"), ("vin", "city", "GENERALIZE"),
                                  ("age", "10", "PARTIAL")):
        with pytest.raises(CannotMask):
            mask("34", treatment, kind=kind, step=step)


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_value_under_its_mask_is_not_taken_for_a_value_when_it_is_scanned(kind):
    rule = RULES[kind]
    for value in rule.examples.valid:
        masked = mask(value, "PARTIAL", kind=kind)
        assert masked and masked != value and "*" in masked
        # A maker's engine number may hold stars itself.
        assert kind == "engine_no" or not rule.passes(masked.upper()), masked


@pytest.mark.parametrize("kind", sorted(rule.id for rule in RULES.values()
                                        if rule.masked and rule.id != "bank_card"))
def test_what_is_partly_masked_is_known_as_masked_by_the_rules(kind):
    """So that a scan of what gateways wrote grades the field by what it was."""
    rule = RULES[kind]
    assert rule.is_masked(fold(mask(rule.examples.valid[0], "PARTIAL", kind=kind)))


@pytest.mark.parametrize("kind", sorted(kind for kind, way in WAYS.items()
                                        if isinstance(way, Ends) and kind in RULES))
def test_at_least_three_signs_and_a_third_are_hidden(kind):
    for value in RULES[kind].examples.valid:
        masked = mask(value, "PARTIAL", kind=kind)
        assert masked.count("*") >= max(3, len(masked) // 3), (value, masked)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_short_comes_through_whole(kind):
    for value in [*map(str, range(120)), "男", "王", "A", "-1", "I6", "E1", "1.", "女性"]:
        assert mask(value, "PARTIAL", kind=kind) != value
        # A section of industry is as coarse as a section can be.
        assert mask(value, "GENERALIZE", kind=kind) != value or kind == "industry_code"


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(sorted(KINDS)))
def test_of_any_text_only_what_the_kind_shows_is_left(value, kind):
    """Whatever stands in a column: no run of four signs outside the shown ends comes through."""
    masked = mask(value, "PARTIAL", kind=kind)
    assert masked is not None and len(masked) <= 130
    assert masked == "" or "*" in masked
    way = WAYS[kind]
    if isinstance(way, Ends) and masked != "***" and masked:
        assert len(masked.replace("*", "")) <= way.head + way.tail


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(sorted(KINDS)), st.sampled_from(HIDING))
def test_no_treatment_but_clear_gives_a_value_back(value, kind, treatment):
    assume(len(value.strip()) >= 3 and value.strip() not in ("***", "true", "false"))
    masked = mask(value, treatment, kind=kind, key=KEY, field="f")
    assert masked is None or masked != value
    if masked and treatment in ("TOKENIZE", "BOOLEAN", "REDACT"):
        assert value not in masked or len(value) < 4


@given(TEXTS)
def test_what_is_fully_masked_or_dropped_says_nothing(value):
    assert mask(value, "REDACT") == mask(None, "REDACT") == "***"
    assert mask(value, "DROP") is None


@settings(max_examples=30, deadline=1000)
@given(st.sampled_from(sorted(KINDS)), st.sampled_from(HIDING),
       st.sampled_from(["1", "１", "王", "a@", "1.", "-", "(", "北京市", "·", " ", "\ufdfa", "0:"]))
def test_a_cell_of_fifty_thousand_signs_is_answered_at_once(kind, treatment, piece):
    value = piece * (50_000 // len(piece))
    masked = mask(value, treatment, kind=kind, key=KEY, field="f")
    assert masked is None or len(masked) <= 130
    assert mask(value + piece * 2, "PARTIAL", kind=kind) == "***"


@pytest.mark.parametrize("value", ["\ud800", "a\udfff" * 3, "\x00" * 9, "\u202e13812341234"])
def test_broken_signs_are_masked_like_any(value):
    for treatment in HIDING:
        for kind in KINDS:
            assert mask(value, treatment, kind=kind, key=KEY, field="f") != value


def test_numbers_and_days_are_read_by_their_usual_writing():
    from datetime import date

    assert mask(13812341234, "PARTIAL", kind="mobile_cn") == "138****1234"
    assert mask(date(1978, 11, 30), "GENERALIZE", kind="birth_date") == "1978"
    assert mask(Decimal("1234.50"), "GENERALIZE", kind="number") == "[1000,2000)"
    assert mask(1.1010519491231e+17, "PARTIAL", kind="resident_id") == "***"


@pytest.mark.parametrize("treatment", ["PARTIAL", "GENERALIZE", "TOKENIZE", "CLEAR"])
def test_nothing_stays_nothing(treatment):
    assert mask(None, treatment, key=KEY, field="f") is None
    assert mask("", treatment, key=KEY, field="f") == ""


def test_a_record_comes_out_as_the_decision_says():
    record = {"xm": "王建国", "sjh": "13812341234", "sfzh": "11010519491231002X", "bz": "备注",
              "mc": "北京鑫泰恒业科技有限公司"}
    found = mask_record(
        record, {"xm": "PARTIAL", "sjh": "DROP", "sfzh": "TOKENIZE", "mc": "CLEAR"},
        kinds={"xm": "person_name_zh", "sjh": "mobile_cn", "sfzh": "resident_id"}, key=KEY)
    assert set(found) == {"xm", "sfzh", "mc"}, "a field without a treatment is left out"
    assert found["xm"] == "王*" and found["mc"] == record["mc"]
    assert found["sfzh"] == mask(record["sfzh"], "TOKENIZE", kind="resident_id", key=KEY,
                                 field="sfzh")


def test_a_record_of_which_one_field_cannot_be_treated_is_refused_by_name():
    with pytest.raises(CannotMask, match="'xm'") as refusal:
        mask_record({"xm": "王建国"}, {"xm": "BLUR"}, kinds={})
    assert "王" not in str(refusal.value)


def test_the_folder_stands_alone_and_runs_on_older_pythons():
    """Only the standard library and the folder itself; nothing newer than Python 3.8 is written."""
    known = {"base64", "datetime", "decimal", "hashlib", "hmac", "ipaddress", "re", "typing",
             "unicodedata"}
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= known, path
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert node.module in known, path


def test_what_the_documented_answers_order_can_be_carried_out():
    examples = Path(lane_document.__file__).with_name("lane_examples.json")
    told = json.loads(examples.read_text("utf-8"))
    ordered = [*found(told, "fields_effective")]
    assert ordered
    for treatments in ordered:
        record = {name: "随手写的备注" for name in treatments}
        out = mask_record(record, treatments, kinds={}, key=KEY)
        assert set(out) == {name for name, treatment in treatments.items() if treatment != "DROP"}


def found(value, name):
    """Every member of this name, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from found(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from found(inner, name)
