"""Four dimensions read as sentences; nothing that restricts is left unsaid."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.canonical import instant
from app.domain.sentences import ACTIONS, CHANNELS, POPULATIONS, TREATMENTS, clauses, sentence

TITLES = {
    "PF": {"zh": "普惠金融", "en": "inclusive finance"},
    "PF.CRD.NEW": {"zh": "首次授信审批", "en": "first credit approval"},
    "PF.CRD.REN": {"zh": "续授信审批", "en": "credit renewal"},
    "PF.MDL.TRN": {"zh": "模型训练", "en": "model training"},
    "PRD-RISK-002": {"zh": "企业风险洞察", "en": "Enterprise Risk Insight"},
    "tax_grade": {"zh": "纳税信用等级", "en": "tax credit grade"},
}


def dimensions(**changes):
    value = {
        "purpose": {"nodes": [{"code": "PF.CRD.NEW"}]},
        "scope": {"rows": {"population": "OWN_CUSTOMERS"}},
        "method": {"ways": [{"action": "QUERY_ONE", "channel": "API", "environment": "PROD"}]},
        "term": {"to": "2027-06-30T16:00:00.000000Z"},
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
    ("purpose", {"nodes": [{"code": "PF", "descend": True, "except": ["PF.MDL.TRN"]}]},
     "用于普惠金融项下全部目的（模型训练除外）",
     "For every purpose under inclusive finance (except model training)"),
    ("purpose", {"nodes": [{"code": "PF.CRD.NEW"}, {"code": "PF.CRD.REN"}],
                 "business_ref_required": True},
     "用于首次授信审批、续授信审批，须填业务编号",
     "For first credit approval, credit renewal, with a business reference"),
    ("scope", {"product": "PRD-RISK-002", "version_from": "2.0", "version_to": "2.9",
               "fields": [{"field": "tax_grade", "treatment": "CLEAR"},
                          {"field": "penalty_count", "treatment": "GENERALIZE"}],
               "rows": {"regions": ["110000"], "population": "OWN_CUSTOMERS",
                        "subject_kinds": ["ENTERPRISE"], "lookback_months": 24}},
     "仅限企业风险洞察（2.0至2.9版），2项数据：纳税信用等级、penalty_count（泛化），本行客户，"
     "主体为企业，地区为北京市，近24个月的数据",
     "only Enterprise Risk Insight (versions 2.0 to 2.9), 2 fields: tax credit grade, "
     "penalty_count (generalized), own customers, subjects: enterprises, regions: Beijing, "
     "records of the last 24 months"),
    ("method", {"ways": [{"action": "MODEL_TRAIN", "channel": "JOINT_NODE", "node": "NODE-01"},
                            {"action": "QUERY_BATCH", "channel": "API", "max_batch": 500,
                             "environment": "SANDBOX"}], "output_form": "SCORE"},
     "节点联合训练（节点NODE-01）、批量接口查询（每批至多500条，沙箱环境），输出至多为评分",
     "joint training inside a joint node (node NODE-01), batch queries by interface "
     "(at most 500 a batch, sandbox), output up to scores"),
    ("term", {"from": "2026-11-30T16:00:00.000000Z", "window": {"from": "08:00", "to": "20:00"},
              "retention_days": 180, "data_life_days": 30},
     "自2026年12月1日至2027年6月30日，每日08:00至20:00，留存180天，单次数据有效30天",
     "from 1 December 2026 to 30 June 2027, daily 08:00 to 20:00, kept for 180 days, "
     "each answer good for 30 days"),
])
def test_every_restriction_is_said_in_both_languages(name, members, zh, en):
    assert clauses(dimensions(**{name: members}), TITLES)[name] == zh
    assert clauses(dimensions(**{name: members}), TITLES, "en")[name] == en


@pytest.mark.parametrize(("changes", "named"), [
    ({"scope": {"moon_phase": "full"}}, "moon_phase"),
    ({"method": {"ways": [{"action": "STEAL", "channel": "API"}]}}, "STEAL"),
    ({"method": {"ways": [{"action": "VERIFY", "channel": "FAX"}]}}, "FAX"),
    ({"method": {"output_form": "RAW_RECORD"}}, "RAW_RECORD"),
    ({"scope": {"rows": {"population": "EVERYONE"}}}, "EVERYONE"),
    ({"scope": {"rows": {"mood": "good"}}}, "mood"),
    ({"purpose": {"nodes": []}}, "purpose"),
    ({"method": {"ways": []}}, "method"),
    ({"scope": {"rows": {}}}, "scope"),
])
def test_what_has_no_words_is_refused_by_name(changes, named):
    with pytest.raises(ValueError, match=named):
        sentence(dimensions(**changes), TITLES)


def test_a_term_that_ends_within_a_day_says_the_hour():
    assert clauses(dimensions(term={"to": "2027-06-30T10:30:00.000000Z"}), TITLES)["term"] == (
        "至2027年6月30日 18:30")


def test_a_missing_dimension_is_refused():
    with pytest.raises(ValueError, match="four dimensions"):
        sentence({"purpose": {"nodes": [{"code": "PF.CRD.NEW"}]}}, TITLES)


def test_a_third_language_is_refused():
    with pytest.raises(ValueError, match="zh"):
        sentence(dimensions(), TITLES, "fr")


grants = st.fixed_dictionaries({
    "purpose": st.fixed_dictionaries({
        "nodes": st.lists(
            st.sampled_from([{"code": "PF.CRD.NEW"}, {"code": "PF.CRD.REN"},
                             {"code": "PF", "descend": True},
                             {"code": "PF", "descend": True, "except": ["PF.MDL.TRN"]}]),
            min_size=1, max_size=3),
        "business_ref_required": st.booleans()}),
    "scope": st.fixed_dictionaries({
        "version_from": st.sampled_from(["", "2.0"]), "product": st.just("PRD-RISK-002"),
        "version_to": st.sampled_from(["", "2.0", "2.9"]),
        "fields": st.lists(st.fixed_dictionaries({
            "field": st.sampled_from(["tax_grade", "a", "*"]),
            "treatment": st.sampled_from(sorted(TREATMENTS))}), max_size=3),
        "rows": st.fixed_dictionaries({
            "population": st.sampled_from(sorted(POPULATIONS)),
            "lookback_months": st.sampled_from([0, 12, 24])})}),
    "method": st.fixed_dictionaries({"ways": st.lists(st.fixed_dictionaries({
        "action": st.sampled_from(sorted(ACTIONS)), "channel": st.sampled_from(sorted(CHANNELS)),
        "environment": st.sampled_from(["PROD", "SANDBOX"]),
        "max_batch": st.sampled_from([1, 20, 500])}), min_size=1, max_size=2)}),
    "term": st.fixed_dictionaries({
        "from": st.sampled_from(["", "2026-11-30T16:00:00.000000Z"]),
        "to": st.datetimes(datetime(2026, 1, 2), datetime(2030, 1, 1)).map(
            lambda at: instant(at.replace(second=0, microsecond=0, tzinfo=UTC))),
        "retention_days": st.sampled_from([None, 0, 180])}),
})


@settings(max_examples=300, deadline=None)
@given(grants, grants, st.sampled_from(["zh", "en"]))
def test_two_different_grants_never_read_alike(one, other, language):
    same_words = sentence(one, TITLES, language) == sentence(other, TITLES, language)
    assert same_words == (one == other)
