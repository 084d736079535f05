"""`./hufu bench`: what a decision or a scan costs, as ratios measured in one run."""

import json
import sys


def register(words) -> None:
    """Add the word to the parser."""
    bench = words.add_parser("bench", help="measure on this machine; prints JSON and a table")
    bench.add_argument("what", choices=["decide", "classify"])
    bench.add_argument("--whole", action="store_true",
                       help="classify: also a catalogue of 3,000 columns of 3,000 values")
    bench.add_argument("--grants", type=int, default=100_000,
                       help="grant versions of the large zone")
    bench.add_argument("--million", type=int, nargs="?", const=1_000_000, default=0,
                       help="also a zone of so many grant versions against one of 1,000, over HTTP")
    bench.add_argument("--postgres", default="", metavar="URL",
                       help="measure on new databases of this server instead of SQLite")
    bench.add_argument("--calls", type=int, default=8000, help="calls per measurement over HTTP")
    bench.add_argument("--without", choices=["memory", "http", "cerbos"], action="append",
                       default=[], help="leave a part out")
    bench.set_defaults(run=run)


def run(asked) -> int:
    """Measure, print, and return 1 when a bound is not held."""
    measured = _decide(asked) if asked.what == "decide" else _classify(asked)
    rows = [row for row in bounds(measured)]
    print(json.dumps({"measured": measured, "bounds": rows}, ensure_ascii=False, indent=1))
    print(f"\n{'指标 / measure':<58}{'值 / value':>14}{'界 / bound':>12}", file=sys.stderr)
    for row in rows:
        mark = "✓" if row["held"] else "✗"
        print(f"{row['name']:<58}{row['value']:>14}{row['bound']:>12}  {mark}", file=sys.stderr)
    return 0 if all(row["held"] for row in rows) else 1


def _classify(asked) -> dict:
    from app.cli import _bench_classify

    return _bench_classify.measure(asked.whole)


def _decide(asked) -> dict:
    from app.cli import _bench_cerbos, _bench_engine, _bench_server

    measured = _bench_engine.measure(asked.grants)
    if "http" not in asked.without:
        measured |= _bench_server.measure_http(asked.calls, asked.postgres)
    if asked.million:
        measured |= _bench_server.measure_sizes(asked.calls, asked.million, asked.postgres)
    if "memory" not in asked.without:
        measured |= _bench_server.measure_memory()
    if "cerbos" not in asked.without:
        measured |= _bench_cerbos.measure(asked.calls, asked.postgres)
    return measured


def bounds(measured: dict) -> list[dict]:
    """Each bound with its value, for what was measured."""
    stated = (("compiled sections against stock Casbin, times faster", "stock_over_compiled",
               ">=", 20),
              ("decision at many grant versions over 100", "large_over_small", "<=", 2),
              ("engine alone, 8 fields, all reasons, microseconds", "decision_us_of_8_fields",
               "<=", 20),
              ("decision over HTTP at a million grant versions over 1,000", "large_over_1000",
               "<=", 1.25),
              ("durable decision over JSON echo, CPU", "decision_over_echo", "<=", 5),
              ("decision by itself over one in a batch of 1,000", "single_over_batched", ">=", 3),
              ("durable decision over Cerbos with its file log, CPU", "decision_over_cerbos",
               "<=", 0.25),
              ("web process after loading the demo zone, MB", "web_rss_mb", "<=", 300),
              ("structured values a second, one core", "values_per_second", ">=", 60_000),
              ("compiled scan over Presidio's batch engine, times", "scan_over_presidio", ">=", 8),
              ("sentences a second with names", "sentences_per_second", ">=", 250),
              ("easy columns told by values alone", "right_easy", ">=", 0.95),
              ("hard columns told by values alone", "right_hard", ">=", 0.9),
              ("catalogue of 3,000 columns, two cores, seconds", "catalogue_seconds", "<=", 240),
              ("resident memory of a scan, MB", "scan_rss_mb", "<=", 700))
    rows = []
    for name, key, way, bound in stated:
        if key in measured:
            value = measured[key]
            held = value >= bound if way == ">=" else value <= bound
            rows.append({"name": name, "value": value, "bound": f"{way} {bound}", "held": held})
    return rows
