"""The rulebooks as this process reads them: the law of decisions and the words of cases, once."""

from functools import cache

from app.domain.law import Law
from app.engines import rulebooks, rulefiles


@cache
def law() -> Law:
    """Purposes, vocabulary, reasons and the compiled access model."""
    return rulebooks.load()


@cache
def words() -> rulefiles.CaseWords:
    """Grounds of refusals, articles they rely on, checklists of agreements."""
    return rulefiles.load_cases()
