"""What all calls of one product version share, worked out once for each picture.

A picture never changes, so neither does what is kept here; a newer picture begins with nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.law import Law
from app.domain.picture import (
    DatasetPicture,
    HeadAgreementPicture,
    Picture,
    ProductFieldPicture,
    ProductPicture,
    ProductVersionPicture,
)

UNRESOLVED = ("",)


@dataclass(frozen=True, slots=True)
class ServedField:
    """A field of a product version with what its sources say.

    `grades` are the ceilings it must pass: its level, and level 5's when it is important data;
    "" stands for a source that is missing, prohibited or outside the product's datasets.
    `treatment` is the strictest of product and sources (INV-03).
    """

    field: ProductFieldPicture
    grades: tuple[str, ...]
    treatment: str
    is_personal: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A product version with its datasets, fields and the head agreements that cover it.

    `has_persons` says that a field is about natural persons, `has_bare` that one of them has no
    legal basis of its own; `leaving`, `barred` and `treated` are filled as they are asked.
    """

    datasets: tuple[DatasetPicture, ...] = ()
    fields: Mapping[str, ServedField] = field(default_factory=dict)
    agreements: tuple[HeadAgreementPicture, ...] = ()
    has_persons: bool = False
    has_bare: bool = False
    leaving: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    barred: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    treated: dict[int, tuple[Mapping[str, str], dict[tuple, dict[str, str]]]] = field(
        default_factory=dict)


def served_of(picture: Picture, law: Law, product: ProductPicture | None, name: str,
              version: ProductVersionPicture | None) -> Served:
    """What calls of this version share; ``name`` is the product asked for."""
    key = (law.digest, name, version.version if version else "")
    found = picture.kept.get(key)
    if found is None:
        found = _worked_out(picture, law, name, version)
        if product is not None:
            picture.kept[key] = found
    return found


def _worked_out(picture: Picture, law: Law, name: str,
                version: ProductVersionPicture | None) -> Served:
    # A dataset that is unknown is missing here, and reported by the chain.
    names = version.datasets if version else ()
    covering = tuple(each for each in picture.agreements.values() if each.state == "IN_FORCE"
                     and name in each.products and each.datasets.issuperset(names))
    if version is None:
        return Served(agreements=covering)
    fields = {each.name: _served_field(picture, law, version, each)
              for each in version.fields.values()}
    return Served(tuple(picture.datasets[each] for each in names if each in picture.datasets),
                  fields, covering, any(each.is_personal for each in fields.values()),
                  any(each.is_personal and not each.field.legal_basis
                      for each in fields.values()))


def _served_field(picture: Picture, law: Law, version: ProductVersionPicture,
                  sold: ProductFieldPicture) -> ServedField:
    grades: list[str] = []
    stated = [sold.treatment]
    is_personal = False
    for name, source in sold.sources:
        dataset = picture.datasets.get(name)
        origin = dataset.fields.get(source) if dataset else None
        if dataset is None or origin is None:
            grades.append("")
            continue
        is_personal = is_personal or origin.subject_kind != "ENTERPRISE"
        stated.append(origin.treatment)
        if origin.prohibited or name not in version.datasets:
            grades.append("")
        grades.append(f"L{origin.level}" if origin.level else "UNGRADED")
        classes = {origin.data_class, dataset.data_class}
        if classes - {"GENERAL"}:
            grades.append("L5" if classes <= {"GENERAL", "IMPORTANT"} else "CORE")
    unresolved = not grades or "" in grades
    return ServedField(sold, UNRESOLVED if unresolved else tuple(dict.fromkeys(grades)),
                       law.vocabulary.strictest(*stated), is_personal)
