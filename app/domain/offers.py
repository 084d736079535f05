"""What a product version offers, and everywhere it is wider than the datasets it is made from.

Each link may only narrow the link above it (INV-03); a wider one is refused when it is saved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.grades import Ceiling, SubjectKind, ceiling_grade, over_ceiling
from app.domain.titled import Titled
from app.domain.vocabulary import Purposes, Vocabulary

RAW = "RAW_RECORD"


class Consent(Titled):
    """Whether the data subject must have authorized the call."""

    NONE = "NONE", "不需要", "Not needed"
    REQUIRED = "REQUIRED", "需要", "Required"


@dataclass(frozen=True)
class SourceField:
    """A field of a dataset as it stands now; `grade` is None while nobody has confirmed one."""

    grade: int | None
    grade_class: str
    subject_kind: str
    sensitive: bool
    mask: str
    prohibited: bool


@dataclass(frozen=True)
class Source:
    """A dataset as far as products may draw on it. An empty `allowed` sets no list."""

    state: str
    allowed: tuple[str, ...]
    forbidden: tuple[str, ...]
    fields: Mapping[str, SourceField]


@dataclass(frozen=True)
class OfferedField:
    """One field a product delivers, from one field of one dataset."""

    field: str
    dataset: str
    source: str
    treatment: str


@dataclass(frozen=True)
class Offer:
    """The dimensions of a product version; `methods` are (action, channel, environment)."""

    fields: tuple[OfferedField, ...]
    methods: tuple[tuple[str, str, str], ...]
    output_form: str
    purposes: tuple[str, ...]


@dataclass(frozen=True)
class Law:
    """The words and the ceiling an offer is measured by."""

    purposes: Purposes
    vocabulary: Vocabulary
    ceiling: Ceiling


@dataclass(frozen=True)
class Wider:
    """One place where the offer is wider than what it is made from."""

    where: str
    code: str
    zh: str
    en: str


def wider(offer: Offer, sources: Mapping[str, Source], law: Law) -> tuple[Wider, ...]:
    """Everything in which the offer exceeds its sources; empty when it only narrows."""
    return (*_fields(offer, sources, law), *_methods(offer, sources, law),
            *_purposes(offer, sources, law.purposes))


def _fields(offer: Offer, sources: Mapping[str, Source], law: Law) -> Iterable[Wider]:
    if not offer.fields:
        yield Wider("fields", "SCOPE.EMPTY", "至少选择一个数据项", "choose at least one field")
    names = [field.field for field in offer.fields]
    if len(names) != len(set(names)):
        yield Wider("fields", "SCOPE.DUPLICATE", "数据项名称重复", "a field name stands twice")
    for field in offer.fields:
        at = f"fields.{field.field}"
        origin = _origin(field, sources)
        if origin is None:
            yield Wider(at, "SCOPE.FIELD", "来源数据资源没有该数据项",
                        "no dataset of the offer has this field")
        elif origin.prohibited:
            yield Wider(at, "SCOPE.PROHIBITED", "禁止采集或使用的数据项",
                        "this field may not be collected or used")
        elif law.vocabulary.strictest(field.treatment, origin.mask) != field.treatment:
            yield Wider(at, "SCOPE.TREATMENT", "处理方式弱于数据项的默认脱敏",
                        "the treatment is weaker than the field's default mask")


def _origin(field: OfferedField, sources: Mapping[str, Source]) -> SourceField | None:
    source = sources.get(field.dataset)
    return source.fields.get(field.source) if source else None


def _methods(offer: Offer, sources: Mapping[str, Source], law: Law) -> Iterable[Wider]:
    if offer.output_form == RAW:
        yield Wider("output_form", "SCOPE.RAW_RECORD", "原始明细不得出域",
                    "raw records never leave the zone")
        return
    if not offer.methods:
        yield Wider("methods", "METHOD.EMPTY", "至少选择一种方式", "choose at least one method")
    known = (law.vocabulary.actions, law.vocabulary.channels, law.vocabulary.environments)
    for method in offer.methods:
        if any(code not in words for code, words in zip(method, known, strict=True)):
            yield Wider("methods", "METHOD.UNKNOWN", "方式代码未知", "a method code is unknown")
    ways = tuple(dict.fromkeys((action, channel) for action, channel, _ in offer.methods))
    for grade in sorted({_grade_of(field, sources) for field in offer.fields
                         if _origin(field, sources)}):
        for action, channel in over_ceiling(law.ceiling, grade, ways, offer.output_form):
            yield Wider("methods", "METHOD.CEILING",
                        f"{grade or '未定级'}数据不得以{action}/{channel}输出{offer.output_form}",
                        f"{grade or 'ungraded'} data may not leave as {offer.output_form} "
                        f"by {action} over {channel}")


def _grade_of(field: OfferedField, sources: Mapping[str, Source]) -> str:
    origin = _origin(field, sources)
    return ceiling_grade(origin.grade, origin.grade_class) if origin else ""


def _purposes(offer: Offer, sources: Mapping[str, Source], tree: Purposes) -> Iterable[Wider]:
    if not offer.purposes:
        yield Wider("purposes", "PURPOSE.EMPTY", "至少选择一个目的", "choose at least one purpose")
    for code in offer.purposes:
        if code not in tree or any(tree[node].prohibited for node in tree.upward[code]):
            yield Wider(f"purposes.{code}", "PURPOSE.UNKNOWN", "目的未知或属于禁止目的",
                        "the purpose is unknown or prohibited")
        elif any(not _permits(source, leaf, tree) for source in sources.values()
                 for leaf in tree.leaves_below(code)):
            yield Wider(f"purposes.{code}", "PURPOSE.WIDER", "超出来源数据资源允许的目的",
                        "a dataset of the offer does not allow this purpose")


def _permits(source: Source, leaf: str, tree: Purposes) -> bool:
    allowed = not source.allowed or tree.is_within(leaf, source.allowed)
    return allowed and not tree.is_within(leaf, source.forbidden)


def baseless(offer: Offer, sources: Mapping[str, Source], basis: Mapping[str, str],
             consent: str) -> tuple[str, ...]:
    """Fields about natural persons with neither consent nor a recorded legal basis (INV-11)."""
    if consent == "REQUIRED":
        return ()
    return tuple(field.field for field in offer.fields
                 if (origin := _origin(field, sources)) is not None
                 and origin.subject_kind == SubjectKind.PERSON
                 and not basis.get(field.field, "").strip())


@dataclass(frozen=True)
class Change:
    """One place in which a version differs from the one before it."""

    where: str
    widens: bool


def changes(old: Offer, new: Offer, vocabulary: Vocabulary) -> tuple[Change, ...]:
    """What differs from `old` to `new`; whatever is added, or shows more, widens."""
    found = []
    before = {field.field: field for field in old.fields}
    after = {field.field: field for field in new.fields}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found.append(Change(f"fields.{name}", False))
        elif name not in before or _origin_of(before[name]) != _origin_of(after[name]):
            found.append(Change(f"fields.{name}", True))
        elif before[name].treatment != after[name].treatment:
            stricter = vocabulary.strictest(before[name].treatment, after[name].treatment)
            found.append(Change(f"fields.{name}", stricter != after[name].treatment))
    for where, was, now in (("methods", old.methods, new.methods),
                            ("purposes", old.purposes, new.purposes)):
        if set(was) != set(now):
            found.append(Change(where, bool(set(now) - set(was))))
    if old.output_form != new.output_form:
        found.append(Change("output_form", not vocabulary.is_form_within(new.output_form,
                                                                        old.output_form)))
    return tuple(found)


def _origin_of(field: OfferedField) -> tuple[str, str]:
    return field.dataset, field.source
