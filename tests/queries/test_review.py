"""The limits of a chain read as phrases, not as a list of every combination."""

from app.queries.review import ways_said
from tests.decision_zone import LAW


def test_channels_and_places_that_all_go_together_are_one_phrase():
    ways = [("QUERY_ONE", channel, place) for channel in ("API", "SAAS")
            for place in ("PROD", "SANDBOX")]
    assert ways_said(ways, LAW, "zh") == [
        "单笔查询：接口调用、平台查询 · 生产、沙箱（合成数据）"]


def test_ways_that_do_not_all_go_together_stay_apart():
    ways = [("QUERY_ONE", "API", "PROD"), ("QUERY_ONE", "SAAS", "SANDBOX"),
            ("VERIFY", "API", "PROD")]
    said = ways_said(ways, LAW, "en")
    assert len(said) == 2 and " / " in said[0] and "API call · Production" in said[0]
    assert "SaaS" not in said[1]
