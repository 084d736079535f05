"""What scanning costs: the compiled scan beside Presidio's own batch engine, on the same values."""

import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

from app.demo.columns import easy, hard

SEED = "bench"
COLUMNS, ROWS, CORES = 3000, 3000, 2
SENTENCES = 400


def measure(whole: bool) -> dict[str, float]:
    """Figures of one run; ``whole`` adds the catalogue of 3,000 columns of 3,000 values."""
    columns = [column.values for column in easy(SEED) if not column.contaminated]
    scanned = _scan_rate(columns)
    batch = _batch_rate(columns)
    measured = {"values_per_second": round(scanned), "presidio_values_per_second": round(batch),
                "scan_over_presidio": round(scanned / batch, 1),
                "sentences_per_second": round(_sentence_rate()),
                "right_easy": _right(easy(SEED + "-drawn-anew", 500)),
                "right_hard": _right(hard(SEED + "-drawn-anew"))}
    if whole:
        measured["catalogue_seconds"] = round(_catalogue(), 1)
    measured["scan_rss_mb"] = round(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return measured


def _rate(work: Callable[[], int]) -> float:
    """Units of work a second of this process's own time."""
    begun = time.process_time()
    done = work()
    return done / (time.process_time() - begun)


def _scan_rate(columns: Sequence[Sequence[str]]) -> float:
    from app.domain.classification.profiling import profile
    from app.engines.classification.rules import identifiers

    known = identifiers()
    profile(columns[0][:100], known)

    def work() -> int:
        for values in columns:
            profile(values, known)
        return sum(map(len, columns))

    return _rate(work)


def _batch_rate(columns: Sequence[Sequence[str]]) -> float:
    """Presidio's batch engine over the same identifiers; forty values of each column are enough.

    Its name tagger is left out, since a scan of columns does not run it either.
    """
    from presidio_analyzer import BatchAnalyzerEngine

    from app.engines.classification.recognizers import engine as engine_of
    from app.engines.classification.rules import identifiers

    engine = BatchAnalyzerEngine(analyzer_engine=engine_of(identifiers(), _Nameless()))
    values = [value for column in columns for value in column[:40]]
    list(engine.analyze_iterator(values[:5], language="zh"))

    def work() -> int:
        list(engine.analyze_iterator(values, language="zh"))
        return len(values)

    return _rate(work)


class _Nameless:
    """A finder of names that finds none."""

    def find(self, texts: Sequence[str]) -> list[list]:
        return [[] for _ in texts]


def _sentence_rate() -> float:
    """Sentences a second that names, companies and addresses are found in; on the clock."""
    from app.engines.classification.chinese_names import names

    found = next(column for column in easy(SEED, SENTENCES) if column.contaminated).values
    finder = names()
    finder.find(found[:8])
    begun = time.perf_counter()
    finder.find(found)
    return len(found) / (time.perf_counter() - begun)


def _right(columns) -> float:
    """Share of columns told rightly by their values alone."""
    from app.domain.classification import values
    from app.domain.classification.profiling import profile
    from app.engines.classification.rules import identifiers
    from app.engines.classification.words import elements

    known, right = identifiers(), 0
    for column in columns:
        seen = profile(column.values, known)
        told = values.found(seen, (), named=False, identifiers=known,
                            book=elements())
        text = bool(values.contamination(seen, elements())) and not told.identifier
        right += (told.identifier or None) == column.identifier and text == column.contaminated
    return right / len(columns)


def _catalogue() -> float:
    """Seconds for 3,000 columns of 3,000 values on two cores; a hundred are drawn and reused."""
    drawn = [column.values for n in range(5) for column in easy(f"{SEED}-{n}", ROWS)]
    work = [drawn[n % len(drawn)] for n in range(COLUMNS)]
    begun = time.perf_counter()
    with ProcessPoolExecutor(CORES) as pool:
        for _ in pool.map(_one, work, chunksize=10):
            pass
    return time.perf_counter() - begun


def _one(values: Sequence[str]) -> int:
    from app.domain.classification.profiling import profile
    from app.engines.classification.rules import identifiers

    return profile(values, identifiers()).distinct
