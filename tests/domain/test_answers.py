"""What travels back says everything; what is sealed holds ids, codes, digests and times only."""

import json

from app.domain.answers import answer, facts, redacted
from app.domain.canonical import canonical
from app.domain.decisions import decide
from app.store.sealing import sealed_bytes
from tests.decision_zone import AT, LAW, ask, changed, granting, picture

CANARY = "11010519491231002X"


def test_a_refusal_names_code_dimension_class_both_messages_remedy_and_the_way():
    decision = decide(ask(), granting(ends="2026-10-31T16:00:00.000000Z"), LAW, AT, "dec_7")
    told = answer(decision, LAW)
    assert told["decision"] is False
    assert told["context"]["reasons"] == [{
        "code": "TERM.GRANT_EXPIRED", "dimension": "term", "class": "VIOLATION",
        "message_zh": "授权 GR-2026-000318 已于 2026-10-31 到期",
        "message_en": "grant GR-2026-000318 ended on 2026-10-31", "remedy": "RENEW",
        "ref": "GR-2026-000318", "request_url": "/cases/new?kind=RENEW&from=dec_7"}]
    assert told["context"]["access_request"] == {
        "endpoint": "/cases/new?kind=RENEW&from=dec_7", "template": "RENEW",
        "expires_at": "2026-12-23T02:00:00.000000Z"}


def test_no_case_is_offered_against_a_prohibition():
    decision = decide(ask(purpose="X.MKT", fields=["secret_score"]), picture(), LAW, AT, "d")
    assert "access_request" not in answer(decision, LAW)["context"]


def test_a_permit_carries_what_it_rests_on():
    context = answer(decide(ask(), picture(), LAW, AT, "dec_1"), LAW)["context"]
    assert context["fields_effective"] == {"ent_name": "CLEAR", "tax_grade": "PARTIAL"}
    assert context["grant"] == {"id": "GR-2026-000318", "version": 3}
    assert context["chain"][0] == {"link": "L0", "id": "HA-2023-001", "v": 2}
    assert context["policy_digest"].startswith("sha256:") and context["reasons"] == []
    assert set(context["dimensions"].values()) == {"PASS", "NA"}


def test_sealed_bytes_are_canonical():
    for question in (ask(), ask(purpose="目的", fields=None, region="110000", batch_size=3)):
        for zone in (picture(), changed("institutions", "INST-0007", state="EXITING")):
            sealed = facts(decide(question, zone, LAW, AT, "d"), zone, LAW, "")
            assert sealed_bytes(sealed) == canonical(json.loads(sealed_bytes(sealed)))


def test_nothing_typed_outside_is_sealed():
    everywhere = {name: CANARY for name in (
        "institution", "branch", "user", "claimed", "node", "version", "region", "industry",
        "purpose", "grant", "subject_authorization", "business_ref", "trace_id", "app", "product",
        "action", "channel", "environment")}
    question = ask(**everywhere, fields=[CANARY], data_subject={"kind": CANARY, "id": "x"})
    decision = decide(question, picture(), LAW, AT, "d")
    assert CANARY not in sealed_bytes(facts(decision, picture(), LAW, "")).decode()
    assert CANARY not in json.dumps(answer(decision, LAW))
    known = decide(ask(fields=["ent_name", CANARY]), picture(), LAW, AT, "d")
    assert redacted(known.ask, picture(), LAW)["fields"] == ["ent_name"]
    assert redacted(known.ask, picture(), LAW)["fields_unknown"] == 1
