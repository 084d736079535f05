"""`./hufu verify-trail`: recompute the tree from its rows and compare with everything kept."""

from app import runtime
from app.queries.trail_check import recompute
from app.settings import load


def register(words) -> None:
    """Add the word to the parser."""
    word = words.add_parser("verify-trail", help="recompute the trail from its rows")
    word.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    word.set_defaults(run=run)


def run(asked) -> int:
    """0 when everything follows from the entries, 1 with each thing that does not."""
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        found = recompute(rt)
    finally:
        rt.close()
    print(f"条目 / entries: {found.size}\n树根 / root: {found.root.hex()}\n"
          f"检查点 / checkpoints: {found.checkpoints}\n承诺值 / opened values: {found.private}")
    for finding in found.findings:
        print(f"  ✗ {finding}")
    if found.findings:
        print("轨迹不成立 / the trail is broken")
        return 1
    print("轨迹完整 / the trail holds")
    return 0
