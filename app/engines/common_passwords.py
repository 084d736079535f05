"""The passwords nobody may take, read from `policies/staff/common_passwords.txt`.

Source: ASVS 5.0 6.2.4 and 6.2.12; requirement A02.
"""

from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "policies" / "staff" / "common_passwords.txt"


@cache
def common_passwords() -> frozenset[str]:
    """Every entry, as compared: without regard to case."""
    lines = FILE.read_text("utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if line and not line.startswith("#"))
