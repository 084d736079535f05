"""`./hufu probe`: wait until a stop holds in every process that decides, and write the proof."""

from app import runtime
from app.cli.processes import settings_of
from app.commands.proofs import prove
from app.domain.callers import SYSTEM
from app.domain.canonical import instant

WORDS = {"CONFIRMED": "已执行 / confirmed", "FENCED": "失联，自行拒绝 / silent, denies by itself",
         "OPEN": "未证实 / not proved"}


def register(words) -> None:
    """Add the word to the parser."""
    probe = words.add_parser("probe", help="prove that a stop holds in every process")
    probe.add_argument("--hold", default="", metavar="NUMBER",
                       help="the stop to prove; without it, the newest act that stops anything")
    probe.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    probe.set_defaults(run=run)


def run(asked) -> int:
    """Print how each process stands; the exit code is 0 when the stop holds in all of them."""
    rt = runtime.build(settings_of(asked))
    try:
        proof = prove(rt, SYSTEM, asked.hold)
    finally:
        rt.close()
    stopped = proof.stopped
    print(f"停用 / stop {stopped.ref}  版次 / epoch {stopped.epoch}  {instant(stopped.at)}")
    for each in proof.standings:
        print(f"{each.host} {each.pid}  版次 / epoch {each.epoch}  {WORDS[each.how]}  "
              f"{instant(each.since)}  +{each.lag_ms(stopped)} ms")
    if not proof.standings:
        print("没有判定进程在运行 / no process that decides is running")
    print("已证实并存证 / proved and sealed" if proof.is_whole else "未证实 / not proved")
    return 0 if proof.is_whole else 1
