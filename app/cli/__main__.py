"""`./hufu WORD …`: reads the modules of this folder and hands the word to the one that knows it."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from app.domain.refusals import Refusal
from app.settings import Unsafe


def parser() -> argparse.ArgumentParser:
    """The parser with every word of the folder."""
    found = argparse.ArgumentParser(
        prog="hufu", description="虎符 Hufu: authorization and compliance control plane")
    words = found.add_subparsers(dest="word", metavar="WORD", required=True)
    for module in sorted(item.name for item in pkgutil.iter_modules([str(Path(__file__).parent)])):
        if not module.startswith("_"):
            loaded = importlib.import_module(f"app.cli.{module}")
            if hasattr(loaded, "register"):
                loaded.register(words)
    return found


def main(argv: list[str] | None = None) -> int:
    """Run one word; the exit code is 0 when done, 1 when refused, 2 when it cannot start."""
    asked = parser().parse_args(argv)
    try:
        return asked.run(asked) or 0
    except Unsafe as error:
        print("不能启动 / cannot start:", *(f"  - {reason}" for reason in error.reasons),
              sep="\n", file=sys.stderr)
        return 2
    except Refusal as error:
        print(f"{error.code}: {error.zh}\n{error.code}: {error.en}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
