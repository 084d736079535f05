"""How a refusal is worded on pages: its sentence, and after it, small, the rules it rests on."""

import pytest
from flask import render_template_string

from app.domain.refusals import GuardFailed, NotAllowed, Stale
from app.web import problems
from tests import people

DRAWN = '{% from "macros/basics.html" import said %}{{ said(told) }}'


@pytest.mark.parametrize(("refusal", "worded"), [
    (GuardFailed("甲；乙", "a; b", code="G-SOD", codes=["G-SOD", "G-COI", "G-SOD"]),
     '甲；乙 <code class="rule">G-SOD</code> <code class="rule">G-COI</code>'),
    (NotAllowed("须由另一人复核", "another person must confirm", code="G-SOD"),
     '须由另一人复核 <code class="rule">G-SOD</code>'),
    (NotAllowed("无此权限", "not allowed"), "无此权限"),
    (Stale("已被更新", "changed", code="OBJECT.STALE"), "已被更新"),
    (GuardFailed("<b>", "<b>", codes=["GUARD.FAILED"]), "&lt;b&gt;"),
])
def test_a_sentence_is_followed_by_its_rules(rt, refusal, worded):
    with people.application(rt).test_request_context("/"):
        told = problems.sentence(refusal)
        assert render_template_string(DRAWN, told=told) == worded
