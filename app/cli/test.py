"""`./hufu test`: rules of the house, then the whole suite on both engines and in a real browser."""

import os
import subprocess
import sys

CHECKS = (
    ("ruff", [sys.executable, "-m", "ruff", "check", "."]),
    ("import floors", [os.path.join(os.path.dirname(sys.executable), "lint-imports")]),
    ("bandit", [sys.executable, "-m", "bandit", "-q", "-ll", "-r", "app", "audit", "kit",
                "-c", "pyproject.toml"]),
    ("mypy", [sys.executable, "-m", "mypy"]),
)


def main(argv: list[str]) -> int:
    """Run the static checks, then pytest; words given go to pytest alone."""
    if not argv:
        for name, words in CHECKS:
            print(f"== {name}", flush=True)
            if subprocess.call(words):
                print(f"✗ {name}", file=sys.stderr)
                return 1
        argv = ["-n", "2", "--dist", "loadgroup"]
    return subprocess.call([sys.executable, "-m", "pytest", *argv])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
