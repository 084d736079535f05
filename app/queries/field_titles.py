"""What a reason speaks of as people know it: fields and obligations by their titles."""

import re
from collections.abc import Mapping

from sqlmodel import Session, select

from app.domain.hearing import Reason
from app.domain.obligations import Obligation
from app.store.tables_supply import Product, ProductVersion

PLACE = re.compile(r"resource\.properties\.fields\[(\d{1,4})\]")


def titles(session: Session, product: str) -> dict[str, str]:
    """What every version of a product calls its fields, the newest version last."""
    versions = session.exec(select(ProductVersion).join(
        Product, Product.id == ProductVersion.product_id).where(Product.number == product)
        .order_by(ProductVersion.created_at, ProductVersion.id)).all()
    return {item["field"]: item.get("name", "") for row in versions for item in row.fields}


def in_words(reason: Reason, asked: Mapping, called: Mapping[str, str]) -> tuple[Reason, Reason]:
    """The reason in Chinese and in English, its fields named; ``asked`` is the sealed question,
    which keeps no name that no version has."""
    if reason.code == "PEP.OBLIGATION_UNSUPPORTED":
        kind = Obligation(reason.asked)
        return (reason._replace(asked=f"{kind.zh}（{kind.value}）"),
                reason._replace(asked=f"{kind.en.lower()} ({kind.value})"))
    place, code = PLACE.fullmatch(reason.asked), reason.asked
    if place and asked.get("fields_unknown", 1):
        number = int(place[1]) + 1
        return (reason._replace(asked=f"“调用所列第 {number} 项”（产品没有此字段）"),
                reason._replace(asked=f"no. {number} of the call (none of the product's)"))
    if place:
        code = asked["fields"][int(place[1])]
    title = called.get(code, "")
    zh, en = (f"{title}（{code}）", f"{code} ({title})") if title else (code, code)
    return tuple(reason._replace(asked=text, ref=text if reason.ref == code and title
                         else reason.ref) for text in (zh, en))
