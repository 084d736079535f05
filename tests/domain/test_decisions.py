"""Every reason a product call can be refused for, and the laws of a decision."""

from dataclasses import replace

import pytest

from app.domain.decisions import ORDER, decide, refused
from app.domain.picture import HoldPicture, MethodRight, PurposeRight, RegistrationPicture
from tests.decision_zone import (
    AT,
    BEGINS,
    ENDS,
    LAW,
    ask,
    changed,
    granting,
    picture,
    selling,
    version,
)

GRANT, PRODUCT, DATASET = "GR-2026-000318", "PRD-RISK-002", "DS-0041"


def codes(question=None, zone=None, at=AT) -> set[str]:
    decision = decide(question or ask(), zone or picture(), LAW, at, "dec_1")
    assert decision.permits == all(LAW.reasons[reason.code].class_ == "INFO"
                                   for reason in decision.reasons)
    return {reason.code for reason in decision.reasons}


def holding(kind, *target):
    return picture(holds={target: (HoldPicture("HD-1", kind, target),)})


def graded(**changes):
    fields = picture().datasets[DATASET].fields
    return changed("datasets", DATASET,
                   fields={**fields, "tax_grade": replace(fields["tax_grade"], **changes)})


def two_grants():
    zone = picture()
    twin = replace(zone.grants[GRANT], id="GR-2")
    return replace(zone, grants={**zone.grants, "GR-2": twin},
                   grants_of={("INST-0007", PRODUCT): (GRANT, "GR-2")},
                   credentials={"k7q2": replace(zone.credentials["k7q2"],
                                                grants=frozenset({"*"}))})


REFUSALS = [
    # request
    ("REQ.MALFORMED", ask(batch_size="many"), None),
    ("REQ.MALFORMED", ask(fields=[]), None),
    ("REQ.MALFORMED", ask(channel=None), None),
    ("REQ.UNKNOWN_ATTRIBUTE", ask(filter={"a": 1}), None),
    ("REQ.CLOCK_SKEW", ask(time="2026-11-23T02:02:00.000001Z"), None),
    ("REQ.CLOCK_SKEW", ask(time="2026-11-23T09:57:59.999999+08:00"), None),
    # identity
    ("ID.CREDENTIAL_UNKNOWN", ask(credential="zzzz"), None),
    ("ID.CREDENTIAL_UNKNOWN", ask(app="APP-999999"), None),
    ("ID.CREDENTIAL_UNKNOWN", ask(institution="INST-0008"), None),
    ("ID.CREDENTIAL_UNKNOWN", ask(branch="INST-0008-01"), None),
    ("ID.CREDENTIAL_UNKNOWN", ask(claimed="CR-000002"), None),
    ("ID.CREDENTIAL_UNKNOWN", ask(app=""), None),
    ("ID.CREDENTIAL_UNKNOWN", None, changed("credentials", "k7q2", begins=ENDS)),
    ("ID.CREDENTIAL_EXPIRED", None, changed("credentials", "k7q2", expires=AT)),
    ("ID.CREDENTIAL_REVOKED", None, changed("credentials", "k7q2", revoked=True)),
    ("ID.CREDENTIAL_REVOKED", None, changed("apps", "APP-000012", state="STOPPED")),
    ("ID.APP_NOT_BOUND", None, changed("credentials", "k7q2", grants=frozenset({"GR-9"}))),
    ("ID.USER_REQUIRED", ask(channel="SAAS"), None),
    ("ID.USER_REQUIRED", ask(action="REPORT_VIEW"), None),
    ("ID.USER_NOT_ENROLLED", ask(user="li.si"), None),
    # institution
    ("INST.NOT_ADMITTED", None, changed("institutions", "INST-0007", state="APPLYING")),
    ("INST.NOT_ADMITTED", None, changed("institutions", "INST-0007", state="EXITED")),
    ("INST.SUSPENDED", None, changed("institutions", "INST-0007", state="SUSPENDED")),
    ("INST.SUSPENDED", None, changed("institutions", "INST-0007", state="RECTIFYING",
                                     stop_order=True)),
    ("INST.EXITING", None, changed("institutions", "INST-0007", state="EXITING")),
    ("INST.BARRED", None, changed("institutions", "INST-0007", bar_ends=ENDS)),
    # chain
    ("CHAIN.HEAD_AGREEMENT", None, changed("agreements", "HA-2023-001", state="TERMINATED")),
    ("CHAIN.HEAD_AGREEMENT", None, changed("agreements", "HA-2023-001", ends=AT)),
    ("CHAIN.HEAD_AGREEMENT", None, changed("agreements", "HA-2023-001", begins=ENDS)),
    ("CHAIN.HEAD_AGREEMENT", None, changed("agreements", "HA-2023-001", products=frozenset())),
    ("CHAIN.HEAD_AGREEMENT", None, changed("agreements", "HA-2023-001", datasets=frozenset())),
    ("CHAIN.DATASET_FROZEN", None, changed("datasets", DATASET, state="FROZEN")),
    ("CHAIN.DATASET_RETIRED", None, changed("datasets", DATASET, state="RETIRING")),
    ("CHAIN.DATASET_RETIRED", None, picture(datasets={})),
    ("CHAIN.REGISTRATION", None, changed("datasets", DATASET, registration=RegistrationPicture(
        "DUE", AT))),
    ("CHAIN.REGISTRATION", None, changed("products", PRODUCT, registration=RegistrationPicture(
        "REGISTERED", AT))),
    ("CHAIN.REGISTRATION", None, changed("products", PRODUCT, registration=RegistrationPicture(
        "CANCELLED"))),
    ("CHAIN.PRODUCT_PAUSED", None, changed("products", PRODUCT, state="PAUSED")),
    ("CHAIN.PRODUCT_DELISTED", None, changed("products", PRODUCT, state="DELISTING")),
    # grant
    ("GRANT.NONE", ask(grant="GR-UNKNOWN"), None),
    ("GRANT.NONE", None, changed("grants", GRANT, institution="INST-0008")),
    ("GRANT.NONE", ask(grant=None), picture(grants_of={})),
    ("GRANT.AMBIGUOUS", ask(grant=None), two_grants()),
    ("GRANT.UNKNOWN_BOUND", None, granting(unknown_bounds=("moon_phase",))),
    ("GRANT.UNKNOWN_BOUND", None, granting(population="SOME")),
    # purpose
    ("PURPOSE.MISSING", ask(purpose=None), None),
    ("PURPOSE.MISSING", ask(purpose=""), None),
    ("PURPOSE.UNKNOWN", ask(purpose="PF.CRD.OLD"), None),
    ("PURPOSE.NOT_LEAF", ask(purpose="PF.CRD"), None),
    ("PURPOSE.PROHIBITED", ask(purpose="X.MKT"), None),
    ("PURPOSE.PROHIBITED", ask(purpose="X"), None),
    ("PURPOSE.NOT_GRANTED", ask(purpose="PF.PLM.CHK"), None),
    ("PURPOSE.NOT_GRANTED", None, granting(purposes=(
        PurposeRight("PF.CRD", True, ("PF.CRD.NEW",)),))),
    ("PURPOSE.NOT_GRANTED", None, granting(purposes=(PurposeRight("PF.CRD"),))),
    ("PURPOSE.NOT_GRANTED", None, selling(purposes=("PF.PLM",))),
    ("PURPOSE.SOURCE_FORBIDS", None, changed("datasets", DATASET, forbidden_purposes=("PF.CRD",))),
    ("PURPOSE.SOURCE_FORBIDS", None, changed("datasets", DATASET, allowed_purposes=("PD",))),
    ("PURPOSE.BUSINESS_REF", None, granting(business_ref_required=True)),
    # scope
    ("SCOPE.PRODUCT", ask(product="PRD-NONE"), None),
    ("SCOPE.PRODUCT", None, granting(product="PRD-OTHER")),
    ("SCOPE.VERSION", ask(version="9.9"), None),
    ("SCOPE.VERSION", None, granting(version_from="2.2")),
    ("SCOPE.FIELD", ask(fields=["ent_name", "no_such_field"]), None),
    ("SCOPE.FIELD", ask(fields=["secret_score"]), None),
    ("SCOPE.FIELD", ask(fields=None), None),
    ("SCOPE.FIELD", None, graded(prohibited=True)),
    ("SCOPE.GRADE", None, graded(level=None)),
    ("SCOPE.GRADE", None, graded(level=4)),
    ("SCOPE.GRADE", None, graded(data_class="IMPORTANT")),
    ("SCOPE.GRADE", None, graded(data_class="CORE")),
    ("SCOPE.REGION", None, granting(regions=("110000",))),
    ("SCOPE.REGION", ask(region="310101"), granting(regions=("110000", "310115"))),
    ("SCOPE.ROW", None, granting(industries=("C",))),
    ("SCOPE.ROW", None, granting(population="OWN_CUSTOMERS")),
    ("SCOPE.ROW", ask(data_subject={"kind": "ENTERPRISE", "id": "1"}),
     granting(population="LISTED", listed=frozenset({"h:2"}))),
    ("SCOPE.SUBJECT_KIND", None, granting(subject_kinds=("ENTERPRISE",))),
    ("SCOPE.SUBJECT_KIND", ask(data_subject={"kind": "PERSON", "id": "1"}),
     granting(subject_kinds=("ENTERPRISE",))),
    ("SCOPE.SUBJECT_KIND", ask(data_subject={"kind": "ROBOT", "id": "1"}), None),
    ("SCOPE.LOOKBACK", None, granting(lookback_months=24)),
    ("SCOPE.LOOKBACK", ask(lookback_from="2024-11-22"), granting(lookback_months=24)),
    # method
    ("METHOD.ACTION", ask(action="MONITOR"), None),
    ("METHOD.ACTION", ask(action="EVERYTHING"), None),
    ("METHOD.CHANNEL", ask(channel="SAAS", user="zhang.san"), None),
    ("METHOD.ENVIRONMENT", ask(environment="SANDBOX"), None),
    ("METHOD.BATCH", ask(batch_size=2), None),
    ("METHOD.OUTPUT_FORM", None, granting(output_form="SCORE")),
    ("METHOD.OUTPUT_FORM", None, selling(output_form="RAW_RECORD")),
    ("METHOD.NODE", ask(action="MODEL_TRAIN", channel="JOINT_NODE", purpose="PF.MDL.TRN"), None),
    # term
    ("TERM.NOT_YET", None, granting(begins="2026-11-23T02:00:00.000001Z")),
    ("TERM.NOT_YET", None, changed("grants", GRANT, state="SCHEDULED")),
    ("TERM.GRANT_EXPIRED", None, granting(ends=AT)),
    ("TERM.GRANT_EXPIRED", None, changed("grants", GRANT, state="EXPIRED")),
    ("TERM.SUSPENDED", None, changed("grants", GRANT, state="SUSPENDED")),
    ("TERM.REVOKED", None, changed("grants", GRANT, state="REVOKED")),
    ("TERM.CLOSED", None, changed("grants", GRANT, state="TERMINATED")),
    ("TERM.WINDOW", None, granting(window=(0, 600))),
    # consent, context, holds
    ("CONSENT.MISSING", None, graded(subject_kind="PERSON")),
    ("CONSENT.MISSING", None, graded(subject_kind="OFFICER_DUTY")),
    ("CONSENT.MISSING", None, selling(subject_authorization="REQUIRED")),
    ("CONSENT.MISSING", None, selling(subject_authorization="SOMETIMES")),
    ("CTX.NETWORK", ask(peer="198.51.100.1"), None),
    ("CTX.NETWORK", ask(peer=""), None),
    ("CTX.NETWORK", ask(ip="198.51.100.1"), None),
    ("CTX.NETWORK", None, changed("apps", "APP-000012", networks=())),
    ("CTX.NETWORK", None, changed("apps", "APP-000012", networks=("not a block",))),
    ("CTX.NETWORK", None, changed("credentials", "k7q2", networks=("10.0.0.0/8",))),
    ("CTX.HOURS", None, changed("apps", "APP-000012", hours=(1200, 600))),
    ("ID.AUTH_LEVEL", None, selling(auth_level=2)),
    ("HOLD.EMERGENCY", None, holding("EMERGENCY", "grant", GRANT)),
    ("HOLD.EMERGENCY", None, holding("EMERGENCY", "zone", "*")),
    ("HOLD.EMERGENCY", None, holding("EMERGENCY", "department", "DEPT-003")),
    ("HOLD.INCIDENT", None, holding("INCIDENT", "institution", "INST-0007")),
    ("HOLD.ORDER", None, holding("ORDER", "head_agreement", "HA-2023-001")),
]


@pytest.mark.parametrize(("code", "question", "zone"), REFUSALS,
                         ids=[f"{row[0]}-{number}" for number, row in enumerate(REFUSALS)])
def test_each_reason_refuses_and_is_named(code, question, zone):
    assert code in codes(question, zone)


LATER = {"REQ.REPLAYED", "PEP.OBLIGATION_UNSUPPORTED", "PEP.RECEIPT_OVERDUE", "QUOTA.EXHAUSTED",
         "QUOTA.RATE", "SYS.STALE", "SYS.UNAVAILABLE", "SYS.TIMEOUT", "SCOPE.FIELD_REDUCED",
         "METHOD.NODE_NOT_ATTESTED"} | {code for code in LAW.reasons if code.startswith("CONSENT.")}


def test_every_reason_of_the_book_is_reached_or_awaits_its_capability():
    assert {row[0] for row in REFUSALS} | LATER == set(LAW.reasons)


PERMITS = [
    ("as it stands", ask(), None),
    ("no grant named, one eligible", ask(grant=None), None),
    ("skew of exactly 120 s", ask(time="2026-11-23T02:02:00Z"), None),
    ("rectifying without a stop order", None,
     changed("institutions", "INST-0007", state="RECTIFYING")),
    ("filing window open", None, changed("datasets", DATASET, registration=RegistrationPicture(
        "DUE", "2026-11-23T02:00:00.000001Z"))),
    ("registration being reviewed", None, changed(
        "products", PRODUCT, registration=RegistrationPicture("PUBLICITY"))),
    ("county inside the province granted", ask(region="110105"), granting(regions=("110000",))),
    ("earliest day of the look-back", ask(lookback_from="2024-11-23"),
     granting(lookback_months=24)),
    ("listed subject", ask(data_subject={"kind": "ENTERPRISE", "id": "2"}),
     granting(population="LISTED", listed=frozenset({"h:2"}))),
    ("first instant of the term", None, granting(begins=AT)),
    ("last instant of the term", None, granting(ends="2026-11-23T02:00:00.000001Z")),
    ("first minute of the window", None, granting(window=(600, 601))),
    ("window across midnight", None, granting(window=(1320, 660))),
    ("business number in the agreed form", ask(business_ref="LN20261122-0091"),
     granting(business_ref_required=True)),
    ("unknown member that restricts nothing", ask(made_up=1), None),
    ("listed gateway address", ask(ip="203.0.113.9"), None),
    ("batch within the ceiling", ask(action="QUERY_BATCH", batch_size=50), granting(
        methods=(MethodRight("QUERY_BATCH", "API", "PROD", max_batch=50),))),
    ("claims that agree with the registry", ask(claimed="CR-000001", institution="INST-0007"),
     None),
]


@pytest.mark.parametrize(("question", "zone"), [row[1:] for row in PERMITS],
                         ids=[row[0] for row in PERMITS])
def test_inside_every_bound_it_permits(question, zone):
    assert codes(question, zone) == set()


def test_INV_01_no_permit_unless_every_link_is_in_force():
    for part, key, state in (("agreements", "HA-2023-001", "EXPIRED"),
                             ("datasets", DATASET, "FROZEN"), ("products", PRODUCT, "PAUSED"),
                             ("institutions", "INST-0007", "SUSPENDED"),
                             ("grants", GRANT, "SUSPENDED"), ("apps", "APP-000012", "STOPPED")):
        assert not decide(ask(), changed(part, key, state=state), LAW, AT, "d").permits


def test_INV_02_rights_of_two_grants_are_never_added_together():
    narrow = version(fields={"ent_name": "CLEAR"})
    other = version(fields={"tax_grade": "CLEAR"})
    zone = two_grants()
    zone = replace(zone, grants={
        GRANT: replace(zone.grants[GRANT], current=narrow),
        "GR-2": replace(zone.grants["GR-2"],
                        current=LAW.sections.with_lines("GR-2", replace(other, lines=None)))})
    assert codes(ask(grant=GRANT), zone) == {"SCOPE.FIELD"}
    assert codes(ask(grant="GR-2"), zone) == {"SCOPE.FIELD"}


def test_INV_03_a_wider_lower_link_is_ineffective():
    wider = granting(fields={"*": "CLEAR"}, output_form="MASKED_RECORD",
                     methods=(MethodRight("MONITOR", "API", "PROD"),))
    assert "METHOD.ACTION" in codes(ask(action="MONITOR"), wider)
    weaker = decide(ask(), granting(fields={"ent_name": "CLEAR", "tax_grade": "CLEAR"}), LAW, AT,
                    "d")
    masked = decide(ask(), replace(graded(treatment="GENERALIZE")), LAW, AT, "d")
    assert weaker.fields == {"ent_name": "CLEAR", "tax_grade": "CLEAR"}
    assert masked.fields == {"ent_name": "CLEAR", "tax_grade": "GENERALIZE"}


def test_INV_07_unknown_never_permits():
    for zone in (picture(apps={}), picture(institutions={}), picture(products={}),
                 picture(grants={}), picture(credentials={}), picture(agreements={}),
                 graded(treatment="SPARKLE")):
        decision = decide(ask(), zone, LAW, AT, "d")
        assert not decision.permits or decision.fields["tax_grade"] == "DROP"
    nothing = refused(ask(), LAW, AT, "d", "SYS.STALE", 9)
    assert not nothing.permits and set(nothing.results.values()) == {"UNKNOWN"}


def test_INV_08_every_failed_dimension_is_listed():
    zone = replace(changed("institutions", "INST-0007", state="SUSPENDED"),
                   grants=granting(ends=AT).grants,
                   holds=holding("ORDER", "zone", "*").holds)
    question = ask(purpose="PF.PLM.CHK", fields=["nope"], action="MONITOR", peer="198.51.100.1")
    decision = decide(question, zone, LAW, AT, "d")
    failed = {name for name, result in decision.results.items() if result == "FAIL"}
    assert failed == {"institution", "purpose", "scope", "method", "term", "context", "hold"}
    assert list(decision.results) == [name for name, _ in ORDER] and len(ORDER) == 14


def test_INV_09_raw_records_leave_under_no_ceiling():
    for ceiling in LAW.vocabulary.output_forms:
        zone = replace(selling(output_form="RAW_RECORD"),
                       grants=granting(output_form=ceiling).grants)
        assert "METHOD.OUTPUT_FORM" in codes(None, zone)


def important(**changes):
    """Training at a joint node on an important dataset: the one way it may leave."""
    node = granting(methods=(MethodRight("MODEL_TRAIN", "JOINT_NODE", "PROD", "*"),),
                    purposes=(PurposeRight("PF.MDL.TRN"),), output_form="AGGREGATE")
    return replace(changed("datasets", DATASET, **changes), grants=node.grants,
                   products=selling(output_form="AGGREGATE").products)


@pytest.mark.parametrize(("changes", "refused_for"), [
    ({"data_class": "IMPORTANT", "risk_assessed": True}, set()),
    ({"data_class": "IMPORTANT", "risk_assessed": False}, {"SCOPE.GRADE"}),
    ({"data_class": "CORE", "risk_assessed": True}, {"SCOPE.GRADE"}),
    ({"data_class": "STRANGE", "risk_assessed": True}, {"SCOPE.GRADE"})])
def test_INV_10_core_never_and_important_only_after_its_assessment(changes, refused_for):
    train = ask(action="MODEL_TRAIN", channel="JOINT_NODE", purpose="PF.MDL.TRN", node="NODE-01")
    assert codes(train, important(**changes)) == refused_for
    assert "SCOPE.GRADE" in codes(None, changed("datasets", DATASET, **changes))  # never by API


def test_INV_11_a_field_about_a_person_needs_a_basis_and_the_basis_is_cited():
    sold = selling().products[PRODUCT].versions["2.1"]
    basis = "个人信息保护法第十三条第一款第三项"
    fields = {**sold.fields, "tax_grade": replace(sold.fields["tax_grade"], legal_basis=basis)}
    zone = replace(graded(subject_kind="PERSON"), products=selling(fields=fields).products)
    decision = decide(ask(), zone, LAW, AT, "d")
    assert decision.permits and decision.bases == {"tax_grade": basis}
    assert decision.valid_until == AT  # nothing about persons is kept by an enforcement point
    assert "CONSENT.MISSING" in codes(None, graded(subject_kind="PERSON"))


@pytest.mark.parametrize(("at", "permits"), [
    ("2026-12-31T15:59:59.999999Z", True), ("2026-12-31T16:00:00.000000Z", False),
    ("2025-12-31T23:59:59.999999Z", False), ("2026-01-01T00:00:00.000000Z", True)])
def test_INV_12_the_clock_in_the_decision_ends_a_term_whatever_the_state_says(at, permits):
    zone = changed("agreements", "HA-2023-001", begins="2020-01-01T00:00:00.000000Z")
    zone = replace(zone, credentials={"k7q2": replace(
        zone.credentials["k7q2"], begins="2020-01-01T00:00:00.000000Z")})
    assert zone.grants[GRANT].state == "ACTIVE"
    assert decide(ask(), zone, LAW, at, "d").permits is permits


def test_a_newer_version_inside_the_range_binds_at_once():
    product = picture().products[PRODUCT]
    old = product.versions["2.1"]
    new = replace(old, version="2.10", output_form="VERIFY")
    zone = changed("products", PRODUCT, current="2.10", versions={"2.1": old, "2.10": new})
    within = replace(zone, grants=granting(version_to="2.10").grants)
    assert codes(ask(version="2.1"), within) == {"SCOPE.VERSION"}
    assert codes(None, within) == set()
    outside = replace(zone, grants=granting(version_to="2.9").grants)
    assert codes(ask(version="2.10"), outside) == {"SCOPE.VERSION"}
    assert codes(ask(version="2.1"), outside) == set()


def test_reduce_leaves_out_what_is_not_allowed_and_says_so():
    question = ask(fields=["ent_name", "secret_score", "typo"], field_mode="reduce")
    decision = decide(question, picture(), LAW, AT, "d")
    assert decision.permits and decision.fields == {"ent_name": "CLEAR"}
    assert [reason.code for reason in decision.reasons] == ["SCOPE.FIELD_REDUCED"] * 2
    assert decision.reasons[1].asked == "resource.properties.fields[2]"  # never the text itself
    assert not decide(ask(fields=["typo"], field_mode="reduce"), picture(), LAW, AT, "d").permits


def test_a_joint_node_must_be_the_institutions_and_attested_within_a_day():
    zone = replace(granting(methods=(MethodRight("MODEL_TRAIN", "JOINT_NODE", "PROD", "NODE-01"),),
                            purposes=(PurposeRight("PF.MDL.TRN"),)),
                   nodes=picture().nodes)
    train = {"action": "MODEL_TRAIN", "channel": "JOINT_NODE", "purpose": "PF.MDL.TRN",
             "node": "NODE-01"}
    assert codes(ask(**train), zone) == set()
    stale = replace(zone, nodes={"NODE-01": replace(zone.nodes["NODE-01"],
                                                    attested_at="2026-11-22T01:59:59.999999Z")})
    assert codes(ask(**train), stale) == {"METHOD.NODE_NOT_ATTESTED"}
    foreign = replace(zone, nodes={"NODE-01": replace(zone.nodes["NODE-01"], institution="X")})
    assert codes(ask(**train), foreign) == {"METHOD.NODE"}
    assert "METHOD.NODE" in codes(ask(**{**train, "node": "NODE-02"}), zone)


def test_what_a_purpose_is_confined_to_binds_every_grant():
    zone = granting(methods=(MethodRight("QUERY_ONE", "API", "PROD"),),
                    purposes=(PurposeRight("PF.MDL.TRN"),))
    assert codes(ask(purpose="PF.MDL.TRN"), zone) == {"METHOD.CHANNEL"}


def test_a_permit_is_kept_five_seconds_or_until_the_next_boundary():
    assert decide(ask(), picture(), LAW, AT, "d").valid_until == "2026-11-23T02:00:05.000000Z"
    soon = "2026-11-23T02:00:03.000000Z"
    assert decide(ask(), granting(ends=soon), LAW, AT, "d").valid_until == soon
    assert decide(ask(), granting(window=(0, 601)), LAW, "2026-11-23T02:00:58.000000Z",
                  "d").valid_until == "2026-11-23T02:01:00.000000Z"


def test_the_chain_is_cited_with_the_version_of_each_link():
    assert decide(ask(), picture(), LAW, AT, "d").chain == (
        ("L0", "HA-2023-001", 2), ("L1", "DS-0041", 7), ("L3", "PRD-RISK-002", 4),
        ("L4", "INST-0007", 5), ("L5", GRANT, 3), ("L6", "CR-000001", 1))
    assert BEGINS < AT < ENDS
