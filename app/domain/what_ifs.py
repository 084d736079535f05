"""推演: a draft of the rulebooks or of a grant, played over past decisions.

Decisions of one shape are made again once; what comes out otherwise is counted by institution,
direction and reasons, with examples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from app.domain.lifecycle import Lifecycle, Move
from app.domain.titled import Titled

LEASE = timedelta(seconds=20)
MOST_TRIES = 10  # how often a run is taken up with no stretch finished between
MOST = 1_000_000
EXAMPLES = 5


class Kind(Titled):
    """What the draft is of."""

    RULEBOOKS = "RULEBOOKS", "规则集草案", "Draft rulebooks"
    GRANT = "GRANT", "授权草案", "Draft of a grant"


class RunState(Titled):
    """How far a run has come."""

    QUEUED = "QUEUED", "排队中", "Queued"
    RUNNING = "RUNNING", "推演中", "Playing"
    DONE = "DONE", "已完成", "Done"
    CANCELLED = "CANCELLED", "已取消", "Cancelled"
    FAILED = "FAILED", "未能进行", "Failed"


class Direction(Titled):
    """What a decision was, and what it would have been."""

    PERMIT_DENY = "PERMIT_DENY", "允许变拒绝", "Permitted, now refused"
    DENY_PERMIT = "DENY_PERMIT", "拒绝变允许", "Refused, now permitted"


class BundleState(Titled):
    """Where rulebooks stand."""

    IN_FORCE = "IN_FORCE", "生效中", "In force"
    PROPOSED = "PROPOSED", "待发布", "Proposed"
    TRIED = "TRIED", "草案", "Draft"
    PAST = "PAST", "曾生效", "Was in force"


OPEN = (RunState.QUEUED, RunState.RUNNING)
WHAT_IF = Lifecycle(
    noun="what_if",
    zh="推演",
    en="What-if",
    states=RunState,
    starts=RunState.QUEUED,
    moves=(
        Move("begin", (RunState.QUEUED,), RunState.RUNNING, "开始推演", "Begin"),
        Move("finish", (RunState.RUNNING,), RunState.DONE, "完成推演", "Finish"),
        Move("fail", OPEN, RunState.FAILED, "未能进行", "Fail"),
        Move("cancel", OPEN, RunState.CANCELLED, "取消推演", "Cancel"),
    ),
    ends=(RunState.DONE, RunState.CANCELLED, RunState.FAILED),
)


class Verdict(NamedTuple):
    """What is true of every decision of one shape. `is_sure` says that without the draft it comes
    out as it was sealed; `codes` are the reasons that refuse it, with the draft or then."""

    is_sure: bool
    was: bool
    now: bool
    codes: tuple[str, ...]


@dataclass
class Tally:
    """What was counted of a stretch of decisions. Lines stand by institution, direction and
    reasons."""

    heard: int = 0
    unsure: int = 0
    left_out: int = 0
    lines: dict[tuple[str, str, tuple[str, ...]], tuple[list[int], list[str]]] = field(
        default_factory=dict)

    def count(self, verdict: Verdict, institution: str, decision: str) -> None:
        self.heard += 1
        if not verdict.is_sure:
            self.unsure += 1
        elif verdict.was != verdict.now:
            direction = Direction.PERMIT_DENY if verdict.was else Direction.DENY_PERMIT
            self.add(institution, direction.value, verdict.codes, 1, (decision,))

    def add(self, institution: str, was: str, codes: Iterable[str], count: int,
            examples: Iterable[str]) -> None:
        """So many decisions that came out otherwise, the first of them as examples."""
        counted, known = self.lines.setdefault((institution, was, tuple(codes)), ([0], []))
        counted[0] += count
        if len(known) < EXAMPLES:
            known.extend(list(examples)[:EXAMPLES - len(known)])

    def take(self, part: Mapping[str, Any]) -> None:
        """Count what another stretch has."""
        self.heard += part["heard"]
        self.unsure += part["unsure"]
        self.left_out += part["left_out"]
        for line in part["flips"]:
            self.add(line["institution"], line["was"], line["codes"], line["count"],
                     line["examples"])

    def flips(self) -> list[dict[str, Any]]:
        """The lines in one order, however they were counted."""
        return [{"institution": institution, "was": was, "codes": list(codes),
                 "count": counted[0], "examples": list(examples)}
                for (institution, was, codes), (counted, examples) in sorted(self.lines.items())]


def counted(flips: Iterable[Mapping[str, Any]], direction: Direction) -> int:
    """How many decisions of a list of flips turned this way."""
    return sum(line["count"] for line in flips if line["was"] == direction.value)


class Book(Titled):
    """A file of the rulebooks, by its name."""

    PURPOSES = "purposes.yaml", "目的目录", "Purposes"
    VOCABULARY = "vocabulary.yaml", "词表", "Vocabulary"
    CEILING = "ceiling.csv", "数据级别上限表", "Ceilings of grades"
    OBLIGATIONS = "obligations.yaml", "义务表", "Obligations"
    REASONS = "reasons.yaml", "原因码", "Reasons"
    ATTRIBUTES = "attributes.yaml", "属性规则", "Attribute rules"
    MODEL = "model.conf", "判定模型", "Model"
