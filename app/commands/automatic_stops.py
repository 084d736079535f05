"""Automatic stops: the rules are read, denials are counted, what a rule hits is stopped.

An act per object, sealed with the rule and the digest of its file; two persons confirm or lift it
within 72 hours. Rules that cannot be read stop nobody and call a person instead.
"""

import logging
from pathlib import Path

from sqlmodel import select

from app.commands.grants import stopped
from app.commands.holds import placed
from app.domain.callers import SYSTEM
from app.domain.holds import Kind
from app.domain.refusals import NotRecorded, Refusal
from app.domain.stops import GROUND, StopRule, StopRules, Watched
from app.engines import stop_rules
from app.engines.rulefiles import BadRule
from app.store.denials import OBJECTS, stoppable
from app.store.tables import Task
from app.store.unit import begin, read

NOUN, UNREADABLE = "stop_rules", "mend"
log = logging.getLogger("hufu.stops")


def stop_due(rt, path: Path = stop_rules.RULES) -> int:
    """Stop what the rules hit now; how many objects. A second run finds nothing left to stop.

    Raises:
        NotRecorded: the registry cannot be written now.
    """
    codes = [code for code, text in rt.law.reasons.items() if text.class_ == "VIOLATION"]
    try:
        rules = stop_rules.load(path, codes)
    except BadRule as error:
        _alarm(rt, str(error), path.name)
        return 0
    _settled(rt)
    return sum(_stop(rt, rules, rule, key, count) for rule in rules.rules
               for key, count in _found(rt, rule))


def _found(rt, rule: StopRule) -> list[tuple[str, int]]:
    with read(rt) as session:
        return stoppable(session, rule, rt.clock())


def _stop(rt, rules: StopRules, rule: StopRule, key: str, count: int) -> bool:
    """One object stopped in its own act, unless somebody was quicker."""
    record = {"rule": rule.rule, "rules": rules.digest, "denials": count}
    reason = rule.reason(count)
    try:
        with begin(rt, SYSTEM) as act:
            # Who stops the object holds its row, so that a second process sees it stopped.
            row = act.get(OBJECTS[rule.watches][0], key)
            if not any(found == key for found, _ in stoppable(act.session, rule, act.at)):
                return False
            if rule.watches is Watched.GRANT:
                stopped(act, row, GROUND, reason, automatic=True, record=record)
            else:
                placed(act, str(rule.watches), key, Kind.INCIDENT, reason.zh, automatic=True,
                       record=record)
    except NotRecorded:
        raise
    except Refusal:
        return False
    return True


def _alarm(rt, why: str, name: str) -> None:
    """Security review is called once; the stop rules stay off until the file reads again."""
    log.error("rules of automatic stops cannot be read: %s", why.splitlines()[0][:200])
    with begin(rt, SYSTEM) as act:
        if act.first(_open_alarms()) is None:
            act.record(f"{NOUN}.unreadable", f"{NOUN}/{name}", private={"why": why})
            act.add(Task(id=act.new_id(), noun=NOUN, object_id=NOUN, number=name,
                         title=f"自动停用规则无法读取，自动停用未运行：{name}", action=UNREADABLE,
                         role="SEC_REVIEW", opened_at=act.at, due_at=act.at))


def _settled(rt) -> None:
    """The call is over once the rules can be read again."""
    with read(rt) as session:
        if session.exec(_open_alarms()).first() is None:
            return
    with begin(rt, SYSTEM) as act:
        for task in act.all(_open_alarms()):
            task.done_at, task.done_by = act.at, SYSTEM.account
            act.record(f"{NOUN}.readable", f"{NOUN}/{task.number}")


def _open_alarms():
    return select(Task).where(Task.noun == NOUN, Task.done_at.is_(None))
