"""主体授权: what data subjects have agreed to, one narrow row each.

Lists of codes and names are text with single spaces, so that ten million rows stay small and are
read without parsing documents. Use is not counted here: a decision must never wait for a row that
somebody is withdrawing, so uses stand in `use_counter`, which only changes under the head lock.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class SubjectAuthorization(Registered, table=True):
    """主体授权. `token` is what requests carry; `subject` is the keyed hash of a number.

    `purposes` are leaf codes, `products` numbers, `items` names of fields (empty for all of the
    products), `separate` the purposes and fields consented to one by one. `earliest` is the first
    record date that may be looked back to. `evidence` is `{channel, proofing, certificate, at,
    file, authority}`; `notice` names the text that was shown and its digest. `noted` says that the
    text named the operator as provider and the institution as receiver.
    """

    __tablename__ = "subject_authorization"
    __table_args__ = (
        Index("ix_subject_authorization_subject", "subject", "institution_id"),
        Index("ix_subject_authorization_term", "state", "valid_to"))
    noun: ClassVar[str] = "subject_authorization"
    scope: ClassVar[str] = "institution"

    token: str = Field(unique=True)
    institution_id: str
    subject: str
    subject_kind: str
    state: str
    purposes: str
    products: str
    items: str = ""
    mode: str = "VIEW"
    max_uses: int | None = None
    earliest: str = ""
    separate: str = ""
    retention_days: int | None = None
    valid_from: datetime = instant_field()
    valid_to: datetime = instant_field()
    noted: bool = False
    notice: str = ""
    evidence: dict = json_field(dict)
    evidence_holds: bool = True
    grant_id: str = ""
    replaced_by: str = ""
    ended_at: datetime | None = instant_field(default=None)
