"""The law `./hufu certify` decides by: that of a zone, with the AuthZEN scenario's policies."""

import hashlib
from dataclasses import replace

from app.domain.attributes import AttributePolicies, AttributePolicy
from app.domain.law import Law
from app.engines import rulebooks
from app.engines.strict_yaml import document

FILE = rulebooks.FOLDER.parent / "certification" / "attributes.yaml"


def load() -> Law:
    """The law with the fixture in it, under a digest of its own.

    Raises:
        BadRule: the fixture says something nobody defined.
    """
    law = rulebooks.load()
    policies = AttributePolicies(tuple(
        rulebooks.unpacked(AttributePolicy, entry, f"certification {number}")
        for number, entry in enumerate(document(FILE, "policies"), start=1)))
    seal = hashlib.sha256(law.digest.encode() + FILE.read_bytes())
    return replace(law, attributes=policies, digest="sha256:" + seal.hexdigest())
