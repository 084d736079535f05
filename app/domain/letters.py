"""A letter before it is printed: everything it says, as one plain value that can be sealed.

What is printed is a function of this value alone, so the same letter always has the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.domain.grounds import Words
from app.domain.instruments import NEEDS_REASONS, Kind, verification_code
from app.domain.numerals import chinese_date, english_date

TEMPLATES = frozenset({"letter", "return"})


@dataclass(frozen=True)
class LetterText:
    """What every instrument of one kind says. `letter` is the kind's own part of a serial."""

    kind: Kind
    letter: str
    template: str
    opening: Words
    closing: Words | None

    def blanks(self) -> frozenset[str]:
        """The facts an act must supply."""
        return self.opening.blanks() | (self.closing.blanks() if self.closing else frozenset())


@dataclass(frozen=True)
class Office:
    """Who writes, how to reach them, and where a code can be looked up.

    `letters` are the zone's own characters in every serial; `mark` is printed across each page
    of a letter that has no effect, such as one from a demonstration.
    """

    name: Words
    letters: str
    contact: Words
    lookup: str
    mark: Words | None = None


@dataclass(frozen=True)
class Draft:
    """What one act puts into a letter."""

    kind: Kind
    serial: str
    day: date
    recipient: Words
    facts: Mapping[str, str | Words] = field(default_factory=dict)
    particulars: tuple[tuple[Words, Words], ...] = ()
    reasons: tuple[dict, ...] = ()
    attachments: tuple[Words, ...] = ()
    english: bool = False


def compose(text: LetterText, office: Office, draft: Draft) -> dict:
    """Everything the letter says, its verification code included.

    Raises ValueError when a blank and the facts do not agree, or when a letter that takes
    something away gives no reason.
    """
    if draft.kind in NEEDS_REASONS and not draft.reasons:
        raise ValueError(f"`{draft.kind}` must give at least one reason")
    wrong = text.blanks() ^ frozenset(draft.facts)
    if wrong:
        raise ValueError(f"`{draft.kind}`: the blank `{min(wrong)}` and the facts do not agree")
    said = {
        "kind": str(draft.kind),
        "template": text.template,
        "title": {"zh": draft.kind.zh, "en": draft.kind.en},
        "serial": draft.serial,
        "issuer": office.name.plain(),
        "contact": office.contact.plain(),
        "recipient": draft.recipient.plain(),
        "opening": _filled(text.opening, draft.facts),
        "closing": _filled(text.closing, draft.facts) if text.closing else None,
        "particulars": [{"label": label.plain(), "text": content.plain()}
                        for label, content in draft.particulars],
        "reasons": list(draft.reasons),
        "attachments": [name.plain() for name in draft.attachments],
        "day": draft.day.isoformat(),
        "date": {"zh": chinese_date(draft.day), "en": english_date(draft.day)},
        "mark": office.mark.plain() if office.mark else None,
        "english": draft.english,
    }
    code = verification_code(said, draft.serial)
    return {**said, "verification": {"code": code, "address": f"{office.lookup}/{code}"}}


def _filled(text: Words, facts: Mapping[str, str | Words]) -> dict[str, str]:
    blanks = text.blanks()
    return text.filled({name: fact for name, fact in facts.items() if name in blanks}).plain()
