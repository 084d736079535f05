"""Random values of a pattern's shape, with a fixed seed, to measure how many hold a check."""

from random import Random  # noqa: TID251 - seeded, so that a measured share can be had again
from re import _constants as ops
from re import _parser as parser


def values(pattern: str, many: int, seed: int = 20261122) -> list[str]:
    """Values the pattern draws, each choice alike; look-arounds are not obeyed."""
    tree, chance = parser.parse(pattern, 256), Random(seed)
    return [_draw(tree, chance) for _ in range(many)]


def _draw(tree, chance: Random) -> str:
    return "".join(_one(op, value, chance) for op, value in tree)


def _one(op, value, chance: Random) -> str:
    if op is ops.LITERAL:
        return chr(value)
    if op is ops.IN:
        return chr(chance.choice([code for each in value for code in _codes(*each)]))
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        least, most, inner = value
        return "".join(_draw(inner, chance) for _ in range(chance.randint(least, most)))
    if op is ops.SUBPATTERN:
        return _draw(value[-1], chance)
    if op is ops.BRANCH:
        return _draw(chance.choice(value[1]), chance)
    return ""


def _codes(op, value) -> range:
    if op is ops.LITERAL:
        return range(value, value + 1)
    if op is ops.RANGE:
        return range(value[0], value[1] + 1)
    return range(ord("0"), ord("9") + 1)
