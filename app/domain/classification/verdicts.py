"""The verdict on a column: element, identifier, level, how surely, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.classification import values
from app.domain.classification.business import Setting
from app.domain.classification.elements import Element, Elements
from app.domain.classification.facts import Profile
from app.domain.classification.naming import Reading
from app.domain.classification.values import Finding

DOUBT = 0.3  # off, where values of people stand under another name, or a better reading was refused

MISLED = ("contaminated", "counted")  # raised by what stands under a name that says something else


@dataclass(frozen=True)
class Candidate:
    """One element a column may be, how much speaks for it, and by which reading."""

    element: str
    weight: float
    reading: Reading | None


@dataclass(frozen=True)
class Reason:
    """One step of judging.

    Args:
        code: a key of `classification_rules/grading/reasons.yaml`.
        blanks: what stands in the blanks of its text.
    """

    code: str
    blanks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What a column is found to hold, and how it is graded.

    Args:
        confidence: 0 to 1, share of columns judged on such evidence that were judged rightly.
        evidence: the kind of evidence it rests on, a key of `Elements.calibration`.
        strength: how much speaks for it, 0 to 1, before calibration.
        distinct: distinct values looked at.
        runners_up: elements it might be instead, the likeliest first.
        why: the steps of judging, in order.
    """

    element: str | None
    identifier: str | None
    level: int
    personal: bool
    confidence: float
    evidence: str = "unread"
    strength: float = 0.0
    distinct: int = 0
    runners_up: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Graded:
    """A level, whether personal, and what raised it above what the name says."""

    level: int
    personal: bool
    why: tuple[Reason, ...] = ()


def verdict(found: Sequence[Candidate], finding: Finding, profile: Profile | None, rest: Graded,
            about: Setting, book: Elements) -> Verdict:
    """The verdict on a column whose candidates were weighed, at the level that rests on counts."""
    best = found[0] if found else Candidate("", 0.0, None)
    level, personal = grade(best.element, best.reading, about, book)
    misled = (rest.level > level or rest.personal > personal) and any(
        because.code in MISLED for because in rest.why) and best.element not in book.sets["loose"]
    why = [*_read(best), *_seen(best, finding, profile), *_graded(best, level, about, book)]
    kind, raw = _evidence(best, profile), max(0.0, _strength(found, finding) - DOUBT * misled)
    return Verdict(
        best.element or None, finding.identifier or None, rest.level, rest.personal,
        _confidence(kind, raw, book), kind, raw, profile.distinct if profile else 0,
        tuple(other.element for other in found[1:4]), (*why, *rest.why))


def doubted(verdict: Verdict, book: Elements) -> Verdict:
    """A verdict that something besides its own evidence changed, less surely so."""
    strength = max(0.0, verdict.strength - DOUBT)
    return replace(verdict, strength=strength,
                   confidence=_confidence(verdict.evidence, strength, book))


def grade(element: str, reading: Reading | None, about: Setting,
          book: Elements) -> tuple[int, bool]:
    """Level and whether personal, of an element in the company of this table."""
    regime = book.regimes[about.regime]
    if not element:
        return max(1, regime.floor), regime.personal
    declared = book.elements[element]
    level = regime.levels.get(element, declared.level)
    level = regime.heads.get(reading.head, level) if reading else level
    personal = declared.personal or element in regime.personal_elements
    if element not in book.stays:
        level, personal = max(level, regime.floor), personal or regime.personal
    if reading and reading.kind == "amount":
        level = max(level, regime.amounts.get(element, 1))
    level = max(level, regime.lift.get(element, 1))
    return level, personal


def _confidence(kind: str, raw: float, book: Elements) -> float:
    """The share of columns judged on evidence like this that were judged rightly.

    The steps were fitted on labelled tables; see `classification_rules/grading/calibration.yaml`.
    """
    steps = book.calibration.get(kind, ())
    return next((right for least, right in reversed(steps) if raw >= least), 0.0)


def _strength(found: Sequence[Candidate], finding: Finding) -> float:
    """What speaks for the best candidate, less for a close runner-up or against its values."""
    if not found:
        return 0.0
    margin = found[0].weight - (found[1].weight if len(found) > 1 else 0.0)
    raw = found[0].weight - max(0.0, 0.15 - margin) + 0.05 * finding.agrees
    return min(1.0, max(0.0, raw))


def _evidence(best: Candidate, profile: Profile | None) -> str:
    """The script that was read, and whether values were seen."""
    script = best.reading.script if best.reading else "unread"
    return f"{script}+values" if profile and profile.distinct else script


def reason(code: str, **blanks: object) -> Reason:
    return Reason(code, tuple((key, str(value)) for key, value in blanks.items()))


def _read(best: Candidate) -> Iterator[Reason]:
    if best.reading is None or best.reading.script == "values":
        yield reason("unread")
    else:
        yield reason(best.reading.script, words=" ".join(best.reading.words))


def _seen(best: Candidate, finding: Finding, profile: Profile | None) -> Iterator[Reason]:
    if profile is None or not profile.distinct:
        yield reason("empty")
        return
    told = {"distinct": profile.distinct, "share": f"{finding.share:.0%}",
            "identifier": finding.identifier}
    if finding.identifier and finding.share:
        code = "alone" if best.reading is None or best.reading.script == "values" \
            else "borne" if finding.agrees > 0 else "against"
        yield reason(code, **told)
    elif best.reading and best.reading.script == "values":
        yield reason("shape", shape=values.shape(profile), distinct=profile.distinct)
    elif finding.agrees < 0:
        bound = 1 - 0.05 ** (1 / profile.distinct)
        yield reason("none", distinct=profile.distinct, bound=f"{bound:.1%}")
    if profile.lost_precision:
        yield reason("lost", count=profile.lost_precision)


def _graded(best: Candidate, level: int, about: Setting, book: Elements) -> Iterator[Reason]:
    if about.business:
        yield reason("table", business=about.business.id, signs=" ".join(about.why[:4]))
    element = book.elements.get(best.element)
    if element:
        yield reason("element", element=element.id, level=element.level, schemes=_schemes(element))
    if element is None or level != element.level:
        regime = book.regimes[about.regime]
        yield reason("regime", regime=regime.id, level=level, source=regime.id)


def _schemes(element: Element) -> str:
    return ", ".join(f"{scheme} {level}" for scheme, level in element.schemes.items())
