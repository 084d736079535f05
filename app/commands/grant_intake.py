"""Applications at the counter: one notice of every defect, accepted, refused, returned."""

from app.commands import notices
from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task, stop_clocks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import proposed
from app.commands.grant_cases import ended, paused, resumed
from app.commands.opinions import open_opinions
from app.commands.proposals import require_ground, require_grounds
from app.domain.callers import Caller
from app.domain.grant_cases import GRANT_CASE, Material
from app.domain.instruments import Kind as Letter
from app.store.situations_grants import Entered, judge
from app.store.tables_grants import GrantCase
from app.store.unit import begin

OPINION_DAYS = 10


class Defect(Body):
    """One thing to mend: in which material, of which kind, and what is wanted."""

    material: Material = entry("材料", "Material")
    code: Text = entry("类别", "Kind", default="DOC.DEFECT", widget="select",
                       options="grounds:SUPPLEMENT", max_length=60)
    zh: Text = entry("问题", "Defect", min_length=2, max_length=500)
    en: Text = entry("问题（英文）", "Defect (English)", default="", max_length=500)


class Defects(Body):
    """Every defect, told at once (一次性告知)."""

    defects: list[Defect] = entry("补正事项", "Defects", min_length=1, max_length=100)


class ReturnedDefects(Defects):
    """Every defect, and why the case goes back from review."""

    reason: str = entry("退回理由", "Reason", widget="textarea", min_length=2, max_length=2000)


class Refused(Body):
    """Why nothing is granted, by code of the sentence library."""

    grounds: list[Text] = entry("理由代码", "Grounds", widget="multiselect",
                                options="grounds:GRANT_REFUSAL", default_factory=list,
                                max_length=20)
    reason: str = entry("认定的事实", "Fact found", widget="textarea", min_length=2,
                         max_length=2000)


class NotAccepted(Refused):
    """Why an application is not accepted: a prohibited purpose, or somebody or something that may
    not apply or be applied for."""

    grounds: list[Text] = entry("理由代码", "Grounds", widget="multiselect",
                                options="grounds:NON_ACCEPTANCE", default_factory=list,
                                max_length=20)


@command("grant_case.request_supplement", "一次性告知补正", "Request supplement")
def request_supplement(rt, caller: Caller, ref: str, body: Defects) -> Done:
    return _sent_back(rt, caller, ref, body.defects, "request_supplement", "")


@command("grant_case.return_to_applicant", "退回申请人", "Return to applicant")
def return_to_applicant(rt, caller: Caller, ref: str, body: ReturnedDefects) -> Done:
    """Intake sends a case under review back; opinions are given anew on what comes back."""
    return _sent_back(rt, caller, ref, body.defects, "return_to_applicant", body.reason)


def _sent_back(rt, caller: Caller, ref: str, listed: list[Defect], action: str,
               reason: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        for at, item in enumerate(listed):
            require_ground(rt, item.code, Letter.SUPPLEMENT, f"defects.{at}.code")
        situation = judge(rt, act.session, caller, row, reason,
                          Entered(defects=len(listed))).situation
        step = advance(act, GRANT_CASE, row, action, situation, record={"defects": len(listed)})
        row.defects = [{"id": str(at), "material": str(item.material), "code": item.code,
                        "zh": item.zh, "en": item.en or item.zh, "answer": ""}
                       for at, item in enumerate(listed, start=1)]
        row.notice_round = row.rounds
        paused(act, row)
        notices.issue(act, Letter.SUPPLEMENT, row, {"reasons": [
            {"code": item.code, "text": {"zh": f"{item.material.zh}：{item.zh}",
                                         "en": f"{item.material.en}: {item.en or item.zh}"}}
            for item in listed]})
    return done(row, step)


@command("grant_case.refuse_acceptance", "不予受理", "Refuse acceptance")
def refuse_acceptance(rt, caller: Caller, ref: str, body: NotAccepted) -> Done:
    """Two persons refuse; the second may leave the grounds as the first named them. The letter
    states what the first of them found."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        payload = proposed(act, row, "refuse_acceptance", {"grounds": body.grounds})
        require_grounds(rt, payload["grounds"], Letter.NON_ACCEPTANCE)
        situation = judge(rt, act.session, caller, row, body.reason,
                          Entered(grounds=tuple(payload["grounds"]))).situation
        step = advance(act, GRANT_CASE, row, "refuse_acceptance", situation, payload=payload,
                       reason_code=",".join(payload["grounds"]))
        if step:
            row.decision = {"result": "NOT_ACCEPTED", **payload, "reason": step.finding}
            ended(act, row)
            notices.issue(act, Letter.NON_ACCEPTANCE, row,
                          {"reasons": worded(payload["grounds"], step.finding)})
    return done(row, step)


def worded(grounds: list[str], fact: str) -> list[dict]:
    """Reasons of a letter: each ground, with the fact the officer found."""
    return [{"code": code, "text": {"zh": fact, "en": fact}} for code in grounds]


@command("grant_case.accept", "受理", "Accept")
def accept(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The case goes to review; the rule table says whose opinions it needs."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        judged = judge(rt, act.session, caller, row, body.reason)
        step = advance(act, GRANT_CASE, row, "accept", judged.situation)
        close_tasks(act, row, "accept")
        stop_clocks(act, row, "acceptance")
        resumed(act, row, "opinions", OPINION_DAYS)
        opened = open_opinions(act, row, judged)
        row.second_needed, row.second_because = (bool(judged.second_because),
                                                 list(judged.second_because))
        notices.issue(act, Letter.ACCEPTANCE, row)
    return done(row, step, opinions=[item.kind for item in opened])


@command("grant_case.ask_return", "建议退回", "Ask for return")
def ask_return(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """A reviewer asks intake to send the case back; intake words the notice."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        step = advance(act, GRANT_CASE, row, "ask_return",
                       judge(rt, act.session, caller, row, body.reason).situation)
        open_task(act, row, "return_to_applicant", "INTAKE", f"审核建议退回：{row.title}")
    return done(row, step)
