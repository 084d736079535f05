"""价格: what a product may cost. Public-benefit use is free, nothing exceeds its ceiling (INV-16).

Amounts are integer fen. Source: 发改价格〔2025〕65号.
"""

from dataclasses import dataclass
from datetime import date

from app.domain.titled import Titled

EVALUATION_YEARS = 3


class PriceClass(Titled):
    """How a product is paid for."""

    FREE = "FREE", "免费", "Free"
    CHARGED = "CHARGED", "收费", "Charged"
    NEGOTIATED = "NEGOTIATED", "协商定价", "Negotiated"


class PriceState(Titled):
    """Whether a price may be read outside the zone."""

    FILED = "FILED", "待公布", "Filed"
    PUBLISHED = "PUBLISHED", "已公布", "Published"


class PublicUse(Titled):
    """What the product is for."""

    PUBLIC_BENEFIT = "PUBLIC_BENEFIT", "公共治理、公益事业", "Public governance and benefit"
    INDUSTRY = "INDUSTRY", "产业发展、行业发展", "Industry development"


@dataclass(frozen=True)
class Price:
    """One price as proposed. Of a negotiated one, `list_price` is the public-data share."""

    price_class: str
    unit: str = ""
    list_price: int = 0
    ceiling: int | None = None
    ceiling_document: str = ""
    work: str = ""
    comparables: tuple[str, ...] = ()
    effective_from: date | None = None
    published_on: date | None = None


@dataclass(frozen=True)
class Fault:
    """One thing a price breaks, with the member it stands in."""

    where: str
    zh: str
    en: str


def faults(price: Price, public_use: str) -> tuple[Fault, ...]:
    """Everything this price breaks (G-PRICE); empty when it may be filed."""
    if price.price_class not in PriceClass.__members__:
        return (Fault("price_class", "价格类别未知", "the price class is unknown"),)
    found = []
    if public_use != PublicUse.INDUSTRY and price.price_class != PriceClass.FREE:
        found.append(Fault("price_class", "用于公共治理、公益事业的须免费",
                           "public-benefit use is free"))
    if price.price_class == PriceClass.FREE:
        if price.list_price:
            found.append(Fault("list_price", "免费产品的价格须为零",
                               "a free product costs nothing"))
        return tuple(found)
    return (*found, *_charged(price), *_negotiated(price))


def _charged(price: Price) -> tuple[Fault, ...]:
    found = []
    if price.ceiling is None or not price.ceiling_document:
        found.append(Fault("ceiling", "须登记上限价格及其文件",
                           "the ceiling price and its document must be on file"))
    elif price.list_price > price.ceiling:
        found.append(Fault("list_price", "价格高于上限价格",
                           "the price is over its ceiling"))
    if price.list_price < 1:
        found.append(Fault("list_price", "收费产品须有价格", "a charged product has a price"))
    if not price.unit:
        found.append(Fault("unit", "须写明计价单位", "the unit must be named"))
    return tuple(found)


def _negotiated(price: Price) -> tuple[Fault, ...]:
    if price.price_class != PriceClass.NEGOTIATED:
        return ()
    found = []
    if not price.work:
        found.append(Fault("work", "协商定价只适用于定制加工，须写明内容",
                           "negotiated prices are for customised work only: name it"))
    if not price.comparables:
        found.append(Fault("comparables", "须登记可比交易", "comparable deals must be recorded"))
    return tuple(found)


def is_published(price: Price, day: date) -> bool:
    """Whether the price stands before the public and applies on this day."""
    return (price.published_on is not None and price.published_on <= day
            and (price.effective_from is None or price.effective_from <= day))
