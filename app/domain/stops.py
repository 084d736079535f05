"""Automatic stops: which pattern of denials stops an object until two persons have looked at it."""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.grounds import Words
from app.domain.lifecycle import Situation, guard
from app.domain.titled import Titled

GROUND = "HOLD.INCIDENT"
CONFIRM_WITHIN = timedelta(hours=72)
FEWEST_DENIALS, LONGEST_MINUTES = 3, 60


@dataclass(frozen=True, kw_only=True)
class StopSituation(Situation):
    """What a guard may look at of an object that a rule may have stopped."""

    awaits_confirmation: bool = False


@guard("不是待确认的自动停用", "is not an automatic stop awaiting confirmation")
def stop_awaits_confirmation(situation: StopSituation) -> bool:
    return situation.awaits_confirmation


class Watched(Titled):
    """What a rule may stop."""

    GRANT = "grant", "授权", "Grant"
    CLIENT_APP = "client_app", "应用系统", "Application system"


@dataclass(frozen=True)
class StopRule:
    """So many `denials` with the reason `code`, for one object, within so many minutes."""

    rule: str
    title: Words
    watches: Watched
    code: str
    denials: int
    within_minutes: int

    def reason(self, count: int) -> Words:
        """Why an object was stopped, for its notice."""
        return Words(
            f"{self.title.zh}：{self.within_minutes}分钟内{count}次被拒绝（{self.code}，"
            f"规则{self.rule}）",
            f"{self.title.en}: {count} denials within {self.within_minutes} minutes "
            f"({self.code}, rule {self.rule})")


@dataclass(frozen=True)
class StopRules:
    """The rules as published, and the digest of their file."""

    rules: tuple[StopRule, ...]
    digest: str
