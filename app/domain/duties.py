"""Separation of duties in cases, with delegation: who acts, and for whom, both count.

Source: domain rule §2.3 and G-SOD; GB/T 22239-2019 8.1.4.2.d.
"""

from dataclasses import dataclass

from app.domain.lifecycle import Guard, Situation

MADE = ("make", "check")
TAKEN_IN = ("intake",)
REVIEWED = ("review",)


@dataclass(frozen=True, kw_only=True)
class CaseSituation(Situation):
    """A situation of a case from which persons may have recused themselves."""

    recused: frozenset[str] = frozenset()


intake_is_apart = Guard(
    "intake_is_apart", lambda situation: not situation.has_taken(*MADE),
    "经办人（含委托人、代理人）不得受理自己的案件",
    "nobody takes in a case they, or those they stand for, made", "G-SOD")
reviewer_is_apart = Guard(
    "reviewer_is_apart", lambda situation: not situation.has_taken(*MADE, *TAKEN_IN),
    "经办、受理人员（含委托人、代理人）不得审核同一案件",
    "nobody reviews a case they, or those they stand for, made or took in", "G-SOD")
decider_is_apart = Guard(
    "decider_is_apart", lambda situation: not situation.has_taken(*MADE, *TAKEN_IN, *REVIEWED),
    "经办、受理、审核人员（含委托人、代理人）不得审批同一案件",
    "nobody decides a case they, or those they stand for, made, took in or reviewed",
    "G-SOD")
is_not_recused = Guard(
    "is_not_recused", lambda situation: not situation.principals & situation.recused,
    "已回避的人员不得再参与本案", "somebody who recused takes no part any more",
    "G-COI")
