"""The words of codes: purposes, products, fields, as sentences and pages need them."""

from sqlmodel import Session

from app.store.chain import listed_version
from app.store.tables_supply import Product


def titles_of(rt, session: Session, product: Product | None) -> dict[str, dict[str, str]]:
    """Both titles of every purpose, of the product and of its fields, by code."""
    found = {code: {"zh": purpose.zh, "en": purpose.en}
             for code, purpose in rt.law.purposes.by_code.items()}
    if product is None:
        return found
    found[product.number] = {"zh": product.name, "en": product.name}
    version = listed_version(session, product)
    for entry in version.fields if version else ():
        found[entry["field"]] = {"zh": entry.get("name") or entry["field"],
                                 "en": entry["field"]}
    return found
