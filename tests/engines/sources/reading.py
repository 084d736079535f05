"""How the tests of sources read one thing: its tables, and what was said about them."""

from app.engines.sources.report import Report, Source, samples
from app.engines.sources.sampling import Limits


def read(source: Source) -> tuple[dict, Report]:
    """The samples by table name, and the report of the run."""
    report = Report()
    found = {sample.spec.name: sample for sample in samples(source, report)}
    return found, report


def only(reader, path, **limits):
    """The one sample a reader finds in a file, and the counts of what it remarked on."""
    (found,) = list(reader(path, Limits(**limits)))
    sample, remarks = found
    return sample, remarks.counts
