"""One question being heard: what it names, looked up once, and every reason found against it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from app.domain.asks import Ask
from app.domain.law import Law
from app.domain.obligation_table import NOTHING, Plan
from app.domain.picture import (
    GrantPicture,
    HeadAgreementPicture,
    Picture,
    ProductFieldPicture,
    ProductVersionPicture,
    VersionPicture,
)
from app.domain.reservations import ConsentPicture, Counter, Need, OnRecord
from app.domain.served import served_of
from app.domain.vocabulary import EVERY

PASS, FAIL, NA, UNKNOWN = "PASS", "FAIL", "NA", "UNKNOWN"


class Reason(NamedTuple):
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
        self.served = served_of(picture, law, self.product, ask.product, self.version)
        self.datasets = self.served.datasets
        self.agreement = self._agreement()
        self.effective: dict[str, str] = {}
        self.bases: dict[str, str] = {}
        self.personal: list[ProductFieldPicture] = []
        self.plan: Plan = NOTHING

    def once_more(self, ask: Ask, at: str) -> "Hearing":
        """The same hearing of another question that differs in nothing the picture is asked about;
        what has to be looked up is found anew."""
        other = Hearing.__new__(Hearing)
        other.__dict__.update(self.__dict__)
        other.ask, other.at, other.reasons = ask, at, []
        other.need = other.on_record = other.consent = other.tightest = None
        return other

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
        product, right = self.product, self.right
        if product is None or right is None:
            return product.current if product else ""
        key = ("newest", product.id, right.version_from, right.version_to)
        newest = self.picture.kept.get(key)
        if newest is None:
            inside = [text for text in product.versions if is_in_range(text, right)]
            newest = self.picture.kept[key] = max(inside, key=ordered, default="")
        return newest

    def _agreement(self) -> HeadAgreementPicture | None:
        """The head agreement in force that lists the product and every dataset behind it."""
        for agreement in self.served.agreements:
            if agreement.begins <= self.at < agreement.ends:
                return agreement
        return None


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
