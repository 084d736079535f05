"""Lists that recognizers look things up in: codes with their words, and words by kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class CodeTable:
    """One list of `classification_rules/codes`.

    Args:
        rows: the first member of each line to all others by name.
    """

    name: str
    rows: tuple[Mapping[str, str], ...]
    key: str

    @cached_property
    def keys(self) -> frozenset[str]:
        """What stands in the first column."""
        return frozenset(row[self.key] for row in self.rows)

    @cached_property
    def known(self) -> frozenset[str]:
        """Codes, their Chinese words and other ways to say them."""
        said = {word for row in self.rows for word in row.get("also", "").split()}
        said |= {row["letters"] for row in self.rows if row.get("letters")}
        return self.keys | said | {row["zh"] for row in self.rows if "zh" in row}

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[str, ...]]:
        kinds = dict.fromkeys(row.get("kind", "") for row in self.rows)
        return {kind: tuple(row[self.key] for row in self.rows if row.get("kind") == kind)
                for kind in kinds}

    def of(self, *kinds: str) -> tuple[str, ...]:
        """First members of the lines of these kinds, in the order of the list."""
        if len(kinds) == 1:
            return self._by_kind[kinds[0]]
        return tuple(word for kind in kinds for word in self._by_kind[kind])


@dataclass(frozen=True)
class CodeTables:
    """All lists by name."""

    tables: Mapping[str, CodeTable] = field(default_factory=dict)

    def __getitem__(self, name: str) -> CodeTable:
        return self.tables[name]
