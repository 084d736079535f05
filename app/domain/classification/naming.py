"""Reading a name: whose a column is and what it says, from title or code name, with how sure.

A name is cut into known words so that the most of it is covered by the fewest of them; several
ways are kept, since initials such as ``zt`` mean 状态 as well as 主体: the table decides.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.classification.lexicon import Lexicon, Role, Term

Look = Callable[[Sequence[str]], tuple[Term, ...]]
BEAM = 4
HEADLESS = "-"
CODED = ("code", "number", "name")  # 类型代码 is a type still
_ASIDE = re.compile(r"[(（【\[][^)）】\]]*[)）】\]]")
_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = re.compile(r"[\s\-_/、,，.。:：;；]+")
# A code name's evidence is weaker than a title's: initials collide, English is abbreviated freely.
TRUST = {"title": 0.96, "english": 0.85, "initials": 0.7}


@dataclass(frozen=True)
class Reading:
    """One way to read a name.

    Args:
        subject: id of whose it is, ``""`` when the name does not say.
        head: id of what it says, `HEADLESS` when it says only whose.
        kind: kind of the head.
        act: an office act stands in the name.
        weight: 0 to 1, how much of the name was read and how reliable its script is.
        words: the pieces read, for the reader.
        script: title, english, initials or values: what was read.
        before: element that stands right before a general head (民族 in 民族代码).
    """

    subject: str
    head: str
    kind: str
    act: bool
    weight: float
    words: tuple[str, ...]
    script: str
    before: str = ""


@dataclass(frozen=True)
class _Piece:
    term: Term
    units: tuple[str, ...]
    rank: int

    @property
    def surface(self) -> str:
        return "".join(self.units)


def read_title(title: str, lexicon: Lexicon) -> tuple[Reading, ...]:
    """The ways to read a Chinese title, best first; empty when no word of it is known."""
    folded = unicodedata.normalize("NFKC", title).strip()
    main = _NOISE.sub("", _ASIDE.sub("", folded)) or _NOISE.sub("", folded.strip("()"))
    if not any("\u4e00" <= c <= "\u9fff" for c in main):
        return read_code(main, lexicon)
    main = main.rstrip("0123456789")

    def look(units: Sequence[str]) -> tuple[Term, ...]:
        surface = "".join(units)
        return lexicon.zh.get(surface) or _latin(surface, lexicon)

    return _readings(list(main), look, 14, "title")


def _latin(surface: str, lexicon: Lexicon) -> tuple[Term, ...]:
    """A Latin word inside a Chinese title (主键id, etl入库时间)."""
    if surface.isascii() and surface.isalpha():
        return lexicon.en.get((surface.lower(),), ())
    return ()


def tokens_of(code: str) -> list[str]:
    """The pieces of a code name, in small letters: split at signs, digits and capitals."""
    return [token.lower() for token in _SPLIT.findall(unicodedata.normalize("NFKC", code))]


def read_code(code: str, lexicon: Lexicon) -> tuple[Reading, ...]:
    """The ways to read a code name in English, in pinyin, or in both."""
    tokens = [token for token in tokens_of(code) if not token.isdigit()]
    if not tokens:
        return ()
    found = list(_english(tokens, lexicon))
    joined = "".join(tokens)
    if len(tokens) > 1 or joined not in lexicon.words:
        found += _pinyin(tokens, lexicon)
    best = sorted(found, key=lambda reading: -reading.weight)
    return tuple(best[:BEAM * 2])


def _english(tokens: Sequence[str], lexicon: Lexicon) -> tuple[Reading, ...]:
    words: list[str] = []
    for token in tokens:
        words += _spelt(token, lexicon)

    def look(units: Sequence[str]) -> tuple[Term, ...]:
        return lexicon.en.get(tuple(units), ())

    return _readings(words, look, 4, "english")


def _spelt(token: str, lexicon: Lexicon) -> list[str]:
    """The words of a token: itself, what it abbreviates, or known words it runs together."""
    if (token,) in lexicon.en:
        return [token]
    if token in lexicon.abbreviations:
        return lexicon.abbreviations[token].split()
    if token in lexicon.words or len(token) < 5:
        return [token]
    known = _cut(token, lexicon)
    return [w for word in known for w in lexicon.abbreviations.get(word, word).split()] or [token]


def _cut(token: str, lexicon: Lexicon) -> list[str]:
    best: list[list[str] | None] = [[]] + [None] * len(token)
    for end in range(1, len(token) + 1):
        for start in range(max(0, end - 14), end - 1):
            head = best[start]
            piece = token[start:end]
            if head is None or not (piece in lexicon.words or piece in lexicon.abbreviations):
                continue
            if len(piece) == 2 and piece not in lexicon.abbreviations and piece != "id":
                continue
            if best[end] is None or len(head) + 1 < len(best[end] or []):
                best[end] = [*head, piece]
    return best[-1] or []


def _pinyin(tokens: Sequence[str], lexicon: Lexicon) -> tuple[Reading, ...]:
    letters = list("".join(tokens))

    def look(units: Sequence[str]) -> tuple[Term, ...]:
        surface = "".join(units)
        short = lexicon.initials.get(surface, ()) if len(units) > 1 else ()
        return short or lexicon.full.get(surface, ()) if len(units) > 1 else ()

    return _readings(letters, look, 24, "initials")


def _readings(units: Sequence[str], look: Look,
              longest: int, script: str) -> tuple[Reading, ...]:
    found: dict[tuple[str, str], Reading] = {}
    for pieces, covered in _segmentations(units, look, longest):
        if not pieces:
            continue
        if pieces[0].term.id == "flag" and units[:len(pieces[0].units)] == list(pieces[0].units):
            covered = max(covered, round(0.8 * len(units)))  # whatever it asks, it is a question
        fewer = 0.98 ** (len(pieces) - 1 + sum(piece.rank for piece in pieces))
        weight = TRUST[script] * fewer * (covered / len(units)) ** 0.6
        reading = _read(pieces, look, script, weight)
        key = (reading.subject, reading.head)
        if key not in found or found[key].weight < reading.weight:
            found[key] = reading
    return tuple(sorted(found.values(), key=lambda reading: -reading.weight)[:BEAM])


def _segmentations(units: Sequence[str], look: Look,
                   longest: int) -> Iterator[tuple[tuple[_Piece, ...], int]]:
    """The best ways to cover the units with terms: long words before short ones."""
    ways: list[list[tuple[float, int, tuple[_Piece, ...]]]] = [[] for _ in range(len(units) + 1)]
    ways[0] = [(0.0, 0, ())]
    for end in range(1, len(units) + 1):
        here = [(score - 0.6, covered, pieces) for score, covered, pieces in ways[end - 1]]
        for start in range(max(0, end - longest), end):
            terms = look(units[start:end])
            for score, covered, pieces in ways[start] if terms else ():
                for rank, term in enumerate(terms):
                    piece = _Piece(term, tuple(units[start:end]), rank)
                    fit = _fit(term, end == len(units)) - rank * 0.2
                    here.append((score + (end - start) ** 1.7 + fit,
                                 covered + end - start, (*pieces, piece)))
        here.sort(key=lambda way: -way[0])
        ways[end] = here[:BEAM * 3]
    for _, covered, pieces in ways[-1]:
        yield pieces, covered


def _fit(term: Term, last: bool) -> float:
    """What a name says stands last; an act in last place says little."""
    if term.role is Role.ACT:
        return -1.5 if last else -0.2
    if term.role is Role.SUBJECT:
        return -0.5 if last else 0.2
    return 0.3 if term.role is Role.ELEMENT else 0.2 if last else 0.0


def _read(pieces: Sequence[_Piece], look: Look, script: str, weight: float) -> Reading:
    says = [i for i, piece in enumerate(pieces)
            if piece.term.role in (Role.ATTRIBUTE, Role.ELEMENT)]
    acts = any(piece.term.role is Role.ACT for piece in pieces)
    words = tuple(piece.surface for piece in pieces)
    at = says[-1] if says else None
    if pieces[0].term.id == "flag" and len(pieces) > 1:  # 是否匿名: a flag about something
        last = pieces[-1].term
        return Reading("", "flag", "flag", acts, weight, words, script,
                       last.id if last.role is Role.ELEMENT else "")
    while at and pieces[at].term.id in CODED and pieces[at - 1].term.role in (
            Role.ATTRIBUTE, Role.ELEMENT) and pieces[at - 1].term.id != "unit":
        if pieces[at - 1].term.role is Role.ELEMENT and pieces[at - 1].term.kind != "code":
            break
        at -= 1
    subject = _subject(pieces, at if at is not None else len(pieces))
    if at is None or any(piece.term.role is Role.SUBJECT for piece in pieces[at + 1:]):
        return Reading(_subject(pieces, len(pieces)), HEADLESS, "", acts, weight, words,
                       script)
    head = pieces[at].term
    near = pieces[at - 1].term if at else None
    before = near.id if near and near.role is Role.ELEMENT else ""
    return Reading(subject, head.id, _kind(pieces[at], look), acts, weight, words,
                   script, before)


def _kind(piece: _Piece, look: Look) -> str:
    """What kind of value an element is here: 贷款发放日期 is of a loan, and a date."""
    if piece.term.role is Role.ELEMENT and piece.term.kind not in ("date", "time", "key"):
        for start in range(1, len(piece.units)):
            ends = {term.kind for term in look(piece.units[start:])
                    if term.role is Role.ATTRIBUTE} & {"date", "amount", "count", "ratio"}
            if ends:
                return min(ends)
    return piece.term.kind


def _subject(pieces: Sequence[_Piece], until: int) -> str:
    """Whose: the last one named before the head; after an act a unit is an authority."""
    for i in range(until - 1, -1, -1):
        term, acted = pieces[i].term, i > 0 and pieces[i - 1].term.role is Role.ACT
        if term.role is Role.SUBJECT:
            return "staff" if term.id == "person" and acted else term.id
        if term.id == "unit" and term.role is Role.ATTRIBUTE:
            return "authority" if acted else "unit"
    return ""
