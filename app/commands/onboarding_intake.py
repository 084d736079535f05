"""Onboarding cases at the intake desk: sent back once with all defects, accepted, or lapsed."""

from sqlmodel import select

from app.commands import notices
from app.commands.advance import advance, done
from app.commands.clocks import running
from app.commands.command import Body, Done, Empty, Text, command, entry
from app.commands.proposals import require_ground
from app.commands.rule_proposals import suggestions, take_in
from app.commands.stages import entered
from app.domain.callers import SYSTEM, Caller
from app.domain.canonical import digest
from app.domain.grounds import Words
from app.domain.instruments import Kind
from app.domain.onboarding import ONBOARDING, State
from app.domain.refusals import GuardFailed, IllegalMove
from app.store.situations_onboarding import onboarding_situation
from app.store.tables import Clock
from app.store.tables_supply import Dataset, OnboardingCase
from app.store.unit import begin, read


class Defect(Body):
    """One thing to be mended: where it stands and what is wanted, in both languages."""

    field: Text = entry("位置", "Place", min_length=1, max_length=100)
    zh: Text = entry("问题", "Defect", min_length=2, max_length=500)
    en: Text = entry("问题（英文）", "Defect (English)", default="", max_length=500)
    code: Text = entry("理由代码", "Reason code", default="DOC.DEFECT", widget="select",
                       options="grounds:SUPPLEMENT", max_length=60)


class SupplementNotice(Body):
    """All defects at once."""

    defects: list[Defect] = entry("问题清单", "Defects", min_length=1, max_length=100)


@command("onboarding_case.request_supplement", "一次性告知补正", "Ask to supplement")
def request_supplement(rt, caller: Caller, ref: str, body: SupplementNotice) -> Done:
    """Every defect is told in one numbered notice; the time to accept stands still meanwhile."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        for at, defect in enumerate(body.defects):
            require_ground(rt, defect.code, Kind.SUPPLEMENT, f"defects.{at}.code")
        places = tuple(dict.fromkeys(defect.field for defect in body.defects))
        situation = onboarding_situation(rt, act.session, caller, case, places=places)
        defects = [{"field": item.field, "zh": item.zh, "en": item.en or item.zh,
                    "code": item.code, "answer": ""} for item in body.defects]
        step = advance(act, ONBOARDING, case, "request_supplement", situation,
                       record={"places": list(places), "defects": digest(defects)})
        case.defects, case.rounds = defects, case.rounds + 1
        case.notified = list(dict.fromkeys([*case.notified, *places]))
        notices.issue(act, Kind.SUPPLEMENT, case, {"reasons": [
            {"code": item["code"], "text": Words(f"{item['field']}：{item['zh']}",
                                                 f"{item['field']}: {item['en']}").plain()}
            for item in defects]})
        entered(act, case)
    return done(case, step)


@command("onboarding_case.accept", "受理", "Accept")
def accept(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The case goes on to be graded, with what the rules propose for each of its fields."""
    suggested = suggestions(rt, OnboardingCase, ref)
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case)
        step = advance(act, ONBOARDING, case, "accept", situation)
        take_in(act, act.get(Dataset, case.dataset_id), suggested)
        notices.issue(act, Kind.ACCEPTANCE, case)
        entered(act, case)
    return done(case, step)


@command("onboarding_case.lapse", "逾期终止", "Lapse")
def lapse(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """A case not mended in time is closed by the system, with its closing notice."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case)
        step = advance(act, ONBOARDING, case, "lapse", situation, reason_code="CASE.LAPSED")
        due = max(clock.due_at for clock in running(act, case, "supplement"))
        notices.issue_lapse(act, case, due, Words("补正", "The supplement"))
        entered(act, case)
    return done(case, step)


def lapse_due(rt) -> int:
    """Every case whose time to supplement is over is closed by the system; how many."""
    with read(rt) as session:
        due = session.exec(select(Clock.object_id).where(
            Clock.noun == "onboarding_case", Clock.kind == "supplement",
            Clock.stopped_at.is_(None), Clock.due_at <= rt.clock())).all()
    return sum(_lapsed(rt, key) for key in dict.fromkeys(due))


def _lapsed(rt, key: str) -> bool:
    """Whether this one could be closed; one that cannot does not hold up the others."""
    try:
        return lapse(rt, SYSTEM, key, Empty()).state == State.WITHDRAWN
    except (IllegalMove, GuardFailed):
        return False
