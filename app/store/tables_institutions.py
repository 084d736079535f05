"""The institution side: admission, institutions, their systems and credentials."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON
from sqlmodel import Field

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class Institution(Registered, table=True):
    """应用单位 (L4). `kind` BANK, INSURER, GUARANTOR, MICRO_LENDER or OTHER; `institution_id` is
    its own id, so that its users see it; `stop_order` marks RECTIFYING with a stop. An `automatic`
    suspension is confirmed or lifted by two persons before `confirm_by`."""

    __tablename__ = "institution"
    noun: ClassVar[str] = "institution"
    scope: ClassVar[str] = "institution"

    institution_id: str = Field(index=True)
    number: str = Field(unique=True)
    name: str = Field(unique=True)
    uscc: str = Field(unique=True)
    kind: str
    parent_id: str | None = None
    state: str = Field(index=True)
    related_party: bool = False
    stop_order: bool = False
    barred_until: date | None = None
    licence_no: str = ""
    licence_expires: date | None = None
    security_level: int | None = None
    security_expires: date | None = None
    contact: str = ""
    security_officer: str = ""
    criteria_version: str = ""
    admitted_at: datetime | None = instant_field(default=None)
    review_due: date | None = None
    business_ref_pattern: str = ""
    rectify_due: date | None = None
    suspended_for: str = ""
    automatic: bool = False
    confirm_by: datetime | None = instant_field(default=None)
    after_breach: bool = False
    exit_trigger: str = ""
    quota: dict = json_field(dict)


class AdmissionCase(Registered, table=True):
    """机构准入申请. `form` is what the applicant says, `files` are `{kind, file}`; `defects` is the
    one-time notice, each `{code, material, defect, answer}`, and `notified` every material ever
    named in one. `criteria` is the score sheet `{id, result, note}`; `opinions` maps each kind to
    `{result, text, conditions, person, name, at}`."""

    __tablename__ = "admission_case"
    noun: ClassVar[str] = "admission_case"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    institution_id: str = Field(index=True)
    title: str
    state: str = Field(index=True)
    maker: str = ""
    signer: str = ""
    form: dict = json_field(dict)
    files: list = json_field(list)
    form_digest: str = ""
    defects: list = json_field(list)
    notified: list = json_field(list)
    rounds: int = 0
    criteria_version: str = ""
    criteria: list = json_field(list)
    diligence: dict = json_field(dict)
    related_party: bool | None = None
    opinions: dict = json_field(dict)
    decision: dict = json_field(dict)
    submitted_at: datetime | None = instant_field(default=None)


class ClientApp(Registered, table=True):
    """应用系统 of one institution; `networks` is its allow-list of CIDR blocks. `number` is what a
    request carries as `subject.id` (APP-000012)."""

    __tablename__ = "client_app"
    noun: ClassVar[str] = "client_app"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    institution_id: str = Field(index=True)
    name: str
    state: str = "ACTIVE"
    networks: list = json_field(list)
    users: list = json_field(list)
    quota: dict = json_field(dict)


class JointNode(Registered, table=True):
    """联合建模节点. `attestation` is the newest `{image, network, verifier, result, at}`."""

    __tablename__ = "joint_node"
    noun: ClassVar[str] = "joint_node"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    institution_id: str = Field(index=True)
    name: str
    state: str = "ACTIVE"
    attestation: dict = json_field(dict)
    attested_at: datetime | None = instant_field(default=None)


class Credential(Registered, table=True):
    """凭证 (L6). The secret is shown once; `prefix` is visible, `secret_hash` is
    `sha256:<hex>` of the whole secret. Bound to an app, a grant (or all of the app's grants when
    empty) and to the app's networks; dated. `issued_by` is a person: another one activates.

    One of kind `GATEWAY` speaks for the `apps` it lists, calls from `networks`, and is nobody's:
    its institution and app are empty. `supported_kinds` are the obligations its enforcement point
    can carry out, nothing where it was not asked."""

    __tablename__ = "credential"
    noun: ClassVar[str] = "credential"
    scope: ClassVar[str] = "institution"

    number: str = Field(unique=True)
    institution_id: str = Field(index=True)
    app_id: str = Field(index=True)
    grant_id: str | None = Field(default=None, index=True)
    kind: str = "API_KEY"
    apps: list = json_field(list)
    networks: list = json_field(list)
    supported_kinds: list | None = Field(default=None, sa_type=JSON(none_as_null=True))
    prefix: str = Field(unique=True)
    secret_hash: str
    issued_by: str = ""
    state: str = "ACTIVE"
    issued_at: datetime = instant_field()
    expires_at: datetime = instant_field()
    revoked_at: datetime | None = instant_field(default=None)
    receipts_overdue: int = 0
