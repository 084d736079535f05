"""Contracts: drafted on approval with the approved digest, prepared, signed by both sides."""

from sqlmodel import select

from app.commands.advance import advance, cascade, done
from app.commands.clocks import close_tasks, open_task, stop_clocks
from app.commands.command import Body, Done, Text, command, entry
from app.commands.filing import File, on_file, permitted
from app.commands.grants import apply_amendment, granted
from app.domain.callers import Caller
from app.domain.contracts import ANNEX, CHECKLIST, CONTRACT, Side, State
from app.domain.grant_cases import GRANT_CASE
from app.domain.refusals import IllegalMove, Invalid
from app.store.situations_grants import judge
from app.store.tables import Endorsement
from app.store.tables_grants import Contract, GrantCase
from app.store.unit import Act, begin


def draft_contract(act: Act, case: GrantCase, template: str) -> Contract:
    """The contract of an approved case, carrying the approved scope digest."""
    row = act.create(Contract, number=act.number("HT"), institution_id=case.institution_id,
                     case_id=case.id, template=template, scope_digest=case.scope_digest)
    act.record("contract.draft", f"contract/{row.id}", institution=row.institution_id,
               case=case.number, number=row.number, template=template,
               scope_digest=row.scope_digest)
    return row


class Prepared(Body):
    """The contract as it is to be signed."""

    clauses: list[Text] = entry("已包含的条款", "Clauses covered", widget="multiselect",
                                options=f"clauses:{CHECKLIST}", min_length=1, max_length=60)
    scope_digest: Text = entry("合同所载范围摘要", "Scope digest in the contract", default="",
                               max_length=80,
                               help_zh="与批准的摘要不一致的合同不能签署；留空表示与批准一致",
                               help_en="empty means as approved; any other cannot be signed")
    file: File | None = entry("合同文本", "Contract file", default=None, widget="file")


@command("contract.prepare", "登记合同文本", "Prepare the contract")
def prepare(rt, caller: Caller, ref: str, body: Prepared) -> Done:
    """Clauses are ticked against the checklist and the digest printed in the text is entered."""
    with begin(rt, caller) as act:
        case = _case_of(act, ref)
        row = act.open(Contract, ref)
        permitted(act, "contract", "prepare")
        if row.state != State.DRAFT or row.template == ANNEX:
            raise IllegalMove("合同已签署、已失效或者是附件",
                              "the contract is signed or lapsed, or is an annex",
                              noun="contract", state=row.state, action="prepare")
        known = {item.id for item in rt.cases.checklists[CHECKLIST].items}
        unknown = sorted(set(body.clauses) - known)
        if unknown:
            raise Invalid("清单中没有此条款", "no such clause in the checklist", errors=[
                {"at": "clauses", "zh": f"未知条款 {name}", "en": f"unknown clause {name}"}
                for name in unknown])
        row.clauses = sorted(set(body.clauses))
        row.scope_digest = body.scope_digest or case.scope_digest
        row.file = on_file(act, [body.file])[0] if body.file else row.file
        act.record("contract.prepare", f"contract/{row.id}", institution=row.institution_id,
                   clauses=row.clauses, scope_digest=row.scope_digest, file=row.file)
        close_tasks(act, row)
        close_tasks(act, case, "sign")
        open_task(act, case, "sign", "INST_SIGNER", f"签署合同：{case.title}")
        open_task(act, case, "sign", "OPERATOR_SIGNER", f"签署合同：{case.title}")
    return done(row)


def _case_of(act: Act, ref: str) -> GrantCase | None:
    """The case of a contract, locked before it, as everywhere."""
    key = act.first(select(Contract.case_id).where(
        (Contract.id == ref) | (Contract.number == ref)))
    return act.find(GrantCase, key) if key else None


class Signature(Body):
    """A hand under the contract."""

    scope_digest: Text = entry("范围摘要", "Scope digest", default="", max_length=80,
                               help_zh="核对合同所载摘要；填写后不一致即拒绝",
                               help_en="checked against the contract when filled in")


@command("grant_case.sign", "签署合同", "Sign the contract", factor=True)
def sign(rt, caller: Caller, ref: str, body: Signature) -> Done:
    """Institution and operator sign the same digest; the second signature makes the grant, or its
    new version."""
    with begin(rt, caller) as act:
        row = act.open(GrantCase, ref)
        contract = act.first(select(Contract).where(Contract.case_id == row.id)
                             .with_for_update())
        if body.scope_digest and contract and body.scope_digest != contract.scope_digest:
            raise Invalid("范围摘要与合同所载不一致", "is not the digest the contract carries",
                          code="G-DIGEST", errors=[{"at": "scope_digest", "zh": "不一致",
                                                    "en": "differs"}])
        signed = _hands(act, row)
        step = advance(act, GRANT_CASE, row, "sign", judge(rt, act.session, caller, row).situation,
                       payload=_text(contract),
                       evidence=(contract.file,) if contract and contract.file else ())
        grant = _concluded(act, row, contract, signed) if step else None
    return done(row, step, **({"grant": grant.number} if grant else {}))


def _text(contract: Contract | None) -> dict:
    """What a signature binds: another text needs other hands."""
    names = ("id", "template", "clauses", "scope_digest", "file")
    return {name: getattr(contract, name) for name in names} if contract else {}


def _hands(act: Act, row: GrantCase) -> list[dict]:
    return [_signature(hand.seat == "make", hand.person, hand.name, hand.at)
            for hand in act.all(select(Endorsement).where(
                Endorsement.noun == row.noun, Endorsement.object_id == row.id,
                Endorsement.action == "sign", Endorsement.state == "OPEN"))]


def _signature(by_institution: bool, person: str, name: str, at) -> dict:
    side = Side.INSTITUTION if by_institution else Side.OPERATOR
    return {"side": side.value, "person": person, "name": name, "at": at.isoformat()}


def _concluded(act: Act, row: GrantCase, contract: Contract, signed: list[dict]):
    caller = act.caller
    contract.signatures = [*signed, _signature(bool(caller.institution), caller.person,
                                               caller.name, act.at)]
    contract.signed_on = act.day
    cascade(act, CONTRACT, contract, "sign", because=f"grant_case/{row.id}",
            reason_code="CONTRACT.SIGNED")
    close_tasks(act, row)
    close_tasks(act, contract)
    stop_clocks(act, row)
    grant = apply_amendment(act, row, contract) if row.grant_id else granted(act, row, contract)
    row.grant_id = contract.grant_id = grant.id
    return grant


def lapse_contract(act: Act, case: GrantCase) -> None:
    """A contract nobody signed goes with its case."""
    row = act.first(select(Contract).where(Contract.case_id == case.id,
                                           Contract.state == str(State.DRAFT)).with_for_update())
    if row is not None:
        close_tasks(act, row)
        cascade(act, CONTRACT, row, "lapse", because=f"grant_case/{case.id}",
                reason_code="CASE.ENDED")
