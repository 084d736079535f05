"""Cases drafted by the operator: a narrowing of a grant that is unused or over broad, the
resumption of a suspended one.

The reading of domain rule §6.9 and §6.11 taken here: `AMEND_NARROW proposed` and `RESUME` say that
the operator may bring such a case on its way, not that it may decide for the institution. The rule
table knows one way to submit any kind of case, INST_MAKER confirmed by INST_SIGNER. So a reviewer
drafts, the draft lies on the institution's desk, and the institution edits, submits and signs it,
or withdraws it. Who drafted has made the case: they take no part in its intake, review or decision.
"""

from sqlmodel import select

from app.commands.advance import advance, done
from app.commands.clocks import open_task
from app.commands.command import Body, Done, Text, command, entry
from app.commands.filing import permitted, refuse
from app.domain.amendments import Kind
from app.domain.callers import Caller
from app.domain.grant_cases import GRANT_CASE, OPEN, State
from app.domain.grants import State as GrantState
from app.domain.narrowing import WIDER, differences
from app.domain.refusals import IllegalMove, Invalid
from app.domain.rights import Rights, as_document
from app.domain.rights_reading import read_rights
from app.store.case_views import rights_or_none
from app.store.chain import Moment, chain_of, current_version
from app.store.grant_use import Use, use_of
from app.store.situations_grants import Entered, judge
from app.store.tables_grants import Grant, GrantCase
from app.store.tables_supply import Product
from app.store.unit import Act, begin


class Proposal(Body):
    """What the operator proposes about a grant. A suspended grant is resumed, one in force
    narrowed: where nothing is written, to the fields it used."""

    title: Text = entry("申请事项", "Title", min_length=2, max_length=200)
    reason: str = entry("必要性说明", "Necessity", widget="textarea", min_length=2,
                         max_length=4000)
    requested: dict | None = entry("收窄后的目的、范围、方式、期限", "Rights after the narrowing",
                                   default=None, widget="json",
                                   help_zh="留空即去掉长期未用的数据项",
                                   help_en="empty drops the fields unused for long")


@command("grant.propose", "代拟变更或恢复", "Draft an amendment or resumption")
def propose(rt, caller: Caller, ref: str, body: Proposal) -> Done:
    """A draft on the institution's desk, with the operator's reason as its necessity."""
    with begin(rt, caller) as act:
        permitted(act, "grant", "propose")
        grant = act.open(Grant, ref)
        kind = Kind.RESUME if grant.state == GrantState.SUSPENDED else Kind.AMEND_NARROW
        _require_none_open(act, grant, kind)
        rights, use = _in_force(act, grant)
        row = act.create(
            GrantCase, number=act.number("GC"), kind=str(kind),
            institution_id=grant.institution_id, product_id=grant.product_id, grant_id=grant.id,
            title=body.title, state=str(State.DRAFT), maker=caller.person, necessity=body.reason,
            requested=_requested(act, grant, body, rights, use)
            if kind == Kind.AMEND_NARROW else {})
        act.session.flush()
        step = advance(act, GRANT_CASE, row, "propose", judge(
            rt, act.session, caller, row, body.reason,
            Entered(flags=tuple(str(flag) for flag in use.flags))).situation,
            record={"number": row.number, "case_kind": row.kind, "grant": grant.number})
        open_task(act, row, "submit", "INST_MAKER", f"运营机构代拟，请核对后提交：{row.title}")
    return done(row, step)


def _require_none_open(act: Act, grant: Grant, kind: Kind) -> None:
    """One case of a kind at a time: the desk of an institution is not filled with drafts.

    Raises:
        IllegalMove
    """
    number = act.first(select(GrantCase.number).where(
        GrantCase.grant_id == grant.id, GrantCase.kind == str(kind),
        GrantCase.state.in_([str(state) for state in OPEN])))
    if number:
        raise IllegalMove(f"该授权已有在办的同类申请 {number}",
                          f"application {number} of this kind is open for the grant already",
                          noun="grant", state=grant.state, action="propose")


def _in_force(act: Act, grant: Grant) -> tuple[Rights | None, Use]:
    moment = Moment(act.at, act.day)
    version = current_version(act.session, grant)
    rights = rights_or_none(act.rt, version.dimensions) if version else None
    return rights, use_of(act.session, grant, rights, chain_of(act.session, grant, moment), moment)


def _require_narrower(act: Act, proposed: Rights, present: Rights) -> None:
    """Refuse whatever would widen the grant, each at its place; what is absent only narrows.

    Raises:
        Invalid
    """
    law = act.rt.law
    refuse(((item.place, f"不得放宽：{item.zh}", f"may not be widened: {item.en}")
            for item in differences(proposed, present, law.purposes, law.vocabulary)
            if item.direction == WIDER), "G-NARROW")


def _requested(act: Act, grant: Grant, body: Proposal, rights: Rights | None, use: Use) -> dict:
    """The rights proposed: what is written, or those in force without the fields nobody used.

    Raises:
        Invalid: there is nothing to propose, or it is about another product.
    """
    if body.requested:
        proposed = read_rights(body.requested, act.rt.law.purposes, act.rt.law.vocabulary)
        if proposed.product != act.find(Product, grant.product_id).number:
            raise Invalid("范围中的产品与授权的产品不一致",
                          "`scope.product` is not the product of the grant", code="SCOPE.PRODUCT")
        if rights:
            _require_narrower(act, proposed, rights)
        return as_document(proposed)
    if rights is None or not use.unused_fields:
        raise Invalid("请填写收窄后的目的、范围、方式、期限", "say what the rights are narrowed to",
                      errors=[{"at": "requested", "zh": "必填", "en": "is required"}])
    document = as_document(rights)
    scope = document["scope"]
    return {**document, "scope": {**scope, "fields": [
        item for item in scope["fields"] if item["field"] not in use.unused_fields]}}
