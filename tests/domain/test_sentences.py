"""Four dimensions read as sentences; nothing that restricts is left unsaid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.sentences import ACTIONS, CHANNELS, POPULATIONS, TREATMENTS, clauses, sentence

TITLES = {
    "PF": {"zh": "普惠金融", "en": "inclusive finance"},
    "PF.CRD.NEW": {"zh": "首次授信审批", "en": "first credit approval"},
    "PF.CRD.REN": {"zh": "续授信审批", "en": "credit renewal"},
    "PF.MDL.TRN": {"zh": "模型训练", "en": "model training"},
    "PRD-RISK-002": {"zh": "企业风险洞察", "en": "Enterprise Risk Insight"},
    "tax_grade": {"zh": "纳税信用等级", "en": "tax credit grade"},
    "110000": {"zh": "北京市", "en": "Beijing"},
}


def dimensions(**changes):
    value = {
        "purpose": {"purposes": [{"code": "PF.CRD.NEW"}]},
        "scope": {"population": "OWN_CUSTOMERS"},
        "method": {"methods": [{"action": "QUERY_ONE", "channel": "API", "environment": "PROD"}]},
        "term": {"to": "2027-06-30"},
    }
    for name, members in changes.items():
        value[name] = {**value[name], **members}
    return value


def test_the_four_dimensions_read_as_one_sentence():
    assert sentence(dimensions(), TITLES) == (
        "用于首次授信审批；仅限本行客户；单笔接口查询；至2027年6月30日")
    assert sentence(dimensions(), TITLES, "en") == (
        "For first credit approval; only own customers; single queries by interface; "
        "until 30 June 2027")


@pytest.mark.parametrize(("name", "members", "zh", "en"), [
    ("purpose", {"purposes": [{"code": "PF", "descend": True, "except": ["PF.MDL.TRN"]}]},
     "用于普惠金融项下全部目的（模型训练除外）",
     "For every purpose under inclusive finance (except model training)"),
    ("purpose", {"purposes": [{"code": "PF.CRD.NEW"}, {"code": "PF.CRD.REN"}],
                 "business_ref_required": True},
     "用于首次授信审批、续授信审批，须填业务编号",
     "For first credit approval, credit renewal, with a business reference"),
    ("scope", {"product": "PRD-RISK-002", "versions": "2.1", "regions": ["110000"],
               "fields": {"tax_grade": "CLEAR", "penalty_count": "GENERALIZE"},
               "subject_kinds": ["ENTERPRISE"], "lookback_from": "2024-11-01"},
     "仅限企业风险洞察（2.1版），2项数据：penalty_count（泛化）、纳税信用等级，本行客户，主体为企业，"
     "地区为北京市，数据自2024年11月1日起",
     "only Enterprise Risk Insight (version 2.1), 2 fields: penalty_count (generalized), "
     "tax credit grade, own customers, subjects: enterprises, regions: Beijing, "
     "records since 1 November 2024"),
    ("method", {"methods": [{"action": "MODEL_TRAIN", "channel": "JOINT_NODE", "node": "NODE-01"},
                            {"action": "QUERY_BATCH", "channel": "API", "max_batch": 500,
                             "environment": "SANDBOX"}], "output_form": "SCORE"},
     "节点联合训练（节点NODE-01）、批量接口查询（每批至多500条，沙箱环境），输出至多为评分",
     "joint training inside a joint node (node NODE-01), batch queries by interface "
     "(at most 500 a batch, sandbox), output up to scores"),
    ("term", {"from": "2026-12-01", "window": ["08:00", "20:00"], "retention_days": 180,
              "data_life_s": 60},
     "自2026年12月1日至2027年6月30日，每日08:00至20:00，留存180天，单次响应有效60秒",
     "from 1 December 2026 to 30 June 2027, daily 08:00 to 20:00, kept for 180 days, "
     "each answer good for 60 seconds"),
])
def test_every_restriction_is_said_in_both_languages(name, members, zh, en):
    assert clauses(dimensions(**{name: members}), TITLES)[name] == zh
    assert clauses(dimensions(**{name: members}), TITLES, "en")[name] == en


@pytest.mark.parametrize(("changes", "named"), [
    ({"scope": {"moon_phase": "full"}}, "moon_phase"),
    ({"method": {"methods": [{"action": "STEAL", "channel": "API"}]}}, "STEAL"),
    ({"method": {"methods": [{"action": "VERIFY", "channel": "FAX"}]}}, "FAX"),
    ({"method": {"output_form": "RAW_RECORD"}}, "RAW_RECORD"),
    ({"scope": {"population": "EVERYONE"}}, "EVERYONE"),
    ({"purpose": {"purposes": []}}, "purpose"),
    ({"method": {"methods": []}}, "method"),
    ({"scope": {"population": None}}, "scope"),
])
def test_what_has_no_words_is_refused_by_name(changes, named):
    with pytest.raises(ValueError, match=named):
        sentence(dimensions(**changes), TITLES)


def test_a_missing_dimension_is_refused():
    with pytest.raises(ValueError, match="four dimensions"):
        sentence({"purpose": {"purposes": [{"code": "PF.CRD.NEW"}]}}, TITLES)


def test_a_third_language_is_refused():
    with pytest.raises(ValueError, match="zh"):
        sentence(dimensions(), TITLES, "fr")


grants = st.fixed_dictionaries({
    "purpose": st.fixed_dictionaries({
        "purposes": st.lists(
            st.sampled_from([{"code": "PF.CRD.NEW"}, {"code": "PF.CRD.REN"},
                             {"code": "PF", "descend": True},
                             {"code": "PF", "descend": True, "except": ["PF.MDL.TRN"]}]),
            min_size=1, max_size=3),
        "business_ref_required": st.booleans()}),
    "scope": st.fixed_dictionaries({
        "population": st.sampled_from(sorted(POPULATIONS)),
        "fields": st.dictionaries(st.sampled_from(["tax_grade", "a", "b"]),
                                  st.sampled_from(sorted(TREATMENTS)), max_size=3),
        "lookback_days": st.sampled_from([None, 30, 365])}),
    "method": st.fixed_dictionaries({"methods": st.lists(st.fixed_dictionaries({
        "action": st.sampled_from(sorted(ACTIONS)), "channel": st.sampled_from(sorted(CHANNELS)),
        "environment": st.sampled_from(["PROD", "SANDBOX"]),
        "max_batch": st.sampled_from([1, 20, 500])}), min_size=1, max_size=2)}),
    "term": st.fixed_dictionaries({
        "from": st.sampled_from([None, "2026-12-01"]),
        "to": st.dates().map(lambda day: day.isoformat()),
        "retention_days": st.sampled_from([None, 0, 180])}),
})


@settings(max_examples=300, deadline=None)
@given(grants, grants, st.sampled_from(["zh", "en"]))
def test_two_different_grants_never_read_alike(one, other, language):
    same_words = sentence(one, TITLES, language) == sentence(other, TITLES, language)
    assert same_words == (one == other)
