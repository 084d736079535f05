"""路由: which question a call at a gateway is; proposed by one person and approved by another.

A route names host, path, method, and for each member of the question where it is taken from.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.lifecycle import Eyes, Lifecycle, Move, Situation, guard, reason_is_given
from app.domain.paths import PARAMETER, Ambiguous, pattern_of
from app.domain.titled import Titled


class Method(Titled):
    """The methods of HTTP a route may be for."""

    GET = "GET", "GET", "GET"
    HEAD = "HEAD", "HEAD", "HEAD"
    POST = "POST", "POST", "POST"
    PUT = "PUT", "PUT", "PUT"
    PATCH = "PATCH", "PATCH", "PATCH"
    DELETE = "DELETE", "DELETE", "DELETE"


class State(Titled):
    """Where a route stands."""

    PROPOSED = "PROPOSED", "待批准", "Proposed"
    ACTIVE = "ACTIVE", "生效", "Active"
    RETIRED = "RETIRED", "已停用", "Retired"


@dataclass(frozen=True, kw_only=True)
class RouteSituation(Situation):
    """What a guard may look at."""

    proposed_by: str = ""


@guard("须由提出人以外的自然人批准", "another person than the proposer approves", "G-SOD")
def approver_is_another(situation: RouteSituation) -> bool:
    return situation.proposed_by not in situation.principals


ROUTE = Lifecycle(
    noun="route", zh="网关路由", en="Route", states=State, starts=State.PROPOSED,
    moves=(
        Move("approve", (State.PROPOSED,), State.ACTIVE, "批准", "Approve",
             (approver_is_another,), duty="decide"),
        Move("decline", (State.PROPOSED,), State.RETIRED, "不批准", "Decline",
             (reason_is_given,), stops=True),
        Move("amend", (State.ACTIVE,), State.ACTIVE, "变更", "Amend", (reason_is_given,),
             Eyes.TWO, "decide"),
        Move("retire", (State.ACTIVE,), State.RETIRED, "停用", "Retire", (reason_is_given,),
             stops=True),
    ),
    ends=(State.RETIRED,),
)


class From(Titled):
    """Where a member of the question comes from; `CREDENTIAL` is the one app a credential has."""

    FIXED = "fixed", "固定值", "Fixed value"
    HEADER = "header", "请求头", "Header"
    PATH = "path", "路径参数", "Path parameter"
    QUERY = "query", "查询参数", "Query argument"
    CREDENTIAL = "credential", "凭证", "Credential"


ANY = (From.FIXED, From.HEADER, From.PATH, From.QUERY)
# Each member of the question, where it stands, and where it may come from. The caller comes only
# from what the gateway has verified; the product never from what a client may add to a call.
MEMBERS: Mapping[str, tuple[str, tuple[From, ...]]] = {
    "caller": ("subject.id", (From.HEADER, From.CREDENTIAL)),
    "product": ("resource.id", (From.FIXED, From.PATH)),
    "purpose": ("context.purpose", ANY),
    "grant": ("context.grant", ANY),
    "fields": ("resource.fields", ANY),
    "business_ref": ("context.business_ref", ANY),
    "user": ("subject.user", (From.HEADER,)),
    "region": ("resource.region", ANY),
    "lookback_from": ("resource.lookback_from", ANY),
    "subject_kind": ("data_subject.kind", (From.FIXED,)),
    "subject": ("data_subject.id", (From.HEADER, From.PATH, From.QUERY)),
    "subject_authorization": ("context.subject_authorization", ANY),
}
REQUIRED = ("caller", "product")
# What a route says, by its members in order.
TITLES: Mapping[str, tuple[str, str]] = {
    "name": ("名称", "Name"), "host": ("主机名", "Host"), "method": ("HTTP 方法", "HTTP method"),
    "pattern": ("路径模式", "Path pattern"), "action": ("操作", "Action"),
    "channel": ("渠道", "Channel"), "environment": ("环境", "Environment"),
    "caller": ("应用系统取自", "Caller from"), "product": ("产品取自", "Product from"),
    "purpose": ("目的取自", "Purpose from"), "grant": ("授权取自", "Grant from"),
    "fields": ("数据项取自", "Fields from"),
    "business_ref": ("业务编号取自", "Business number from"), "user": ("操作人取自", "User from"),
    "region": ("地区取自", "Region from"),
    "lookback_from": ("回溯起点取自", "Look-back start from"),
    "subject_kind": ("主体类型", "Kind of data subject"),
    "subject": ("主体标识取自", "Data subject from"),
    "subject_authorization": ("主体授权取自", "Subject authorization from"),
}
NAMES = {From.FIXED: r"[^\x00-\x1f]{1,256}", From.HEADER: r"[a-z0-9][a-z0-9-]{0,63}",
         From.PATH: r"[A-Za-z][A-Za-z0-9_]{0,30}", From.QUERY: r"[A-Za-z0-9_.-]{1,64}",
         From.CREDENTIAL: ""}


def shape_of(pattern: str) -> str:
    """A pattern with its parameters nameless: what may stand only once at a host and method."""
    return "/" + "/".join("{}" if PARAMETER.fullmatch(each) else each
                          for each in pattern_of(pattern))


def source_faults(pattern: str, sources: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What is wrong with the sources of a route, each as (member, Chinese, English)."""
    wrong = [(member, "必填", "required") for member in REQUIRED if not sources.get(member)]
    try:
        names = {found[1] for each in pattern_of(pattern) if (found := PARAMETER.fullmatch(each))}
    except Ambiguous:
        names = set()
        wrong.append(("pattern", "路径模式有歧义：须以 / 开头，不含 //、.、..、;、%、*", (
            "the path pattern is ambiguous: begin with /, without //, ., .., ;, % or *")))
    for member, source in sources.items():
        if not source:
            continue
        kind, _, name = source.partition(":")
        allowed = {str(each): each for each in MEMBERS[member][1]}
        if kind not in allowed or not re.fullmatch(NAMES[allowed[kind]], name):
            told = " / ".join(each if each == From.CREDENTIAL else f"{each}:…" for each in allowed)
            wrong.append((member, f"来源须写作 {told}", f"write the source as {told}"))
        elif kind == From.PATH and name not in names:
            wrong.append((member, "路径中没有这个参数", "the path has no such parameter"))
    return wrong


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What an amendment changes, by member: what it was and what it shall be."""
    return {name: {"was": before.get(name, ""), "now": after.get(name, "")} for name in TITLES
            if before.get(name, "") != after.get(name, "")}
