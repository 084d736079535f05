"""Datasets in service: frozen by one, thawed by two, retired after notice, storage cleared."""

from datetime import timedelta

from app.commands.advance import advance, done
from app.commands.clocks import close_tasks, open_task, start_clock, stop_clocks
from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import File, hand_on, impact, on_file, permitted, proposed
from app.domain.callers import Caller
from app.domain.datasets import DATASET, NOTICE_DAYS, State
from app.domain.refusals import IllegalMove
from app.store.situations_supply import dataset_situation
from app.store.tables_supply import Dataset
from app.store.unit import begin


@command("dataset.freeze", "冻结", "Freeze", factor=True)
def freeze(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """One person stops a dataset; every product and grant on it stops with the next decision."""
    return _move(rt, caller, ref, "freeze", body.reason)


@command("dataset.thaw", "解冻", "Thaw")
def thaw(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Two persons let a dataset flow again once the cause is cleared."""
    return _move(rt, caller, ref, "thaw", body.reason)


def _move(rt, caller: Caller, ref: str, action: str, reason: str) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        hit = impact(act, row)
        situation = dataset_situation(rt, act.session, caller, row, reason)
        step = advance(act, DATASET, row, action, situation, record={"impact": hit})
        hand_on(act, row, step, row.name)
        if step:
            act.affects("dataset", row.id, stops=step.move.stops)
    return done(row, step, impact=hit)


class Retirement(Body):
    """Why a dataset is retired; an order of the authority waives the notice period."""

    order: Text = entry("监管指令文号（如有）", "Order of the authority, if any", default="",
                        max_length=100)
    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@command("dataset.retire", "下线", "Retire", factor=True)
def retire(rt, caller: Caller, ref: str, body: Retirement) -> Done:
    """Two persons retire a dataset; institutions on it have 30 days unless an order says now."""
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        payload = proposed(act, row, "retire", {"order": body.order}, needed=False)
        hit = impact(act, row)
        situation = dataset_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, DATASET, row, "retire", situation, payload=payload,
                       reason_code="HOLD.ORDER" if payload["order"] else "",
                       record={"impact": hit, "ordered": bool(payload["order"])})
        hand_on(act, row, step, row.name)
        if step:
            row.retired_by_order = bool(payload["order"])
            row.retires_on = act.at + timedelta(days=0 if payload["order"] else NOTICE_DAYS)
            start_clock(act, row, "retirement-notice", NOTICE_DAYS, working=False)
            open_task(act, row, "complete_retire", "OPS", f"办结下线：{row.name}",
                      due=row.retires_on)
            act.affects("dataset", row.id, stops=True)
    return done(row, step, impact=hit)


class StorageProof(Body):
    """What became of the stored data, with its certificate."""

    wiped: bool = entry("已清除（否则为已返还）", "Wiped, not returned", default=True)
    file: File = entry("清除或返还证明", "Certificate", widget="file")


@command("dataset.file_storage_proof", "登记清除或返还证明", "File the storage certificate")
def file_storage_proof(rt, caller: Caller, ref: str, body: StorageProof) -> Done:
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        permitted(act, "dataset", "file_storage_proof")
        if row.state != State.RETIRING:
            raise IllegalMove("数据资源未在下线处理中", "the dataset is not being retired",
                              noun="dataset", state=row.state, action="file_storage_proof")
        on_file(act, [body.file])
        row.storage_proof = body.file
        act.record("dataset.file_storage_proof", f"dataset/{row.id}", file=body.file,
                   wiped=body.wiped)
    return done(row)


@command("dataset.complete_retire", "办结下线", "Complete retirement")
def complete_retire(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """Notice over, no product left, storage cleared, registration closed: the dataset is gone."""
    with begin(rt, caller) as act:
        row = act.open(Dataset, ref)
        situation = dataset_situation(rt, act.session, caller, row, body.reason)
        step = advance(act, DATASET, row, "complete_retire", situation,
                       evidence=(row.storage_proof,), record={"certificate": row.storage_proof})
        hand_on(act, row, step, row.name)
        if step:
            close_tasks(act, row)
            stop_clocks(act, row)
            act.affects("dataset", row.id, stops=True)
    return done(row, step)
