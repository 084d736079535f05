"""What a header cannot pass on to the service behind a gateway is refused by the decision."""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace

import pytest

from app.domain.decisions import decide
from app.domain.headers_only import LIMIT, NUMBER, packed
from app.domain.obligation_table import Duties
from tests.decision_zone import AT, LAW, ask, granting, picture

REGIONS = tuple(str(110000 + number) for number in range(400))


def decided(via="forward", zone=None, law=LAW, number=NUMBER, **changes):
    question = ask(region="110105", **changes)
    question = question._replace(presented=question.presented._replace(via=via))
    return decide(question, zone or picture(), law, AT, number)


def refusals(decision) -> list[tuple[str, str]]:
    return [(reason.code, reason.asked) for reason in decision.reasons]


def wide(count: int):
    return granting(regions=REGIONS[:count])


def test_obligations_travel_as_base64url_of_their_json_without_padding():
    duties = [{"id": "o1", "type": "custom", "properties": {"kind": "watermark", "text": "机构"}}]
    text = packed(duties)
    assert "=" not in text
    assert json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))) == duties


def test_a_gateway_is_permitted_up_to_what_a_header_holds_and_refused_beyond():
    most = max(count for count in range(1, 400) if decided(zone=wide(count)).permits)
    assert LIMIT - 16 < len(packed(decided(zone=wide(most)).obligations)) <= LIMIT
    beyond = decided(zone=wide(most + 1))
    assert not beyond.permits and beyond.obligations == ()
    assert refusals(beyond) == [("PEP.OBLIGATION_UNSUPPORTED", "filter_rows")]
    assert beyond.results["obligations"] == "FAIL"


def test_who_reads_the_whole_answer_has_no_such_bound():
    decision = decided(via="", zone=wide(400))
    assert decision.permits and len(packed(decision.obligations)) > LIMIT


def test_the_text_of_a_watermark_counts():
    def marked(count: int):
        return granting(regions=REGIONS[:count], obligations=(("watermark", ()),))

    most = max(count for count in range(1, 400) if decided(zone=marked(count)).permits)
    assert LIMIT - 16 < len(packed(decided(zone=marked(most)).obligations)) <= LIMIT


def without(*kinds):
    """The law with a table in which these kinds never come by themselves."""
    return replace(LAW, duties=Duties({kind: replace(duty, when=()) if kind in kinds else duty
                                       for kind, duty in LAW.duties.by_kind.items()}))


@pytest.mark.parametrize(("treatment", "kind"), [("PARTIAL", "mask_fields"),
                                                 ("DROP", "drop_fields")])
def test_what_becomes_of_a_field_and_no_obligation_tells_is_refused(treatment, kind):
    zone = granting(fields={"ent_name": "CLEAR", "tax_grade": treatment})
    law = without("mask_fields", "drop_fields")
    assert decided(zone=zone).permits
    assert refusals(decided(zone=zone, law=law)) == [("PEP.OBLIGATION_UNSUPPORTED", kind)]
    assert decided(via="", zone=zone, law=law).permits
