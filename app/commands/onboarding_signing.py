"""Onboarding cases after approval: agreement signed by both sides, trial loads, go-live."""

from datetime import date

from app.commands import registrations
from app.commands.advance import advance, cascade, done
from app.commands.command import Body, Done, Empty, Text, command, entry
from app.commands.filing import File, hand_on, on_file, permitted, refuse
from app.commands.head_agreements import missing_from
from app.commands.stages import entered
from app.domain.callers import Caller
from app.domain.canonical import digest
from app.domain.datasets import DATASET, ConsentMode
from app.domain.onboarding import ONBOARDING, State
from app.domain.refusals import IllegalMove
from app.store.situations_onboarding import onboarding_situation
from app.store.tables_supply import Dataset, OnboardingCase
from app.store.unit import Act, begin


class Agreement(Body):
    """The data provision agreement of one dataset. Quality is in thousandths of good records."""

    file: File = entry("协议文件", "Agreement", widget="file")
    clauses: list[Text] = entry("已载明的条款", "Clauses", widget="multiselect",
                                options="clauses:provision-agreement", max_length=30)
    allowed_purposes: list[Text] = entry("允许的目的", "Allowed purposes", default=[],
                                         widget="multiselect", options="purposes",
                                         max_length=100)
    forbidden_purposes: list[Text] = entry("禁止的目的", "Forbidden purposes", default=[],
                                           widget="multiselect", options="purposes",
                                           max_length=100)
    consent_mode: ConsentMode = entry("来源同意方式", "Consent mode", default=ConsentMode.ONCE)
    change_notice_days: int = entry("变更提前告知（天）", "Notice of changes (days)",
                                    default=30, ge=1, le=365)
    trial_loads: int = entry("试接入批次", "Trial loads", default=3, ge=1, le=50)
    quality: int = entry("质量要求（千分比）", "Quality needed (per mille)", default=980,
                         ge=0, le=1000)
    valid_to: date | None = entry("协议截止日", "Valid to", default=None, widget="date")


@command("onboarding_case.file_agreement", "登记数据提供协议", "File the agreement")
def file_agreement(rt, caller: Caller, ref: str, body: Agreement) -> Done:
    """The text both sides will sign is put on file; signing asks for every clause of it."""
    with begin(rt, caller) as act:
        case = _standing(act, ref, State.APPROVED, "file_agreement")
        on_file(act, [body.file])
        _known_purposes(act, body)
        checklist = act.rt.cases.checklists["provision-agreement"]
        case.agreement = {**body.model_dump(mode="json"), "template": checklist.version,
                          "missing": missing_from(checklist, body.clauses)}
        act.touch(case)
        act.record("onboarding_case.file_agreement", f"onboarding_case/{case.id}",
                   file=body.file, agreement=digest(case.agreement))
    return done(case, missing=case.agreement["missing"])


def _known_purposes(act: Act, body: Agreement) -> None:
    tree = act.rt.law.purposes
    refuse(((name, f"目的 `{code}` 未知", f"`{code}` is no purpose")
            for name in ("allowed_purposes", "forbidden_purposes")
            for code in getattr(body, name) if code not in tree), "PURPOSE.UNKNOWN")


def _standing(act: Act, ref: str, state: State, action: str) -> OnboardingCase:
    case = act.open(OnboardingCase, ref)
    permitted(act, "onboarding_case", action)
    if case.state != state:
        raise IllegalMove(f"案件不在「{state.zh}」环节", f"the case is not {state.en.lower()}",
                          noun="onboarding_case", state=case.state, action=action)
    return case


@command("onboarding_case.sign", "签署数据提供协议", "Sign the provision agreement")
def sign(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The department and the operator sign the same text, known by its digest, in either order."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case)
        sealed = digest(case.agreement)
        step = advance(act, ONBOARDING, case, "sign", situation, payload={"agreement": sealed},
                       record={"agreement": sealed, "file": case.agreement.get("file", "")})
        hand_on(act, case, step, case.title)
        if step:
            dataset = act.get(Dataset, case.dataset_id)
            for name in ("allowed_purposes", "forbidden_purposes", "consent_mode"):
                setattr(dataset, name, case.agreement[name])
            entered(act, case)
    return done(case, step)


class Load(Body):
    """One trial load: how many rows came, how many in a thousand were good."""

    rows: int = entry("行数", "Rows", ge=0, le=10**12)
    quality: int = entry("合格千分比", "Quality (per mille)", ge=0, le=1000)


class Trial(Body):
    """What the trial showed."""

    loads: list[Load] = entry("试接入批次", "Loads", min_length=1, max_length=50)
    masks_tested: bool = entry("脱敏测试通过", "Masks tested", default=False)
    lineage: str = entry("血缘说明", "Lineage", widget="textarea", min_length=2,
                          max_length=4000)
    report: File = entry("测试报告", "Test report", widget="file")


@command("onboarding_case.file_trial", "登记试接入结果", "File the trial")
def file_trial(rt, caller: Caller, ref: str, body: Trial) -> Done:
    """Loads, mask test and lineage are put on file with the report."""
    with begin(rt, caller) as act:
        case = _standing(act, ref, State.TRIAL, "file_trial")
        on_file(act, [body.report])
        case.trial = body.model_dump(mode="json")
        act.touch(case)
        act.record("onboarding_case.file_trial", f"onboarding_case/{case.id}",
                   report=body.report, loads=len(body.loads), trial=digest(case.trial))
    return done(case)


@command("onboarding_case.go_live", "上线", "Go live")
def go_live(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """Two persons put the dataset online; the duty to register it starts in the same act."""
    with begin(rt, caller) as act:
        case = act.open(OnboardingCase, ref)
        situation = onboarding_situation(rt, act.session, caller, case)
        report = case.trial.get("report", "")
        step = advance(act, ONBOARDING, case, "go_live", situation,
                       payload={"trial": digest(case.trial)},
                       evidence=(report,) if report else (), record={"report": report})
        hand_on(act, case, step, case.title)
        if step:
            dataset = act.get(Dataset, case.dataset_id)
            cascade(act, DATASET, dataset, "go_live", f"onboarding_case/{case.id}", "ONBOARDED")
            registrations.opened(act, dataset)
            entered(act, case)
    return done(case, step)
