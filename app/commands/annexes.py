"""Annexes: the contract of a grant follows a narrowing that is in force already, within 20 working
days. Whether it comes in time changes no right; a late one is a breached time limit.

Source: domain rule §6.9, AMEND_NARROW.
"""

from datetime import date

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Text, command, entry
from app.commands.contracts import draft_contract
from app.commands.filing import File, on_file
from app.domain.callers import Caller
from app.domain.contracts import ANNEX, CONTRACT, Side
from app.store.situations_grants import contract_situation
from app.store.tables_grants import Contract, GrantCase
from app.store.unit import Act, begin

ANNEX_DAYS = 20


def owe_annex(act: Act, case: GrantCase) -> Contract:
    """The annex of a narrowing just decided: drafted with the approved digest, to be signed."""
    row = draft_contract(act, case, ANNEX)
    row.grant_id = case.grant_id
    clock = start_clock(act, row, "annex", ANNEX_DAYS)
    open_task(act, row, "file_annex", "OPERATOR_SIGNER", f"补签合同附件：{case.title}",
              due=clock.due_at)
    return row


class SignedAnnex(Body):
    """The annex as both sides signed it."""

    signed_on: date = entry("签署日期", "Signed on", widget="date")
    file: File = entry("已签附件", "Signed annex", widget="file")
    institution_signatory: Text = entry("应用单位签署人", "Signed for the institution by",
                                        min_length=1, max_length=50)
    operator_signatory: Text = entry("运营机构签署人", "Signed for the operator by",
                                     min_length=1, max_length=50)
    scope_digest: Text = entry("附件所载范围摘要", "Scope digest in the annex", min_length=8,
                               max_length=80)


@command("contract.file_annex", "登记已签附件", "File the signed annex")
def file_annex(rt, caller: Caller, ref: str, body: SignedAnnex) -> Done:
    """The operator's signer puts the signed annex on file; what it prints is what was decided."""
    with begin(rt, caller) as act:
        row = act.open(Contract, ref)
        files = on_file(act, [body.file])
        step = advance(act, CONTRACT, row, "file_annex", contract_situation(
            rt, act.session, caller, row, file=body.file, scope_digest=body.scope_digest,
            signed_on=body.signed_on), evidence=files,
            record={"file": body.file, "scope_digest": body.scope_digest,
                    "signed_on": body.signed_on.isoformat()})
        row.file, row.signed_on = body.file, body.signed_on
        row.signatures = [
            {"side": str(side), "name": name, "at": body.signed_on.isoformat()}
            for side, name in ((Side.INSTITUTION, body.institution_signatory),
                               (Side.OPERATOR, body.operator_signatory))]
        close_tasks(act, row)
        stop_clocks(act, row)
    return done(row, step)
