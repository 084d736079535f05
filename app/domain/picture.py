"""The immutable picture a decision looks at: what the registry held at one epoch.

Times are fixed-width UTC text, so that they compare as text and compile into policy lines.
A picture is never changed; a newer one replaces it whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeadAgreementPicture:
    """L0 授权运营协议: covers the products and datasets on its lists during its term."""

    id: str
    version: int
    state: str
    begins: str
    ends: str
    products: frozenset[str]
    datasets: frozenset[str]


@dataclass(frozen=True, slots=True)
class RegistrationPicture:
    """L2 登记 of a dataset or product. `until` ends its validity, or the window for filing."""

    state: str = "NOT_REQUIRED"
    until: str = ""


@dataclass(frozen=True, slots=True)
class FieldPicture:
    """A field of a dataset. `level` is 1 to 5, None while ungraded; `identifier` is what it holds,
    `event_end` the field that ends the event a negative record tells of."""

    name: str
    level: int | None
    data_class: str = "GENERAL"
    subject_kind: str = "ENTERPRISE"
    treatment: str = "CLEAR"
    prohibited: bool = False
    identifier: str = ""
    negative: bool = False
    event_end: str = ""


@dataclass(frozen=True, slots=True)
class DatasetPicture:
    """L1 数据资源. An empty `allowed_purposes` sets no list; forbidden ones always bind."""

    id: str
    version: int
    state: str
    department: str
    fields: Mapping[str, FieldPicture]
    data_class: str = "GENERAL"
    risk_assessed: bool = False
    allowed_purposes: tuple[str, ...] = ()
    forbidden_purposes: tuple[str, ...] = ()
    registration: RegistrationPicture = RegistrationPicture()


@dataclass(frozen=True, slots=True)
class ProductFieldPicture:
    """A field a product delivers, made from `sources` (dataset, field).

    `legal_basis` is the basis in law, other than consent, recorded for a field about persons.
    """

    name: str
    sources: tuple[tuple[str, str], ...]
    treatment: str = "CLEAR"
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class ProductVersionPicture:
    """A version of a product: the widest anything below it can be.

    `methods` are (action, channel, environment); `subject_authorization` is NONE or REQUIRED.
    """

    product: str
    version: str
    fields: Mapping[str, ProductFieldPicture]
    datasets: tuple[str, ...]
    methods: frozenset[tuple[str, str, str]]
    purposes: tuple[str, ...]
    output_form: str
    subject_authorization: str = "REQUIRED"
    auth_level: int = 0


@dataclass(frozen=True, slots=True)
class ProductPicture:
    """L3 产品. `current` is the version listed; `versions` holds the approved ones."""

    id: str
    version: int
    state: str
    current: str
    versions: Mapping[str, ProductVersionPicture]
    registration: RegistrationPicture = RegistrationPicture()
    quota: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstitutionPicture:
    """L4 机构. `reference_form` is a glob for business numbers; a branch names its `parent`;
    `bar_ends` is the first instant after a bar, empty where there is none.

    `key` is the row's id, under which its stream of the trail runs.
    """

    id: str
    version: int
    state: str
    stop_order: bool = False
    bar_ends: str = ""
    reference_form: str = "*"
    parent: str = ""
    key: str = ""
    quota: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PurposeRight:
    """A leaf, or an inner node with `descend` and the nodes below it that are left out."""

    code: str
    descend: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodRight:
    """One way of asking. `node` is a node id, `*` for any of the institution's, or `-`."""

    action: str
    channel: str
    environment: str
    node: str = "-"
    max_batch: int = 1


@dataclass(frozen=True, slots=True)
class VersionPicture:
    """One version of a grant: purpose, scope, method and term, and the lines compiled from them.

    Fields may be patterns ending in `*`. `window` is minutes of the Shanghai day, `[from, to)`,
    and may cross midnight. `quota` bounds use by the words of
    `reservations.PERIODS`. `obligations` are the kinds laid down, each with the numbers said of it
    as pairs. `unknown_bounds` names what was granted and cannot be enforced.
    """

    number: int
    purposes: tuple[PurposeRight, ...]
    product: str
    version_from: str
    version_to: str
    fields: Mapping[str, str]
    methods: tuple[MethodRight, ...]
    output_form: str
    begins: str
    ends: str
    business_ref_required: bool = False
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    subject_kinds: tuple[str, ...] = ()
    population: str = "ALL"
    listed: frozenset[str] = frozenset()
    lookback_months: int | None = None
    window: tuple[int, int] | None = None
    retention_days: int | None = None
    data_life_days: int | None = None
    obligations: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    scope_digest: str = ""
    quota: Mapping[str, int] = field(default_factory=dict)
    unknown_bounds: tuple[str, ...] = ()
    lines: object = field(default=None, compare=False)
    lines_digest: str = ""


@dataclass(frozen=True, slots=True)
class GrantPicture:
    """L5 授权: its state and the one version in force."""

    id: str
    institution: str
    state: str
    current: VersionPicture


@dataclass(frozen=True, slots=True)
class AppPicture:
    """An application of an institution. `networks` are CIDR blocks, `users` enrolled persons."""

    id: str
    institution: str
    state: str = "ACTIVE"
    networks: tuple[str, ...] = ()
    users: frozenset[str] = frozenset()
    hours: tuple[int, int] | None = None
    quota: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CredentialPicture:
    """L6 凭证: what a caller proved to hold. A credential of a gateway speaks for several apps.

    `grants` holding `*` binds it to every grant of those apps. `supported_kinds` are the
    obligations its enforcement point can carry out, None where nothing is registered;
    `receipts_overdue` counts its permits whose receipts did not come in time.
    """

    id: str
    version: int
    secret_hash: str
    apps: frozenset[str]
    grants: frozenset[str]
    begins: str
    expires: str
    revoked: bool = False
    networks: tuple[str, ...] = ()
    supported_kinds: tuple[str, ...] | None = None
    receipts_overdue: int = 0


@dataclass(frozen=True, slots=True)
class NodePicture:
    """L6 节点: a compute node and when its attestation last held."""

    id: str
    institution: str
    attested_at: str = ""


@dataclass(frozen=True, slots=True)
class RoutePicture:
    """A route of a gateway: which question a call to this host, path and method is.

    `sources` says where each member of the question is taken from (app/domain/routes.py).
    """

    id: str
    version: int
    state: str
    host: str
    method: str
    pattern: str
    action: str
    channel: str
    environment: str
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HoldPicture:
    """A stop over one object, or over the zone when `target` is `("zone", "*")`."""

    id: str
    kind: str
    target: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a decision may look at, at one epoch. Credentials stand under their prefix."""

    epoch: int
    agreements: Mapping[str, HeadAgreementPicture] = field(default_factory=dict)
    datasets: Mapping[str, DatasetPicture] = field(default_factory=dict)
    products: Mapping[str, ProductPicture] = field(default_factory=dict)
    institutions: Mapping[str, InstitutionPicture] = field(default_factory=dict)
    apps: Mapping[str, AppPicture] = field(default_factory=dict)
    credentials: Mapping[str, CredentialPicture] = field(default_factory=dict)
    nodes: Mapping[str, NodePicture] = field(default_factory=dict)
    grants: Mapping[str, GrantPicture] = field(default_factory=dict)
    grants_of: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    holds: Mapping[tuple[str, str], tuple[HoldPicture, ...]] = field(default_factory=dict)
    routes: Mapping[str, RoutePicture] = field(default_factory=dict)
    # What is worked out of a picture and holds as long as it does; a replaced one begins anew.
    kept: dict = field(default_factory=dict, init=False, compare=False, repr=False)
