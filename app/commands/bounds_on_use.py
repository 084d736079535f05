"""Bounds on use of an application system, an institution or a product, beside those of a grant.

One person may tighten them at any time; two persons widen them (INV-04). Every decision counts
against all that bind it and the smallest remaining one is told.
"""

from collections.abc import Callable

from app.commands.advance import Step, advance, done
from app.commands.command import Body, Done, command, entry
from app.commands.filing import hand_on, permitted, proposed
from app.domain.callers import Caller
from app.domain.credentials import CLIENT_APP
from app.domain.institutions import INSTITUTION
from app.domain.lifecycle import Lifecycle, Situation
from app.domain.products import PRODUCT
from app.domain.quotas import is_tighter
from app.domain.refusals import GuardFailed
from app.store.situations import basics, owner
from app.store.situations_institutions import institution_situation
from app.store.situations_products import product_situation
from app.store.tables import Registered
from app.store.tables_institutions import ClientApp, Institution
from app.store.tables_supply import Product
from app.store.unit import Act, begin

MOST = 1_000_000_000


class Bounds(Body):
    """How often in each window, counted in subjects asked about; empty sets no bound."""

    per_second: int | None = entry("每秒上限", "Per second", default=None, ge=1, le=MOST)
    per_minute: int | None = entry("每分钟上限", "Per minute", default=None, ge=1, le=MOST)
    per_day: int | None = entry("每日上限", "Per day", default=None, ge=1, le=MOST)
    per_month: int | None = entry("每月上限", "Per month", default=None, ge=1, le=MOST)
    total: int | None = entry("总量上限", "In all", default=None, ge=1, le=MOST)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)

    def quota(self) -> dict[str, int]:
        said = self.model_dump(exclude={"reason"})
        return {word: limit for word, limit in said.items() if limit is not None}


def _of(lifecycle: Lifecycle, model: type[Registered], situation: Callable) -> tuple:
    """Both commands of a noun. `situation(rt, session, caller, row, reason)` is what guards see."""

    noun = lifecycle.noun

    @command(f"{noun}.tighten_quota", "收紧用量上限", "Tighten the bounds on use")
    def tighten(rt, caller: Caller, ref: str, body: Bounds) -> Done:
        with begin(rt, caller) as act:
            row = act.open(model, ref)
            _tighten(act, row, body)
        return done(row, quota=row.quota)

    @command(f"{noun}.widen_quota", "放宽用量上限", "Widen the bounds on use", factor=True)
    def widen(rt, caller: Caller, ref: str, body: Bounds) -> Done:
        with begin(rt, caller) as act:
            row = act.open(model, ref)
            seen = situation(rt, act.session, caller, row, body.reason)
            step = _widen(act, lifecycle, row, seen, body)
        return done(row, step, quota=row.quota)

    return tighten, widen


def _app_situation(*seen) -> Situation:
    return Situation(**basics(*seen))


def _tighten(act: Act, row: Registered, body: Bounds) -> None:
    """One person tightens; what would widen anything is refused and says how it is done."""
    permitted(act, row.noun, "tighten_quota")
    was, fresh = row.quota, body.quota()
    if not is_tighter(fresh, was):
        raise GuardFailed("有上限被放宽或取消，须由两人办理「放宽用量上限」",
                          "a bound is widened or lifted: two persons do that", code="G-SOD")
    row.quota = fresh
    act.touch(row)
    act.record(f"{row.noun}.tighten_quota", f"{row.noun}/{row.id}", institution=owner(row),
               private={"reason": body.reason}, was=was, quota=fresh)
    act.affects(row.noun, row.id, stops=True)


def _widen(act: Act, lifecycle: Lifecycle, row: Registered, situation: Situation,
           body: Bounds) -> Step:
    """Two persons sign the same bounds; whoever confirms may leave them empty."""
    given = proposed(act, row, "widen_quota", body.quota(), needed=False)
    step = advance(act, lifecycle, row, "widen_quota", situation, payload=given,
                   record={"quota": given, "before": row.quota})
    hand_on(act, row, step, row.number)
    if step:
        row.quota = given
        act.affects(row.noun, row.id)
    return step


tighten_app, widen_app = _of(CLIENT_APP, ClientApp, _app_situation)
tighten_institution, widen_institution = _of(INSTITUTION, Institution, institution_situation)
tighten_product, widen_product = _of(PRODUCT, Product, product_situation)
