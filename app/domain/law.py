"""The law of a decision: the rulebooks as read, and the sections of the access model as functions.

The domain does not know Casbin; it is handed the compiled sections through `Sections`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.domain.attributes import AttributePolicies
from app.domain.obligation_table import Duties
from app.domain.picture import VersionPicture
from app.domain.vocabulary import Purposes, ReasonText, Vocabulary


class Sections(Protocol):
    """The compiled contexts. `lines` is what a version carries; `ref` is `grant@number`."""

    def with_lines(self, grant: str, version: VersionPicture) -> VersionPicture: ...

    def purpose(self, lines, ref: str, purpose: str) -> bool: ...

    def fields(self, lines, ref: str, product: str, names: tuple[str, ...]) -> frozenset[str]: ...

    def method(self, lines, ref: str, method: tuple[str, ...]) -> bool: ...

    def term(self, lines, ref: str, at: str) -> bool: ...

    def ceiling(self, grade: str, action: str, channel: str, form: str) -> bool: ...


@dataclass(frozen=True)
class Law:
    """What decisions are made by. `digest` covers every rulebook file."""

    purposes: Purposes
    reasons: Mapping[str, ReasonText]
    vocabulary: Vocabulary
    attributes: AttributePolicies
    duties: Duties
    sections: Sections
    digest: str
