"""Fits how sure a verdict is to how often such verdicts were right."""

from collections import defaultdict

from app.engines.classification.classifier import Sight
from app.engines.classification.words import RULES
from tests.bench import labelled

TARGET = RULES / "grading" / "calibration.yaml"
HEAD = """\
# Share of columns judged rightly (element and level) on each kind of evidence, by its strength.
# Fitted on labelled tables with `python -m tests.bench.labelled --calibrate`: steps rise with
# strength, each rests on `n` columns, and (right + 1) of (n + 2) are counted, so that few columns
# never say certain.
calibration:
"""
LEAST = 25


def write() -> None:
    """Writes the steps of every kind of evidence."""
    TARGET.write_text(fitted(), encoding="utf-8")


def fitted() -> str:
    """The steps of every kind of evidence, as the rule file holds them."""
    seen = defaultdict(list)
    for sight, titles in ((Sight.ALL, True), (Sight.NAMES, True), (Sight.NAMES, False),
                          (Sight.VALUES, True), (Sight.ALL, False)):
        verdicts = labelled.classify(labelled.samples(titles), sight)
        for _, row in labelled.rows(verdicts, Sight.ALL):
            found = row.verdict
            seen[found.evidence].append((found.strength, row.is_right))
    lines = [HEAD]
    for kind in sorted(seen):
        lines.append(f"  {kind}:\n")
        for least, right, n in steps(seen[kind]):
            lines.append(f"  - {{from: {least:.3f}, right: {right:.3f}, n: {n}}}\n")
    return "".join(lines)


def steps(found: list[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Least strength, share right and count of steps that rise: neighbours that fall are pooled."""
    pools: list[list] = []
    for raw, right in sorted(found):
        if pools and (pools[-1][2] < LEAST or raw == pools[-1][3]):
            pools[-1][1] += right
            pools[-1][2] += 1
            pools[-1][3] = raw
        else:
            pools.append([raw, int(right), 1, raw])
    merged: list[list] = []
    for pool in pools:
        merged.append(pool)
        while len(merged) > 1 and _share(merged[-2]) >= _share(merged[-1]):
            last = merged.pop()
            merged[-1][1] += last[1]
            merged[-1][2] += last[2]
    return [(pool[0] if i else 0.0, _share(pool), pool[2]) for i, pool in enumerate(merged)]


def _share(pool: list) -> float:
    return (pool[1] + 1) / (pool[2] + 2)
