"""What a run over a source has read, what it left out and why; counts and names, never a value."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from app.domain.classification.facts import TableSample
from app.domain.refusals import Refusal
from app.domain.scans import Outline
from app.domain.wire import Malformed
from app.engines.sources.remarks import Remarks, unread


@dataclass(frozen=True)
class Skipped:
    """A table or file that was not read, and what to mend."""

    name: str
    zh: str
    en: str


Found = Iterator[tuple[TableSample, Remarks] | Skipped]


@dataclass(frozen=True)
class Item:
    """One thing of a source that is read on its own: a file, or a table of a database."""

    name: str
    read: Callable[[], Found]


@dataclass(frozen=True)
class Source:
    """What there is to read, in order; ``skipped`` lies there too and is of no kind we read.

    ``outlines`` asks a database what it declares of its tables, by the names of the items.
    """

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()
    close: Callable[[], None] = lambda: None
    outlines: Callable[[], Mapping[str, Outline]] = dict


@dataclass(frozen=True)
class TableRead:
    """One table as it was read."""

    name: str
    columns: int
    rows: int
    rows_total: int | None
    notes: tuple[str, ...]


@dataclass
class Report:
    """The run so far; grows while `samples` is consumed."""

    tables: list[TableRead] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: Remarks = field(default_factory=Remarks)

    @property
    def rows(self) -> int:
        """Rows of all samples."""
        return sum(table.rows for table in self.tables)

    def took(self, sample: TableSample, remarks: Remarks) -> None:
        """Count one table."""
        rows = max(map(len, sample.values.values()), default=0)
        self.tables.append(TableRead(
            sample.spec.name, len(sample.values), rows, sample.rows_total, sample.notes))
        for kind, count in remarks.counts.items():
            self.remarks.add(kind, count)


def samples(
    source: Source, report: Report, done: AbstractSet[str] = frozenset()
) -> Iterator[TableSample]:
    """The tables of the source one by one, held no longer than the caller holds them.

    What cannot be read is told in the report and the rest goes on. Items in ``done`` are passed
    over, so that a run that was cut short can go on where it stopped.
    """
    report.skipped.extend(source.skipped)
    for item in source.items:
        if item.name not in done:
            yield from _of_item(item, report)


def _of_item(item: Item, report: Report) -> Iterator[TableSample]:
    try:
        for found in item.read():
            if isinstance(found, Skipped):
                report.skipped.append(found)
            else:
                sample = _alone(found[0], {table.name for table in report.tables})
                report.took(sample, found[1])
                yield sample
    except (Refusal, Malformed) as error:
        report.skipped.append(Skipped(item.name, error.zh, error.en))
    except OSError as error:
        report.skipped.append(Skipped(item.name, *unread(error)))


def _alone(sample: TableSample, taken: AbstractSet[str]) -> TableSample:
    """The sample under a name that no table before it has."""
    name, number = sample.spec.name, 2
    while name in taken:
        name, number = f"{sample.spec.name}_{number}", number + 1
    return replace(sample, spec=replace(sample.spec, name=name))
