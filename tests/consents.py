"""Subject authorizations for tests: one row in force, every member of it to be changed.

    consent = consents.given(rt, chain, max_uses=3)     # covers what `consents.question` asks
"""

from datetime import timedelta

from app.commands.decide import Question
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_supply import ProductVersion
from app.store.unit import begin
from tests import zone
from tests.decision_zone import body

SUBJECT = ("ENTERPRISE", "91110000")


def asking(rt, chain) -> None:
    """The product asks for the subject's authorization from now on."""
    with begin(rt, SYSTEM) as act:
        version = act.find(ProductVersion, chain.product_version.id)
        version.subject_authorization = "REQUIRED"
        act.record("product_version.place", f"product_version/{version.id}")
        act.affects("product_version", version.id)


def given(rt, chain, **changes) -> SubjectAuthorization:
    """An authorization of the subject for the chain's institution and product, in force."""
    with begin(rt, SYSTEM) as act:
        row = act.create(SubjectAuthorization, **{
            "token": f"sa_test{zone.number():06d}", "institution_id": chain.institution.id,
            "subject": rt.subject_hash(*SUBJECT), "subject_kind": SUBJECT[0], "state": "ACTIVE",
            "purposes": "PF.CRD.NEW", "products": chain.product.number, "noted": True,
            "valid_from": act.at - timedelta(days=1), "valid_to": act.at + timedelta(days=200),
            **changes})
        act.record("subject_authorization.give", f"subject_authorization/{row.id}")
    return row


def question(z, **changes) -> Question:
    """A question the tiny zone permits, about the subject of these authorizations."""
    asked = {"app": z.app.number, "product": z.product.number, "grant": z.grant.number,
             "region": "110105", "lookback_from": "2025-06-01", "business_ref": "LN1",
             "data_subject": {"kind": SUBJECT[0], "id": SUBJECT[1]}, **changes}
    return Question(body(**asked), Presented(z.credential.prefix, "203.0.113.8"))


def codes(answer) -> list[str]:
    return [reason["code"] for reason in answer["context"]["reasons"]]
