"""What one grant is decided by, read now: its own links of the registry and every hold.

The picture is the decisions' own, only smaller; it is read in the caller's transaction.
"""

from sqlalchemy import Connection, or_, select

from app.store.snapshot import Snapshot, WithLines, some
from app.store.tables_grants import Grant
from app.store.tables_institutions import ClientApp, Credential, JointNode
from app.store.tables_supply import Dataset, HeadAgreement, ProductVersion


def around_grant(connection: Connection, with_lines: WithLines, grant: Grant,
                 credential: str = "") -> Snapshot:
    """The snapshot around a grant; ``credential`` is the prefix of one more key to be known by."""
    def ids(model, condition) -> set[str]:
        return set(connection.execute(select(model.id).where(condition)).scalars())

    behind = {key for listed in connection.execute(select(ProductVersion.datasets).where(
        ProductVersion.product_id == grant.product_id)).scalars() for key in listed}
    owner = grant.institution_id
    return some(connection, with_lines, {
        "head_agreement": ids(HeadAgreement, HeadAgreement.state == "IN_FORCE"),
        "dataset": ids(Dataset, or_(*(column.in_(sorted(behind)) for column in (
            Dataset.id, Dataset.number, Dataset.code)))),
        "product": {grant.product_id}, "institution": {owner},
        "client_app": ids(ClientApp, ClientApp.institution_id == owner),
        "joint_node": ids(JointNode, JointNode.institution_id == owner),
        "credential": ids(Credential, or_(Credential.institution_id == owner,
                                          Credential.prefix == credential)),
        "grant": {grant.id}})
