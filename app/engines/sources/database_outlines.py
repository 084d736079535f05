"""What a database declares of its tables, asked for in bulk and without reading a row of them."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, inspect
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from app.domain.classification.facts import ColumnSpec
from app.domain.scans import Outline
from app.engines.sources.database_rows import Relation, declared_type
from app.engines.sources.remarks import shown


def outlines(connection: Connection, found: Iterable[Relation]) -> Mapping[str, Outline]:
    """Every table by its shown name: columns, comments, keys and rows by the statistics."""
    known = inspect(connection)
    relations = tuple(found)
    outlined: dict[str, Outline] = {}
    for schema in {relation.schema for relation in relations}:
        asked = {"schema": schema, "kind": ObjectKind.ANY, "scope": ObjectScope.ANY}
        columns, keys = known.get_multi_columns(**asked), known.get_multi_pk_constraint(**asked)
        try:
            titles = known.get_multi_table_comment(**asked)
        except NotImplementedError:
            titles = {}
        for relation in relations:
            place = (schema, relation.name)
            if relation.schema == schema:
                keyed = set((keys.get(place) or {}).get("constrained_columns") or ())
                outlined[relation.shown] = Outline(
                    relation.shown, shown((titles.get(place) or {}).get("text") or ""),
                    tuple(ColumnSpec(shown(str(one["name"])), shown(one.get("comment") or ""),
                                     declared_type(one, connection), one["name"] in keyed)
                          for one in columns.get(place, ())), relation.estimate)
    return outlined
