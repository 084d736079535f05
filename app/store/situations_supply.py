"""What guards on head agreements, departments and datasets may look at."""

from collections.abc import Mapping

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.datasets import DatasetSituation
from app.domain.departments import DepartmentSituation
from app.domain.head_agreements import HeadAgreementSituation
from app.domain.onboarding import OPEN
from app.store.situations import basics
from app.store.tables_supply import (
    Dataset,
    Department,
    HeadAgreement,
    OnboardingCase,
    Product,
    ProductVersion,
)

GONE = ("DELISTED", "REJECTED")


def head_agreement_situation(rt, session: Session, caller: Caller, row: HeadAgreement,
                             reason: str = "",
                             amended: Mapping | None = None) -> HeadAgreementSituation:
    """`amended` are columns as they shall read, judged in place of those on file."""
    said = {**row.model_dump(), **(amended or {})}
    return HeadAgreementSituation(
        **basics(rt, session, caller, row, reason),
        valid_from=said["valid_from"], valid_to=said["valid_to"],
        clauses_complete=bool(said["clauses"]) and not said["clauses_missing"],
        papers=frozenset(item["kind"] for item in said["files"]),
        signatories=len(said["signatories"]), resources=len(said["resources"]),
        products=len(said["products"]), filing_reference=said["filing_reference"])


def department_situation(rt, session: Session, caller: Caller, row: Department,
                         reason: str = "") -> DepartmentSituation:
    left = session.exec(select(func.count()).select_from(Dataset).where(
        Dataset.department_id == row.id, Dataset.state.in_(("ONLINE", "FROZEN", "RETIRING")))
        ).one()
    coming = session.exec(select(func.count()).select_from(OnboardingCase).where(
        OnboardingCase.department_id == row.id,
        OnboardingCase.state.in_([str(state) for state in OPEN]))).one()
    return DepartmentSituation(
        **basics(rt, session, caller, row, reason),
        agreement_signed=bool(row.agreement.get("signed_on")),
        liaison_named=bool(row.liaison), datasets_left=int(left), cases_open=int(coming))


def dataset_situation(rt, session: Session, caller: Caller, row: Dataset,
                      reason: str = "") -> DatasetSituation:
    department = session.get(Department, row.department_id)
    return DatasetSituation(
        **basics(rt, session, caller, row, reason),
        noticed_until=row.retires_on, ordered=row.retired_by_order,
        products_left=len(products_on(session, row)),
        registration=row.registration, stored=row.storage_proof,
        department_supplies=department is not None and department.state == "ACTIVE")


def products_on(session: Session, row: Dataset) -> list[Product]:
    """The products that still draw on the dataset, by a version listed or on its way there."""
    rows = session.exec(
        select(Product, ProductVersion.datasets).join(
            ProductVersion, ProductVersion.product_id == Product.id).where(
            Product.state.notin_(GONE), ProductVersion.state.in_(
                ("REVIEW", "APPROVAL", "LISTED")))).all()
    return list({product.id: product for product, datasets in rows
                 if row.id in datasets}.values())
