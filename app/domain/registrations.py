"""公共数据资源登记 (L2) as a field of datasets and products: its states and which follow which.

Source: domain rule §6.4; the running of its clocks is not here.
"""

from collections.abc import Mapping
from datetime import date

from app.domain.titled import Titled

FILING_DAYS = 20
MOST_YEARS = 3


class Registration(Titled):
    """Where the registration of a dataset or product stands."""

    NOT_REQUIRED = "NOT_REQUIRED", "无需登记", "Not required"
    DUE = "DUE", "待申报", "Due"
    FILED = "FILED", "已申报", "Filed"
    RETURNED = "RETURNED", "退回", "Returned"
    ACCEPTED = "ACCEPTED", "已受理", "Accepted"
    REVIEWED = "REVIEWED", "审核完成", "Reviewed"
    PUBLICITY = "PUBLICITY", "公示中", "Under publicity"
    OBJECTED = "OBJECTED", "异议处理", "Objected"
    REGISTERED = "REGISTERED", "已赋码", "Registered"
    EXPIRING = "EXPIRING", "临期", "Expiring"
    RENEWED = "RENEWED", "已续期", "Renewed"
    CANCELLED = "CANCELLED", "已注销", "Cancelled"


FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "NOT_REQUIRED": ("DUE",),
    "DUE": ("FILED", "NOT_REQUIRED"),
    "FILED": ("ACCEPTED", "RETURNED"),
    "RETURNED": ("FILED", "NOT_REQUIRED"),
    "ACCEPTED": ("REVIEWED", "RETURNED"),
    "REVIEWED": ("PUBLICITY", "RETURNED"),
    "PUBLICITY": ("REGISTERED", "OBJECTED"),
    "OBJECTED": ("PUBLICITY", "REGISTERED", "RETURNED"),
    "REGISTERED": ("EXPIRING", "RENEWED", "CANCELLED"),
    "EXPIRING": ("RENEWED", "CANCELLED"),
    "RENEWED": ("EXPIRING", "RENEWED", "CANCELLED"),
    "CANCELLED": ("DUE",),
}
CODED = (Registration.REGISTERED, Registration.RENEWED)


def longest(issued: date) -> date:
    """The last day a code issued on this day may be valid to."""
    try:
        return issued.replace(year=issued.year + MOST_YEARS)
    except ValueError:
        return issued.replace(year=issued.year + MOST_YEARS, month=2, day=28)
