"""`./hufu replay DECISION`: a past decision made again, at the console; nothing is changed.

It reads as an auditor reads: decisions of every institution, as redacted as they are sealed.
"""

from collections.abc import Iterator
from dataclasses import replace

from app import runtime
from app.cli.pack import CONSOLE
from app.domain.roles import Role
from app.queries.replay import Basis, Made, Replay
from app.queries.replay import replay as made_again
from app.settings import load

READER = replace(CONSOLE, roles=frozenset({Role.AUDITOR.value}))
CHOICES = {basis.value.lower(): basis for basis in Basis}


def register(words) -> None:
    """Add the word to the parser."""
    word = words.add_parser("replay", help="make a past decision again, beside what was sealed")
    word.add_argument("decision", metavar="DECISION",
                      help="number, trace id or place in the trail")
    word.add_argument("--as-of", choices=sorted(CHOICES), metavar="|".join(sorted(CHOICES)),
                      help="one basis only: the registry as recorded then, what is recorded now"
                           " for then (valid), or as of now (all three)")
    word.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    word.set_defaults(run=run)


def run(asked) -> int:
    """0 when it comes out as sealed on the basis asked for, or as recorded then; 1 when not."""
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        found = made_again(rt, READER, asked.decision)
    finally:
        rt.close()
    judged = CHOICES.get(asked.as_of, Basis.RECORDED)
    shown = [made for made in found.made if not asked.as_of or made.basis == judged.value]
    print("\n".join(_lines(found, shown)))
    agrees = all(made.agrees for made in shown if made.basis == judged.value)
    return 0 if agrees and found.holds else 1


def _lines(found: Replay, shown: list[Made]) -> Iterator[str]:
    yield f"{found.number}  {found.at}"
    yield f"封存 / sealed: {found.state} {_codes(found)}".rstrip()
    if not found.holds:
        yield ("  ✗ 封存内容与轨迹叶子或索引不符 / the sealed text does not fit its leaf, "
               "or the index says otherwise")
    for made in shown:
        version = f"{made.grant}@{made.grant_version} " if made.grant else ""
        came = "一致 / alike" if made.agrees else "不同 / differs"
        yield f"{made.zh} / {made.en}: {made.state} {version}{_codes(made)}".rstrip() + f"  {came}"
        if not made.law_kept:
            yield "  当时的规则集没有保存 / the rulebooks of then were not kept"
        for one in made.differences:
            yield f"  {one.zh} / {one.en}"
            yield from (f"    - {line}" for line in one.sealed)
            yield from (f"    + {line}" for line in one.again)
    if found.taken:
        yield f"按封存的计 / taken as sealed: {' '.join(found.taken)}"


def _codes(told: Replay | Made) -> str:
    return " ".join(reason.code for reason in told.reasons)
