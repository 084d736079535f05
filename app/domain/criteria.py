"""准入标准: one versioned sheet of criteria for each kind of institution, scored item by item."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.grounds import Words
from app.domain.titled import Titled


class Kind(Titled):
    """What kind of institution uses data."""

    BANK = "BANK", "银行", "Bank"
    INSURER = "INSURER", "保险公司", "Insurer"
    GUARANTOR = "GUARANTOR", "融资担保公司", "Guarantor"
    MICRO_LENDER = "MICRO_LENDER", "小额贷款公司", "Micro-lender"
    OTHER = "OTHER", "其他", "Other"


class Score(Titled):
    """How a criterion was found."""

    MET = "MET", "符合", "Met"
    EXCEPTION = "EXCEPTION", "例外", "Exception"
    NOT_MET = "NOT_MET", "不符合", "Not met"


@dataclass(frozen=True)
class Criterion:
    """One line of a sheet."""

    id: str
    title: Words


@dataclass(frozen=True)
class Sheet:
    """The criteria in force for some kinds of institution."""

    id: str
    version: str
    title: Words
    kinds: tuple[Kind, ...]
    items: tuple[Criterion, ...]

    @property
    def edition(self) -> str:
        """Sheet and version as one word, `finance/2026-1`: what a decision cites."""
        return f"{self.id}/{self.version}"


def unscored(sheet: Sheet, scores: Iterable[Mapping]) -> tuple[str, ...]:
    """The criteria no score is given for; an exception or a failure without a note is none."""
    given = {
        line["id"]
        for line in scores
        if line.get("result") == Score.MET
        or (line.get("result") in (Score.EXCEPTION, Score.NOT_MET) and line.get("note", "").strip())
    }
    return tuple(item.id for item in sheet.items if item.id not in given)


def strangers(sheet: Sheet, scores: Iterable[Mapping]) -> tuple[str, ...]:
    """What is scored and stands on no line of the sheet, or is scored twice."""
    known = {item.id for item in sheet.items}
    found, seen = [], set()
    for line in scores:
        if line["id"] not in known or line["id"] in seen:
            found.append(line["id"])
        seen.add(line["id"])
    return tuple(found)


def unmet(scores: Iterable[Mapping]) -> tuple[str, ...]:
    """The criteria found not met."""
    return tuple(line["id"] for line in scores if line.get("result") == Score.NOT_MET)
