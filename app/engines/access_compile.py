"""A Casbin matcher becomes a hash key and a few comparisons, once, when the model is loaded.

Conjuncts `r.x == p.y` are the key. One conjunct that can list what a pattern admits is keyed as
well. The rest is compiled over a closed list of syntax nodes: anything else refuses to load.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import casbin
from casbin.effect import Effector, effect_to_bool

Row = tuple[str, ...]
Truth = Callable[[Row, Row], bool]
COMPARISONS = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
               ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}

class Unloadable(ValueError):
    """The model says something that is not compiled; nothing is decided with it."""


@dataclass(frozen=True)
class NamedTest:
    """A named test of the matchers. `admits` lists what a pattern lets in, None if it cannot."""

    holds: Callable[[str, str], bool]
    admits: Callable[[str], tuple[str, ...] | None] | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """Rows found by key: `listed` by every value they admit, `open` those that cannot list any."""

    listed: Mapping[object, tuple[Row, ...]]
    open: Mapping[object, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class Section:
    """One context of the model, compiled: rows are folded once, then asked.

    `key` reads the tokens compared for equality from a request, `whole` those and the listed one;
    `policy_key` are the same tokens of a row. `listed` is a test that can list what it admits.
    """

    suffix: str
    request: tuple[str, ...]
    policy: tuple[str, ...]
    key: Callable[[Row], object]
    whole: Callable[[Row], object]
    policy_key: tuple[int, ...]
    listed: tuple[int, int, NamedTest] | None
    rest: tuple[Truth, ...]

    def fold(self, rows: Iterable[Row]) -> Folded:
        """Rows by key. A row with an empty value is refused: it would match an empty request."""
        listed: dict[object, list[Row]] = {}
        unlisted: dict[object, list[Row]] = {}
        for row in rows:
            if len(row) != len(self.policy) or not all(row):
                raise ValueError(f"a line of p{self.suffix} needs {len(self.policy)} values")
            key = [row[position] for position in self.policy_key]
            admitted = self._admitted(row)
            if admitted is None:
                unlisted.setdefault(_key(key), []).append(row)
            for value in admitted or ():
                listed.setdefault(_key([*key, *value]), []).append(row)
        return Folded({key: tuple(lines) for key, lines in listed.items()},
                      {key: tuple(lines) for key, lines in unlisted.items()})

    def _admitted(self, row: Row) -> list[Row] | None:
        if self.listed is None:
            return [()]
        _, position, test = self.listed
        values = test.admits(row[position]) if test.admits else None
        return None if values is None else [(value,) for value in values]

    def allows(self, folded: Folded, request: Row) -> bool:
        """Whether any row permits ``request``. Empty values and an absent row never do."""
        if "" in request or len(request) != len(self.request):
            return False
        rest = self.rest
        for row in folded.listed.get(self.whole(request), ()):
            if not rest:
                return True
            for holds in rest:
                if not holds(request, row):
                    break
            else:
                return True
        return bool(folded.open) and self._open_allows(folded, request)

    def allowing(self, folded: Folded, requests: Iterable[Row]) -> list[Row]:
        """Those of the requests that `allows` would permit, asked at once."""
        if self.rest or folded.open:
            return [request for request in requests if self.allows(folded, request)]
        listed, whole, size = folded.listed, self.whole, len(self.request)
        return [request for request in requests
                if whole(request) in listed and "" not in request and len(request) == size]

    def _open_allows(self, folded: Folded, request: Row) -> bool:
        asked, policy, test = self.listed or (0, 0, NamedTest(lambda *_: True))
        return any(test.holds(request[asked], row[policy])
                   and all(holds(request, row) for holds in self.rest)
                   for row in folded.open.get(self.key(request), ()))


def _key(values: list[str]) -> object:
    """A key as `itemgetter` gives it: the value itself when there is one."""
    return values[0] if len(values) == 1 else tuple(values)


def compiled(model: casbin.Model, suffix: str, tests: Mapping[str, NamedTest]) -> Section:
    """The section of ``model`` with this suffix.

    Raises:
        Unloadable: the matcher uses a node, name or test outside the closed list, or the effect
            would permit where no line does.
    """
    request = tuple(model["r"]["r" + suffix].tokens)
    policy = tuple(model["p"]["p" + suffix].tokens)
    require_strict_effect(model["e"]["e" + suffix].value)
    if any(token.endswith("_eft") for token in policy):
        raise Unloadable(f"p{suffix} has effects of its own; a line here only permits")
    keys: list[tuple[int, int]] = []
    listed = None
    rest: list[Truth] = []
    for part in conjuncts(model["m"]["m" + suffix].value):
        pair = equality(part, request, policy)
        if pair is not None:
            keys.append(pair)
            continue
        found = enumerable(part, request, policy, tests) if listed is None else None
        if found is not None:
            listed = found
        else:
            rest.append(truth(part, request, policy, tests))
    if not keys:
        raise Unloadable(f"m{suffix} has no equality to find its lines by")
    asked = [pair[0] for pair in keys]
    return Section(suffix, request, policy, operator.itemgetter(*asked),
                   operator.itemgetter(*asked, *([listed[0]] if listed else [])),
                   tuple(pair[1] for pair in keys), listed, tuple(rest))


def require_strict_effect(expression: str) -> None:
    """Casbin's own effector must permit on a match and refuse without one."""
    effector = casbin.effect.get_effector(expression)
    matched = effect_to_bool(effector.final_effect({Effector.ALLOW}))
    unmatched = effect_to_bool(effector.final_effect({Effector.INDETERMINATE}))
    if not matched or unmatched or effect_to_bool(effector.final_effect(set())):
        raise Unloadable(f"the effect `{expression}` permits without a line")


def conjuncts(matcher: str) -> list[ast.expr]:
    """The parts of a matcher that must all hold."""
    python = matcher.replace("&&", " and ").replace("||", " or ")
    try:
        body = ast.parse(python.strip(), mode="eval").body
    except SyntaxError as error:
        raise Unloadable(f"the matcher `{matcher}` cannot be read") from error
    if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And):
        return list(body.values)
    return [body]


def equality(part: ast.expr, request: Row, policy: Row) -> tuple[int, int] | None:
    """The positions compared when ``part`` is `r.x == p.y`, either way round."""
    if not (isinstance(part, ast.Compare) and len(part.ops) == 1
            and isinstance(part.ops[0], ast.Eq)):
        return None
    names = [side.id for side in (part.left, part.comparators[0]) if isinstance(side, ast.Name)]
    asked = [request.index(name) for name in names if name in request]
    lines = [policy.index(name) for name in names if name in policy]
    return (asked[0], lines[0]) if len(asked) == len(lines) == 1 else None


def enumerable(
    part: ast.expr, request: Row, policy: Row, tests: Mapping[str, NamedTest]
) -> tuple[int, int, NamedTest] | None:
    """The positions and test when ``part`` is `test(r.x, p.y)` and the test can list."""
    if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
            and part.func.id in tests and tests[part.func.id].admits and not part.keywords):
        return None
    names = [side.id for side in part.args if isinstance(side, ast.Name)]
    if len(names) == 2 and names[0] in request and names[1] in policy:
        return request.index(names[0]), policy.index(names[1]), tests[part.func.id]
    return None


def truth(node: ast.expr, request: Row, policy: Row, tests: Mapping[str, NamedTest]) -> Truth:
    """A function of a request and a row, over the closed list of nodes."""
    def part(inner: ast.expr) -> Truth:
        return truth(inner, request, policy, tests)

    if isinstance(node, ast.BoolOp):
        parts = tuple(part(value) for value in node.values)
        if isinstance(node.op, ast.And):
            return lambda r, p: all(holds(r, p) for holds in parts)
        return lambda r, p: any(holds(r, p) for holds in parts)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        compare = COMPARISONS[type(node.ops[0])]
        left = value(node.left, request, policy)
        right = value(node.comparators[0], request, policy)
        return lambda r, p: compare(left(r, p), right(r, p))
    if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in tests
            and len(node.args) == 2 and not node.keywords):
        holds_for = tests[node.func.id].holds
        first, second = (value(side, request, policy) for side in node.args)
        return lambda r, p: holds_for(first(r, p), second(r, p))
    raise Unloadable(f"`{ast.unparse(node)}` is not among what a matcher may say")


def value(node: ast.expr, request: Row, policy: Row) -> Callable[[Row, Row], str]:
    """What a name or a text constant stands for."""
    if isinstance(node, ast.Name) and node.id in request:
        position = request.index(node.id)
        return lambda r, p: r[position]
    if isinstance(node, ast.Name) and node.id in policy:
        position = policy.index(node.id)
        return lambda r, p: p[position]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        constant = node.value
        return lambda r, p: constant
    raise Unloadable(f"`{ast.unparse(node)}` is neither a token of the section nor a text")
