"""The shape of a value, and of a pattern: which kinds of characters stand where.

A pattern's shape is drawn from the pattern itself and never narrower, so that a value whose shape
does not fit need not be tried. Patterns that could run long on hostile text are named here too.
"""

import re
from dataclasses import dataclass
from re import _constants as ops  # the parse tree of a pattern has no public name
from re import _parser as parser

DIGIT, LETTER, HAN, OTHER = "9", "A", "\u5b57", "?"
_LIMIT = 40


class _Kinds(dict):
    """The kind of each character, found once."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = kind_of(chr(code))
        return kind


def kind_of(char: str) -> str:
    """``9``, ``A``, one Han sign for all, ``?`` for other scripts; signs stand for themselves."""
    if char.isascii():
        return DIGIT if char.isdigit() else LETTER if char.isalpha() else char
    if "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\U00020000" <= char:
        return HAN
    return OTHER if char.isalnum() else char


_KINDS = _Kinds()


def shape_of(text: str) -> str:
    """The text with each character replaced by its kind."""
    return text.translate(_KINDS)


def shown(shape: str) -> str:
    """A shape for people: runs counted, long ones cut; it holds no letter or digit of a value."""
    counted = re.sub(r"(.)\1{3,}", lambda run: f"{run[1]}{{{len(run[0])}}}", shape[:200])
    return counted if len(counted) <= _LIMIT else counted[:_LIMIT] + "\u2026"


@dataclass(frozen=True)
class Gate:
    """Which shapes a pattern can match.

    Args:
        shapes: matches every shape the pattern can match, and perhaps more.
        exact: every value of such a shape matches, so no value need be tried.
        least, most: how many characters a match has.
        digits: how many digits a match has at least.
        needs: a sign that stands in every match, or ``""``.
    """

    shapes: re.Pattern[str]
    exact: bool
    least: int
    most: int
    digits: int
    needs: str


def gate(pattern: str) -> Gate:
    """The gate drawn from a pattern over folded text."""
    tree = parser.parse(pattern, re.ASCII)
    source, exact = _sequence(tree)
    least, most = tree.getwidth()
    needs = sorted(_needs(tree), key=kind_of)
    return Gate(re.compile(source, re.ASCII | re.DOTALL), exact, least, int(most), _digits(tree),
                needs[0] if needs else "")


def _sequence(tree) -> tuple[str, bool]:
    parts = [_node(op, value) for op, value in tree]
    return "".join(source for source, _ in parts), all(exact for _, exact in parts)


def _node(op, value) -> tuple[str, bool]:
    if op is ops.LITERAL:
        kind = kind_of(chr(value))
        return re.escape(kind), kind not in (DIGIT, LETTER, HAN, OTHER)
    if op is ops.IN:
        return _members(value)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        least, most, inner = value
        source, exact = _sequence(inner)
        most = "" if most is ops.MAXREPEAT else most
        return f"(?:{source}){{{least},{most}}}", exact
    if op is ops.SUBPATTERN:
        source, exact = _sequence(value[-1])
        return f"(?:{source})", exact
    if op is ops.BRANCH:
        parts = [_sequence(branch) for branch in value[1]]
        return f"(?:{'|'.join(source for source, _ in parts)})", all(exact for _, exact in parts)
    if op in (ops.ASSERT, ops.ASSERT_NOT, ops.AT):
        return "", False
    return ".", False


def _digits(tree) -> int:
    """The fewest digits a match of the tree has."""
    total = 0
    for op, value in tree:
        if op is ops.LITERAL:
            total += kind_of(chr(value)) == DIGIT
        elif op is ops.IN:
            total += _members(value)[0] == f"[{DIGIT}]"
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            total += value[0] * _digits(value[2])
        elif op is ops.SUBPATTERN:
            total += _digits(value[-1])
        elif op is ops.BRANCH:
            total += min(map(_digits, value[1]))
    return total


def _needs(tree) -> set[str]:
    """Characters that stand in every match of the tree."""
    found: set[str] = set()
    for op, value in tree:
        if op is ops.LITERAL:
            found.add(chr(value))
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT) and value[0]:
            found |= _needs(value[2])
        elif op is ops.SUBPATTERN:
            found |= _needs(value[-1])
        elif op is ops.BRANCH:
            found |= set.intersection(*map(_needs, value[1]))
    return found


def _members(items) -> tuple[str, bool]:
    """The kinds a class of characters touches, and whether it holds each of them whole."""
    kinds: dict[str, int] = {}
    for op, value in items:
        if op is ops.LITERAL:
            low = high = value
        elif op is ops.RANGE:
            low, high = value
        elif op is ops.CATEGORY and value is ops.CATEGORY_DIGIT:
            low, high = ord("0"), ord("9")
        else:
            return ".", False
        for code in range(low, min(high, low + 127) + 1):
            kinds[kind_of(chr(code))] = kinds.get(kind_of(chr(code)), 0) + 1
        if high - low > 127:
            kinds[HAN] = kinds.get(HAN, 0) + (high - low)
    whole = {DIGIT: 10, LETTER: 26, HAN: 0x9FFF - 0x4E00}
    exact = all(count >= whole.get(kind, 1) for kind, count in kinds.items()) and OTHER not in kinds
    return f"[{''.join(map(re.escape, kinds))}]", exact


def backtracking_risk(pattern: str) -> str | None:
    """Why a pattern may run long on hostile text, or ``None``.

    Repeats are bounded, and a repeat within a repeat begins with a sign of its own that tells one
    round from the next; patterns do not refer back to what they matched.
    """
    return _risk(parser.parse(pattern, re.ASCII), False)


def _risk(tree, repeated: bool) -> str | None:
    for op, value in tree:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            least, most, inner = value
            if most is ops.MAXREPEAT or most > 100:
                return "a repeat without a bound of at most 100"
            varies = most > 1 and least != most
            if varies and repeated:
                return "a repeat within a repeat"
            marked = inner[0][0] is ops.LITERAL
            found = _risk(inner, (varies and not marked) or repeated)
        elif op is ops.SUBPATTERN:
            found = _risk(value[-1], repeated)
        elif op is ops.BRANCH:
            found = next(filter(None, (_risk(branch, repeated) for branch in value[1])), None)
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            found = _risk(value[1], repeated)
        elif op in (ops.GROUPREF, ops.GROUPREF_EXISTS):
            return "a reference back"
        else:
            found = None
        if found:
            return found
    return None
