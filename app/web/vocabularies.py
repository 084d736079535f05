"""The choices a page offers, by name: rulebook words, roles, states, checklists, objects."""

import importlib
from functools import cache

from app.domain.refusals import Refusal
from app.engines import categories
from app.engines.classification.suggestions import GradingRules
from app.queries.query import MOST, queries
from app.web.deeds import entry_title, lifecycles

# What is no lifecycle and has a state.
STATES_ELSEWHERE = {"decision": "decisions.Result", "price_entry": "prices.PriceState",
                    "process": "processes.Health", "policy_bundle": "what_ifs.BundleState"}


def state_title(noun: str, state: str) -> dict:
    """A state in both languages; unknown states show as they are."""
    if noun in STATES_ELSEWHERE:
        return _titled(STATES_ELSEWHERE[noun]).get(state, {"zh": state, "en": state})
    lifecycle = lifecycles().get(noun)
    try:
        member = lifecycle.states(state) if lifecycle else None
    except ValueError:
        member = None
    return {"zh": member.zh, "en": member.en} if member else {"zh": state, "en": state}


def words(rt, name: str) -> dict[str, dict]:
    """A rulebook vocabulary by code, in both languages; empty when there is none so named."""
    law = rt.law
    books = {"purposes": law.purposes.by_code, "actions": law.vocabulary.actions,
             "channels": law.vocabulary.channels, "environments": law.vocabulary.environments,
             "output_forms": law.vocabulary.output_forms,
             "treatments": law.vocabulary.treatments,
             "subject_kinds": law.vocabulary.subject_kinds}
    if name in books:
        return {code: {"zh": word.zh, "en": word.en} for code, word in books[name].items()}
    if name == "elements":
        return _elements(rt.grading_rules())
    if name == "categories":
        return {code: {"zh": word.zh, "en": word.en}
                for code, word in categories.published().items()}
    kind, _, rest = name.partition(":")
    if kind == "clauses" and rest in rt.cases.checklists:
        return {item.id: {"zh": item.title.zh, "en": item.title.en}
                for item in rt.cases.checklists[rest].items}
    if kind == "grounds":
        return {ground.code: {"zh": ground.title.zh, "en": ground.title.en}
                for ground in rt.cases.grounds_for(rest)}
    if kind == "states" and rest in lifecycles():
        return {state.value: {"zh": state.zh, "en": state.en}
                for state in lifecycles()[rest].states}
    return {} if rest else _titled(name)


@cache
def _elements(rules: GradingRules) -> dict[str, dict]:
    return {element.id: {"zh": element.title.zh, "en": element.title.en}
            for element in rules.book.elements.values()}


@cache
def _titled(name: str) -> dict[str, dict]:
    """A Titled enum of the domain named `module.Class`, as choices."""
    return {member.value: {"zh": member.zh, "en": member.en}
            for member in _of_domain(name)} if "." in name else {}


def _of_domain(name: str):
    module, _, member = name.rpartition(".")
    return getattr(importlib.import_module(f"app.domain.{module}"), member)


def options(rt, caller, name: str) -> list[tuple[str, object]]:
    """The choices of a named vocabulary, the objects of a noun (`noun:product`), or of a table of
    roles those that are the caller's to give (`own:products.REVIEWER`)."""
    kind, _, noun = name.partition(":")
    if kind == "own":
        return [(member.value, {"zh": member.zh, "en": member.en})
                for member, role in _of_domain(noun).items() if role in caller.roles]
    if kind == "noun":
        try:
            query = queries()[noun, False]
            page = query.run(rt, caller, query.filters(limit=MOST))
        except Refusal:
            return []
        return [(item.number, f"{item.number}  {getattr(item, 'name', getattr(item, 'title', ''))}")
                for item in page.items]
    found = words(rt, name)
    if name == "purposes":
        return [(code, {"zh": f"{title['zh']}（{code}）", "en": f"{title['en']} ({code})"})
                for code, title in found.items()]
    return [(code, {"zh": title["zh"], "en": title["en"]}) for code, title in found.items()]


def title_of(rt, vocabulary: str, code: str) -> dict:
    """One code of a vocabulary in words; the code itself when nobody defined it."""
    if vocabulary == "entries":
        return entry_title(code)
    return words(rt, vocabulary).get(code, {"zh": code, "en": code})
