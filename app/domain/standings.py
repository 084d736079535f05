"""How a field stands on its way to a grade, and how grades are counted and compared."""

from collections.abc import Iterable

from app.domain.titled import Titled


class Standing(Titled):
    """How far a field has come: judged by a person, only proposed, or neither."""

    CONFIRMED = "CONFIRMED", "已确认", "Confirmed"
    PROPOSED = "PROPOSED", "待确认", "Proposed only"
    UNGRADED = "UNGRADED", "未定级", "Ungraded"


class Unit(Titled):
    """What is counted."""

    FIELDS = "FIELDS", "数据项", "Fields"
    DATASETS = "DATASETS", "数据资源", "Datasets"


class Counted(Titled):
    """Whose level counts."""

    IN_FORCE = "IN_FORCE", "仅已确认的级别", "Confirmed levels only"
    EXPECTED = "EXPECTED", "未确认的按建议级别", "Proposed where none is confirmed"


def least(standings: Iterable[Standing]) -> Standing:
    """How a dataset stands: no further than the field that came least far."""
    found = set(standings) or {Standing.UNGRADED}
    return max(found, key=list(Standing).index)
