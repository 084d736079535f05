"""The demonstration's gateways acknowledged what they were permitted, and subjects agreed to calls.

Two years of receipts are taken as one act, as an import of what was acknowledged before.
"""

from datetime import timedelta

from sqlalchemy import update

from app.demo import names
from app.demo.dice import Dice
from app.demo.simulation import Simulation
from app.domain.canonical import instant
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_use import Reservation, UseCounter
from app.store.trail import lock_head

SUBJECTS = 60
PURPOSES = ("PF.CRD.NEW", "PF.CRD.REN")
STATES = ("ACTIVE", "ACTIVE", "ACTIVE", "WITHDRAWN", "REFUSED")


def receipts(story: Simulation) -> None:
    """Nothing is left waiting for a receipt."""
    with story.act() as act:
        connection = act.session.connection()
        lock_head(connection)
        settled = connection.execute(update(Reservation).where(
            Reservation.state == "RESERVED").values(state="COMMITTED")).rowcount
        connection.execute(update(UseCounter).where(UseCounter.reserved > 0).values(
            used=UseCounter.used + UseCounter.reserved, reserved=0))
        act.record("decision.import_receipts", "zone/1", receipts=settled)


def authorizations(story: Simulation) -> None:
    """Authorizations of companies that do not exist, for the first institution."""
    dice = Dice("authorizations")
    owner, product = story.rows["institution:0"], story.rows["product:0"]
    with story.act() as act:
        for at in range(SUBJECTS):
            begins = act.at - timedelta(days=1 + dice.below(300))
            state = dice.pick(STATES)
            row = act.create(
                SubjectAuthorization, token=f"sa_demo{at:06d}", institution_id=owner.id,
                subject=story.rt.subject_hash("ENTERPRISE", names.uscc(at)),
                subject_kind="ENTERPRISE", state=state, purposes=" ".join(PURPOSES),
                products=product.number, noted=True, max_uses=1 + dice.below(12),
                valid_from=begins, valid_to=begins + timedelta(days=365),
                ended_at=None if state == "ACTIVE" else act.at,
                evidence={"channel": "APP", "proofing": "LEVEL_2", "certificate": f"demo-{at:04d}",
                          "at": instant(begins), "file": "", "authority": "LEGAL_REPRESENTATIVE"})
            act.record("subject_authorization.import", f"subject_authorization/{row.id}",
                       institution=owner.id, subject=row.subject)
