"""The words of a decision: purposes in their tree, methods, forms, treatments and reasons.

The entries are read from `policies/access`; this file says what they mean and how they compare.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

NO_NODE = "-"
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Word:
    """A code with its titles; the marks say what a call using it must satisfy."""

    zh: str
    en: str
    personal: bool = False
    node: bool = False
    deliverable: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Methods a purpose is confined to in every decision; an empty list confines nothing."""

    actions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Purpose:
    """One node of the purpose tree."""

    zh: str
    en: str
    parent: str = ""
    prohibited: bool = False
    subject_authorization: str = ""
    separate_consent: bool = False
    covers: str = ""
    methods: tuple[str, ...] = ()
    human_review: bool = False
    only: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What a reason code means: where it is found, who mends it, and how it is said."""

    dimension: str
    class_: str
    remedy: str
    zh: str
    en: str


@dataclass(frozen=True)
class Purposes:
    """The purpose tree. Closures are computed once; unknown codes belong to nothing."""

    by_code: Mapping[str, Purpose]

    def __contains__(self, code: str) -> bool:
        return code in self.by_code

    def __getitem__(self, code: str) -> Purpose:
        return self.by_code[code]

    @cached_property
    def inner(self) -> frozenset[str]:
        """Codes that have something below them, and the root of the prohibited."""
        return frozenset(purpose.parent for purpose in self.by_code.values() if purpose.parent)

    @cached_property
    def upward(self) -> Mapping[str, frozenset[str]]:
        """Each code with itself and every node above it."""
        return {code: frozenset(self._climb(code)) for code in self.by_code}

    def _climb(self, code: str) -> list[str]:
        path: list[str] = []
        while code:
            if code in path:
                raise ValueError(f"purpose `{code}` is above itself")
            if code not in self.by_code:
                raise ValueError(f"purpose `{path[-1]}` names the unknown parent `{code}`")
            path.append(code)
            code = self.by_code[code].parent
        return path

    def is_leaf(self, code: str) -> bool:
        return code in self.by_code and code not in self.inner

    def is_within(self, code: str, nodes) -> bool:
        """Whether ``code`` is one of ``nodes`` or stands below one of them."""
        return not self.upward.get(code, frozenset()).isdisjoint(nodes)

    def leaves_below(self, node: str) -> tuple[str, ...]:
        return tuple(code for code in sorted(self.by_code)
                     if self.is_leaf(code) and node in self.upward[code])

    def links(self) -> tuple[tuple[str, str], ...]:
        """The tree as Casbin role links: a purpose and the node above it."""
        return tuple((code, entry.parent) for code, entry in self.by_code.items() if entry.parent)


@dataclass(frozen=True)
class Vocabulary:
    """Every word a decision may use. Forms and treatments are in order, weakest first."""

    actions: Mapping[str, Word]
    channels: Mapping[str, Word]
    environments: Mapping[str, Word]
    output_forms: Mapping[str, Word]
    treatments: Mapping[str, Word]
    subject_kinds: Mapping[str, Word]

    @cached_property
    def form_rank(self) -> Mapping[str, int]:
        return {form: rank for rank, form in enumerate(self.output_forms)}

    @cached_property
    def treatment_rank(self) -> Mapping[str, int]:
        return {treatment: rank for rank, treatment in enumerate(self.treatments)}

    @cached_property
    def treatment_order(self) -> tuple[str, ...]:
        return tuple(self.treatments)

    def stricter(self, known: str, other: str) -> str:
        """The stricter of two treatments, the first of them one of ours."""
        return known if known == other else self.strictest(known, other)

    def strictest(self, *treatments: str) -> str:
        """The strictest of several treatments; an unknown one hides the field altogether."""
        rank = self.treatment_rank
        height = max([rank.get(treatment, len(rank)) for treatment in treatments], default=0)
        return self.treatment_order[height] if height < len(rank) else "DROP"

    def is_form_within(self, form: str, ceiling: str) -> bool:
        """Whether ``form`` may leave the zone and reveals no more than ``ceiling``."""
        rank = self.form_rank
        return (form in rank and ceiling in rank and self.output_forms[form].deliverable
                and rank[form] <= rank[ceiling])
