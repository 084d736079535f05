"""分类分级: how high a field is protected, how grades combine, and what a grade may leave by.

Levels run from 1 to 5 and stand beside a class; the ceiling table itself is policy, not code.
"""

from collections.abc import Callable, Iterable

from app.domain.titled import Titled

LEVELS = (1, 2, 3, 4, 5)
SECOND_FROM = 3
Ceiling = Callable[[str, str, str, str], bool]


class GradeClass(Titled):
    """The national class beside the level."""

    GENERAL = "GENERAL", "一般数据", "General data"
    IMPORTANT = "IMPORTANT", "重要数据", "Important data"
    CORE = "CORE", "核心数据", "Core data"


class SubjectKind(Titled):
    """Whom a field is about."""

    ENTERPRISE = "ENTERPRISE", "企业", "Enterprise"
    OFFICER_DUTY = "OFFICER_DUTY", "董监高履职信息", "Officers in their duties"
    PERSON = "PERSON", "自然人", "Natural person"


_RANK = tuple(GradeClass)


def highest(levels: Iterable[int | None]) -> int | None:
    """The highest level, or None when one of them is not graded: unknown never combines away."""
    found = tuple(levels)
    if not found or None in found:
        return None
    return max(found)


def gravest(classes: Iterable[str]) -> GradeClass:
    """The gravest class; an unknown one counts as core."""
    ranks = [_RANK.index(GradeClass(code)) if code in GradeClass.__members__ else len(_RANK) - 1
             for code in classes]
    return _RANK[max(ranks, default=0)]


def ceiling_grade(level: int | None, grade_class: str) -> str:
    """The line of the ceiling table that binds, empty when nothing may leave at all.

    Important data and level 5 share one line; core and ungraded data have none.
    """
    if level not in LEVELS or grade_class not in (GradeClass.GENERAL, GradeClass.IMPORTANT):
        return ""
    return "L5" if grade_class == GradeClass.IMPORTANT else f"L{level}"


def over_ceiling(ceiling: Ceiling, grade: str, methods: Iterable[tuple[str, str]],
                 form: str) -> tuple[tuple[str, str], ...]:
    """The methods (action, channel) by which `form` may not leave at this grade (INV-09).

    `ceiling` answers for one grade, action, channel and form; RAW_RECORD never leaves.
    """
    return tuple((action, channel) for action, channel in methods
                 if not grade or form == "RAW_RECORD"
                 or not ceiling(grade, action, channel, form))


def is_raised(old: tuple[int | None, str], new: tuple[int, str]) -> bool:
    """Whether a level with its class is higher than before, in one of the two and lower in none."""
    before = (old[0] or 0, _RANK.index(gravest([old[1]])))
    after = (new[0], _RANK.index(gravest([new[1]])))
    return after != before and all(now >= was for was, now in zip(before, after, strict=True))


def needs_second(level: int | None, grade_class: str, personal: bool) -> bool:
    """F3+: level 3 and above, important data, or fields about persons; ungraded counts as high."""
    return (level is None or level >= SECOND_FROM or grade_class != GradeClass.GENERAL or personal)
