"""One question being heard: what it names, looked up once, and every reason found against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.domain.asks import Ask
from app.domain.law import Law
from app.domain.obligation_table import NOTHING, Plan
from app.domain.picture import (
    DatasetPicture,
    GrantPicture,
    HeadAgreementPicture,
    Picture,
    ProductFieldPicture,
    ProductVersionPicture,
    VersionPicture,
)
from app.domain.reservations import ConsentPicture, Counter, Need, OnRecord
from app.domain.vocabulary import EVERY

PASS, FAIL, NA, UNKNOWN = "PASS", "FAIL", "NA", "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks against a call. `asked` is a word of ours or the name of a member."""

    code: str
    ref: str = ""
    asked: str = ""
    limit: str = ""


class Hearing:
    """What the dimensions look at. Only reasons, effective fields and bases grow while it lasts."""

    def __init__(self, ask: Ask, picture: Picture, law: Law, at: str,
                 on_record: OnRecord | None = None) -> None:
        self.ask, self.picture, self.law, self.at = ask, picture, law, at
        self.need: Need | None = None
        self.on_record = on_record
        self.consent: ConsentPicture | None = None
        self.tightest: tuple[Counter, int] | None = None
        self.reasons: list[Reason] = []
        self.app = picture.apps.get(ask.app)
        self.credential = picture.credentials.get(ask.presented.credential)
        self.institution = picture.institutions.get(self.app.institution) if self.app else None
        self.product = picture.products.get(ask.product)
        self.is_ambiguous = False
        self.grant = self._grant()
        self.right: VersionPicture | None = self.grant.current if self.grant else None
        self.ref = f"{self.grant.id}@{self.grant.current.number}" if self.grant else ""
        self.newest = self._newest()
        self.version: ProductVersionPicture | None = (
            self.product.versions.get(ask.version or self.newest) if self.product else None)
        # A dataset that is unknown is missing here, and reported by the chain.
        known = picture.datasets
        self.datasets: list[DatasetPicture] = [
            known[name] for name in (self.version.datasets if self.version else ())
            if name in known]
        self.agreement = self._agreement()
        self.effective: dict[str, str] = {}
        self.bases: dict[str, str] = {}
        self.personal: list[ProductFieldPicture] = []
        self.plan: Plan = NOTHING
        self._ceilings: dict[str, bool] = {}

    def against(self, code: str, ref: str = "", asked: str = "", limit: str = "") -> None:
        self.reasons.append(Reason(code, ref, asked, limit))

    def _grant(self) -> GrantPicture | None:
        """The one grant this is decided under; several eligible ones are never added together."""
        ask, picture = self.ask, self.picture
        owner = self.app.institution if self.app else ""
        if ask.grant:
            named = picture.grants.get(ask.grant)
            return named if named and named.institution == owner else None
        held = [picture.grants[ref] for ref in picture.grants_of.get((owner, ask.product), ())]
        live = [grant for grant in held if self._is_eligible(grant)]
        self.is_ambiguous = len(live) > 1
        if self.is_ambiguous:
            return None
        return live[0] if live else max(held, key=lambda grant: grant.current.ends, default=None)

    def _is_eligible(self, grant: GrantPicture) -> bool:
        bound = self.credential.grants if self.credential else frozenset()
        return (grant.state == "ACTIVE" and grant.current.begins <= self.at < grant.current.ends
                and (EVERY in bound or grant.id in bound))

    def _newest(self) -> str:
        """The newest published version inside the grant's range; without a grant, the listed one.

        A narrowing version therefore binds at once every grant whose range it lies in.
        """
        if self.product is None or self.right is None:
            return self.product.current if self.product else ""
        inside = [text for text in self.product.versions if is_in_range(text, self.right)]
        return max(inside, key=ordered, default="")

    def _agreement(self) -> HeadAgreementPicture | None:
        """The head agreement in force that lists the product and every dataset behind it."""
        datasets = self.version.datasets if self.version else ()
        for agreement in self.picture.agreements.values():
            if (agreement.state == "IN_FORCE" and agreement.begins <= self.at < agreement.ends
                    and self.ask.product in agreement.products
                    and agreement.datasets.issuperset(datasets)):
                return agreement
        return None

    def may_leave(self, grade: str) -> bool:
        """Whether this grade may leave by the method asked and in the form of the product."""
        if grade not in self._ceilings:
            self._ceilings[grade] = self.law.sections.ceiling(
                grade, self.ask.action, self.ask.channel, self.version.output_form)
        return self._ceilings[grade]

    def is_personal(self, field: ProductFieldPicture) -> bool:
        """Whether a field tells about a natural person, duty posts included."""
        datasets = self.picture.datasets
        for dataset, source in field.sources:
            if datasets[dataset].fields[source].subject_kind != "ENTERPRISE":
                return True
        return False

    def may_be_personal(self, field: ProductFieldPicture) -> bool:
        """The same of a field whose sources may be unknown, which is refused elsewhere."""
        datasets = self.picture.datasets
        return any(source in datasets[dataset].fields
                   and datasets[dataset].fields[source].subject_kind != "ENTERPRISE"
                   for dataset, source in field.sources if dataset in datasets)


def is_in_range(version: str, right: VersionPicture) -> bool:
    """Whether a product version is one the grant reaches; both ends belong to the range."""
    return ordered(right.version_from) <= ordered(version) <= ordered(right.version_to)


@lru_cache(maxsize=4096)
def ordered(version: str) -> tuple[int, ...]:
    """`2.10` after `2.9`; text that is no version comes before every version."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (-1,)


def known(value: str, words: Mapping | frozenset | set, place: str) -> str:
    """The value when it is a word of ours, else the name of the member that holds it."""
    return value if value in words else place
