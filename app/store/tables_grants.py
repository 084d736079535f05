"""Authorization: cases, opinions, contracts, grants and their versions.

The four dimensions are one JSON document wherever they stand (requested, approved, in force):

    {"purpose": {"nodes": [{"code", "descend", "except": []}], "business_ref_required"},
     "scope":   {"product": "PRD-…", "version_from": "2.0", "version_to": "2.9",
                 "fields": [{"field", "treatment"}],
                 "rows": {"regions": [], "industries": [], "population": "OWN_CUSTOMERS",
                          "lookback_months": 24, "subject_kinds": ["ENTERPRISE"]}},
     "method":  {"ways": [{"action", "channel", "environment", "node": "-", "max_batch": 1}],
                 "output_form": "DERIVED"},
     "term":    {"from": instant, "to": instant, "window": {"from": "08:00", "to": "20:00"} | null,
                 "retention_days": 180, "data_life_days": 30}}

`scope_digest` is the digest of all four plus conditions, quota and obligations.
"""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class GrantCase(Registered, table=True):
    """授权申请. `requested` and `approved` are dimension documents; `screening` is
    `{result, items}` by dimension and `hints`, with the version `base` of the grant asked about
    and, of a renewal, its `use`; `kind` one of amendments.Kind; `grant_id` names that grant;
    `origin_decision` the denial it was born from. `maker` and `signer` are persons; `rounds`
    counts submissions, `notice_round` is the round of the last supplement notice; `defects` are
    `{id, zh, en, answer}`, `answers` those of earlier rounds."""

    __tablename__ = "grant_case"
    noun: ClassVar[str] = "grant_case"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    kind: str
    institution_id: str = Field(index=True)
    product_id: str = Field(index=True)
    grant_id: str | None = Field(default=None, index=True)
    title: str
    state: str = Field(index=True)
    maker: str = ""
    signer: str = ""
    scene: str = ""
    necessity: str = ""
    security_measures: str = ""
    volume_per_day: int = 0
    requested: dict = json_field(dict)
    approved: dict = json_field(dict)
    conditions: list = json_field(list)
    quota: dict = json_field(dict)
    obligations: list = json_field(list)
    scope_digest: str = ""
    form_digest: str = ""
    screening: dict = json_field(dict)
    defects: list = json_field(list)
    answers: list = json_field(list)
    rounds: int = 0
    notice_round: int = 0
    second_needed: bool = False
    second_because: list = json_field(list)
    decision: dict = json_field(dict)
    origin_decision: str = ""
    files: list = json_field(list)
    submitted_at: datetime | None = instant_field(default=None)


class Opinion(Registered, table=True):
    """审核意见. `kind` BUSINESS, COMPLIANCE, SECURITY, SOURCE, IMPACT, RISK, PRICE or
    RELATED_PARTY; `result` AGREE, AGREE_WITH_CONDITIONS, DISAGREE, RECUSE or empty while open.
    A recusal opens the next `attempt`; `form_digest` is what the opinion was given on."""

    __tablename__ = "opinion"
    __table_args__ = (UniqueConstraint("case_id", "kind", "department_id", "round", "attempt"),)
    noun: ClassVar[str] = "opinion"
    scope: ClassVar[str] = "department"

    case_id: str = Field(index=True)
    case_number: str
    kind: str
    round: int = 1
    attempt: int = 1
    role: str
    department_id: str = ""
    form_digest: str = ""
    result: str = ""
    text: str = ""
    conditions: list = json_field(list)
    checklist: list = json_field(list)
    person: str = ""
    account: str = ""
    author: str = ""
    due_at: datetime | None = instant_field(default=None)
    done_at: datetime | None = instant_field(default=None)


class Contract(Registered, table=True):
    """应用合同. `scope_digest` must equal the approved one (G-DIGEST); `template` is the checklist
    and its version, `clauses` its ticked items; `signatures` are `{side, person, at}`."""

    __tablename__ = "contract"
    noun: ClassVar[str] = "contract"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    institution_id: str = Field(index=True)
    case_id: str = Field(index=True)
    grant_id: str | None = None
    template: str
    clauses: list = json_field(list)
    scope_digest: str
    signatures: list = json_field(list)
    signed_on: date | None = None
    file: str = ""
    state: str = "DRAFT"


class Grant(Registered, table=True):
    """授权 (L5). `current` is the number of its version in force; the term is half-open. While
    suspended, `suspended_for` is the ground and `confirm_by` when an automatic stop must have been
    confirmed by; `after_breach` asks for the second approver before it resumes."""

    __tablename__ = "access_grant"
    noun: ClassVar[str] = "grant"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    institution_id: str = Field(index=True)
    product_id: str = Field(index=True)
    state: str = Field(index=True)
    current: int = 1
    valid_from: datetime = instant_field()
    valid_to: datetime = instant_field(index=True)
    suspended_for: str = ""
    after_breach: bool = False
    confirm_by: datetime | None = instant_field(default=None)
    ended_reason: str = ""


class GrantVersion(Registered, table=True):
    """授权版本: immutable once written (INV-06); `effective_to` is set when a newer one applies."""

    __tablename__ = "grant_version"
    __table_args__ = (UniqueConstraint("grant_id", "n"),)
    noun: ClassVar[str] = "grant_version"
    scope: ClassVar[str] = "institution"

    grant_id: str = Field(index=True)
    institution_id: str = Field(index=True)
    n: int
    dimensions: dict = json_field(dict)
    conditions: list = json_field(list)
    quota: dict = json_field(dict)
    obligations: list = json_field(list)
    scope_digest: str
    contract_id: str | None = None
    case_id: str
    chain: dict = json_field(dict)
    effective_from: datetime = instant_field()
    effective_to: datetime | None = instant_field(default=None)
