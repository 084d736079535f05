"""Rules of automatic stops are taken whole or not at all."""

import pytest
import yaml

from app.engines import stop_rules
from app.engines.rulefiles import BadRule
from app.runtime import published_law

CODES = [code for code, text in published_law().reasons.items() if text.class_ == "VIOLATION"]
RULE = {"rule": "burst-of-calls", "title": {"zh": "集中调用", "en": "A burst"},
        "watches": "grant", "code": "PURPOSE.NOT_GRANTED", "denials": 5, "within_minutes": 10}


def read(tmp_path, content) -> stop_rules.StopRules:
    path = tmp_path / "automatic.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return stop_rules.load(path, CODES)


def test_the_published_rules_are_read_with_their_digest():
    rules = stop_rules.load(stop_rules.RULES, CODES)
    assert {rule.watches for rule in rules.rules} == {"grant", "client_app"}
    assert rules.digest.startswith("sha256:")


def test_a_rule_is_read(tmp_path):
    [rule] = read(tmp_path, {"stops": [RULE]}).rules
    assert (rule.denials, rule.title.en) == (5, "A burst")
    assert "7次" in rule.reason(7).zh and "7 denials" in rule.reason(7).en


def test_no_rules_stop_nobody_and_are_readable(tmp_path):
    assert read(tmp_path, {"stops": []}).rules == ()


@pytest.mark.parametrize("content", [
    "", "stops", "stops:", "stops: {}", "stops: [1]", "other: []", "stops: [\x01]", ": :",
    {"stops": [RULE, RULE]}, {"stops": [RULE], "more": 1},
    {"stops": [{**RULE, "extra": 1}]},
    {"stops": [{name: value for name, value in RULE.items() if name != "code"}]},
    {"stops": [{**RULE, "watches": "zone"}]}, {"stops": [{**RULE, "watches": ["grant"]}]},
    {"stops": [{**RULE, "code": "NO.SUCH"}]}, {"stops": [{**RULE, "code": "SYS.STALE"}]},
    {"stops": [{**RULE, "code": ["PURPOSE.NOT_GRANTED"]}]},
    {"stops": [{**RULE, "denials": 2}]}, {"stops": [{**RULE, "denials": "5"}]},
    {"stops": [{**RULE, "denials": True}]}, {"stops": [{**RULE, "denials": 5.0}]},
    {"stops": [{**RULE, "within_minutes": 0}]}, {"stops": [{**RULE, "within_minutes": 61}]},
    {"stops": [{**RULE, "rule": "Burst"}]}, {"stops": [{**RULE, "rule": 7}]},
    {"stops": [{**RULE, "title": {"zh": "集中调用"}}]},
])
def test_one_wrong_entry_refuses_the_file(tmp_path, content):
    with pytest.raises(BadRule):
        read(tmp_path, content)


def test_a_missing_file_is_a_bad_rule(tmp_path):
    with pytest.raises(BadRule):
        stop_rules.load(tmp_path / "none.yaml", CODES)
