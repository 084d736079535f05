"""What the declared type and the names of a column rule out, whatever its values look like."""

import re

from app.domain.classification.facts import ColumnSpec
from app.domain.classification.identifiers import Identifiers
from app.domain.classification.naming import Reading, tokens_of

_TYPE = re.compile(r"\s*([A-Za-z_]+)(?:\s*\(\s*\d+\s*(?:,\s*(\d+)\s*)?\))?")
FAMILIES = {
    "date": "date", "datetime": "time", "timestamp": "time", "timestamptz": "time", "time": "time",
    "bool": "boolean", "boolean": "boolean", "bit": "boolean", "int": "integer",
    "integer": "integer", "bigint": "integer", "smallint": "integer", "tinyint": "integer",
    "mediumint": "integer", "float": "decimal", "double": "decimal", "real": "decimal",
    "money": "decimal", "decimal": "decimal", "numeric": "decimal", "blob": "binary",
    "bytea": "binary", "binary": "binary", "varbinary": "binary",
}


def family(declared_type: str) -> str:
    """The family of a declared type as databases spell it, ``""`` for text and what is not known.

    A DECIMAL without a fraction holds whole numbers; NUMBER may hold anything.
    """
    found = _TYPE.match(declared_type)
    known = FAMILIES.get(found[1].lower(), "") if found else ""
    whole = known == "decimal" and found[2] == "0"
    return "integer" if whole else known


def ruled_out(column: ColumnSpec, read: Reading | None, identifiers: Identifiers) -> frozenset[str]:
    """Identifiers a column cannot hold by its type, or of which its name says something else."""
    words = {*tokens_of(column.name), *(read.words if read else ())}
    told = family(column.declared_type)
    return frozenset(one.id for one in identifiers
                     if told in one.vetoes or not words.isdisjoint(one.against))
