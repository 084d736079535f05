"""Column kinds that mean the same on SQLite and on PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, Index, Integer, Text, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from app.domain.canonical import instant, parse_instant


class Instant(TypeDecorator):
    """An aware instant, stored as fixed-width UTC text so that both engines order it alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else instant(value)

    def process_result_value(self, value, dialect):
        return None if value is None else parse_instant(value)


def instant_field(**options) -> datetime:
    """A required instant; `default=None` makes it optional."""
    nullable = "default" in options and options["default"] is None
    return Field(sa_type=Instant, nullable=nullable, **options)


def json_field(default_factory=dict, **options):
    """A JSON document; lists and objects only, never a bare string."""
    return Field(default_factory=default_factory, sa_type=JSON, nullable=False, **options)


# A place in the trail. On SQLite every integer has 64 bits, and only INTEGER is its row number.
Place = BigInteger().with_variant(Integer, "sqlite")


def place_field(**options) -> int:
    """A place in the trail or a count of its entries; never drawn from a sequence."""
    if options.get("primary_key"):
        options["sa_column_kwargs"] = {"autoincrement": False}
    return Field(sa_type=Place, **options)


def index_where(name: str, column: str, holds: str) -> Index:
    """An index over the rows of which this holds; who searches by it says so in the same words."""
    return Index(name, column, sqlite_where=text(holds), postgresql_where=text(holds))


EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
