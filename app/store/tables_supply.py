"""The supplying side of the authority chain: head agreement, departments, datasets, products."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import instant_field, json_field
from app.store.tables import Registered


class HeadAgreement(Registered, table=True):
    """授权运营协议 (L0). `resources` and `products` hold ids of datasets and products.

    `clauses` are the ticked items of the checklist version `clause_template`, `clauses_missing`
    the others; `files` are `{kind, file}` with the kinds AGREEMENT and MINUTES; the term is
    half-open.
    """

    __tablename__ = "head_agreement"
    noun: ClassVar[str] = "head_agreement"
    scope: ClassVar[str] = "open"

    number: str = Field(unique=True)
    title: str
    state: str
    authority: str
    authority_uscc: str
    operator: str
    operator_uscc: str
    related_parties: list = json_field(list)
    signed_on: date | None = None
    valid_from: datetime | None = instant_field(default=None)
    valid_to: datetime | None = instant_field(default=None)
    resources: list = json_field(list)
    products: list = json_field(list)
    clauses: list = json_field(list)
    clause_template: str = ""
    clauses_missing: list = json_field(list)
    files: list = json_field(list)
    signatories: list = json_field(list)
    filing_reference: str = ""


class Department(Registered, table=True):
    """数据提供部门. `department_id` is its own id, so that its liaisons see it."""

    __tablename__ = "department"
    noun: ClassVar[str] = "department"
    scope: ClassVar[str] = "department"

    department_id: str = Field(index=True)
    number: str = Field(unique=True)
    name: str = Field(unique=True)
    uscc: str = ""
    liaison: str = ""
    contact: str = ""
    state: str
    agreement: dict = json_field(dict)


class Dataset(Registered, table=True):
    """数据资源 (L1). `grade` 1-5 is the highest of its fields, None while ungraded; `grade_class`
    is GENERAL, IMPORTANT or CORE; `consent_mode` ONCE, PER_GRANT or NOTIFY.

    `registration` is the state of its public-data registration (L2).
    """

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("department_id", "code"),)
    noun: ClassVar[str] = "dataset"
    scope: ClassVar[str] = "department"

    number: str = Field(unique=True)
    code: str
    name: str
    department_id: str = Field(index=True)
    state: str
    update_cycle: str = ""
    category: str = ""
    owner: str = ""
    grade: int | None = None
    grade_class: str = "GENERAL"
    has_person: bool = False
    consent_mode: str = "ONCE"
    allowed_purposes: list = json_field(list)
    forbidden_purposes: list = json_field(list)
    reshared_from: str = ""
    reshare_consent: str = ""
    registration: str = "DUE"
    registration_code: str = ""
    registration_due: datetime | None = instant_field(default=None)
    registration_valid_to: datetime | None = instant_field(default=None)
    risk_assessment: str = ""
    retires_on: datetime | None = instant_field(default=None)
    retired_by_order: bool = False
    storage_proof: str = ""


class DatasetField(Registered, table=True):
    """数据项. `proposed_*` is what a machine or a liaison proposes, with its `confidence` in
    percent; `grade` and `category` are in force only once `confirmed_by` a person. `subject_kind`
    is ENTERPRISE, OFFICER_DUTY or PERSON, `grade_class` GENERAL, IMPORTANT or CORE.

    `element` and `identifier` are what the field holds as judged; `proposed_runners_up` are ids
    of other elements it might hold, `proposed_why` pairs of a step's code and its blanks;
    `contradicted` is a later proposal above what a person confirmed, until that is settled.
    """

    __tablename__ = "dataset_field"
    __table_args__ = (UniqueConstraint("dataset_id", "code"),)
    noun: ClassVar[str] = "dataset_field"
    scope: ClassVar[str] = "department"

    dataset_id: str = Field(index=True)
    department_id: str = Field(index=True)
    position: int = 0
    code: str
    name: str = ""
    type: str = ""
    category: str = ""
    grade: int | None = None
    grade_class: str = "GENERAL"
    proposed_category: str = ""
    proposed_grade: int | None = None
    proposed_mask: str = ""
    proposed_subject_kind: str = ""
    proposed_by: str = ""
    confidence: int = 0
    confirmed_by: str = ""
    override_reason: str = ""
    subject_kind: str = "ENTERPRISE"
    sensitive: bool = False
    negative: bool = False
    event_end_field: str = ""
    mask: str = "CLEAR"
    prohibited: bool = False
    element: str = ""
    identifier: str = ""
    proposed_element: str = ""
    proposed_identifier: str = ""
    proposed_sensitive: bool = False
    proposed_runners_up: list = json_field(list)
    proposed_why: list = json_field(list)
    contradicted: dict = json_field(dict)


class NegativeExample(Registered, table=True):
    """否定样例: an `element` a person refused for a field, good within its `reach` until it
    expires or is withdrawn. `column` is the code of that field, `dataset_id` where it stands."""

    __tablename__ = "negative_example"
    noun: ClassVar[str] = "negative_example"
    scope: ClassVar[str] = "department"

    number: str = Field(unique=True)
    element: str = Field(index=True)
    reach: str
    department_id: str = Field(index=True)
    dataset_id: str = Field(index=True)
    column: str
    reason: str
    refused_by: str
    expires_at: datetime = instant_field()
    state: str = Field(index=True)


class OnboardingCase(Registered, table=True):
    """数据准接入申请. `maker` is the person who submits, `side` the role they do it in.

    `files` are `{kind, file}`; `defects` is the one-time notice, each `{field, zh, en, answer}`,
    `notified` every place a notice ever named; `grading`, `assessment`, `agreement`, `trial` and
    `decision` are what each step put on file.
    """

    __tablename__ = "onboarding_case"
    noun: ClassVar[str] = "onboarding_case"
    scope: ClassVar[str] = "department"

    number: str = Field(unique=True)
    dataset_id: str = Field(index=True)
    department_id: str = Field(index=True)
    title: str
    state: str = Field(index=True)
    maker: str = ""
    side: str = "DEPT_LIAISON"
    legality: str = ""
    files: list = json_field(list)
    form_digest: str = ""
    defects: list = json_field(list)
    notified: list = json_field(list)
    rounds: int = 0
    grading: dict = json_field(dict)
    assessment: dict = json_field(dict)
    agreement: dict = json_field(dict)
    trial: dict = json_field(dict)
    decision: dict = json_field(dict)
    submitted_at: datetime | None = instant_field(default=None)


class Product(Registered, table=True):
    """数据产品. `category` is one of the seven, `public_use` PUBLIC_BENEFIT or INDUSTRY;
    `current` is the listed version's text (`2.1`), `quota` bounds its use by all together."""

    __tablename__ = "product"
    noun: ClassVar[str] = "product"
    scope: ClassVar[str] = "open"

    number: str = Field(unique=True)
    name: str
    category: str
    public_use: str
    owner: str = ""
    state: str = Field(index=True)
    current: str = ""
    registration: str = "DUE"
    registration_code: str = ""
    registration_due: datetime | None = instant_field(default=None)
    registration_valid_to: datetime | None = instant_field(default=None)
    notice_until: datetime | None = instant_field(default=None)
    quota: dict = json_field(dict)


class ProductVersion(Registered, table=True):
    """产品版本. `fields` are `{field, name, dataset, source, grade, treatment, subject_kind,
    sensitive}` with the dataset's id and the code of its field; `datasets` are those ids;
    `methods` are `{action, channel, environment}`; `subject_authorization` is NONE or REQUIRED;
    `legal_basis` maps PERSON fields to the basis relied on (INV-11); `reviews` are
    `{kind, result, text, person, name, at, tests}`."""

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "text"),)
    noun: ClassVar[str] = "product_version"
    scope: ClassVar[str] = "open"

    product_id: str = Field(index=True)
    text: str
    state: str = "DRAFT"
    fields: list = json_field(list)
    datasets: list = json_field(list)
    actions: list = json_field(list)
    methods: list = json_field(list)
    output_form: str = "DERIVED"
    purposes: list = json_field(list)
    subject_authorization: str = "NONE"
    legal_basis: dict = json_field(dict)
    service_level: str = ""
    maker: str = ""
    reviews: list = json_field(list)
    lineage: str = ""
    changes: list = json_field(list)
    decision: dict = json_field(dict)
    published_at: datetime | None = instant_field(default=None)


class PriceEntry(Registered, table=True):
    """价格项, in integer fen. `price_class` FREE, CHARGED or NEGOTIATED; a ceiling and its document
    stand beside every charged price (发改价格〔2025〕65号). Of a negotiated one `list_price` is the
    share that is public-data service fee and `work` the customised work."""

    __tablename__ = "price_entry"
    noun: ClassVar[str] = "price_entry"
    scope: ClassVar[str] = "open"

    product_id: str = Field(index=True)
    price_class: str
    unit: str = ""
    list_price: int = 0
    ceiling: int | None = None
    ceiling_document: str = ""
    work: str = ""
    comparables: list = json_field(list)
    trial: bool = False
    effective_from: date | None = None
    published_on: date | None = None


class Hold(Registered, table=True):
    """An emergency stop, incident or order over any link (`noun`/`object_id`), until lifted.

    An automatic one must be confirmed or lifted by two persons within 72 h (`confirm_by`).
    """

    __tablename__ = "hold"
    noun: ClassVar[str] = "hold"
    scope: ClassVar[str] = "staff"

    number: str = Field(unique=True)
    kind: str = "EMERGENCY"
    link: str
    object_id: str = Field(index=True)
    object_number: str = ""
    reason_code: str
    state: str = "ACTIVE"
    automatic: bool = False
    confirm_by: datetime | None = instant_field(default=None)
    lifted_at: datetime | None = instant_field(default=None)
    probe_decision: str = ""
    impact: dict = json_field(dict)


class Holiday(SQLModel, table=True):
    """A day whose working or resting differs from its weekday."""

    __tablename__ = "holiday"

    day: str = Field(primary_key=True)
    works: bool
    name: str = ""
