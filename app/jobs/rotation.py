"""Changing the signing key: announced in the trail, one checkpoint signed by both, then the new.

Each step is done once and the whole may be run again after it was interrupted anywhere.
"""

from dataclasses import dataclass

from app.commands.evidence import announce_key
from app.domain.callers import Caller
from app.domain.evidence import Cause
from app.jobs import checkpoints, signing


@dataclass(frozen=True)
class Rotated:
    """The verifier lines of the key that signed so far and of the one that signs from now on."""

    old: str
    new: str


def rotate(rt, caller: Caller, reason: str) -> Rotated:
    """Announce a new key, hand over to it, and put it in the old one's place.

    Raises:
        KeyUnusable, Inconsistent: the old key signs on; run it again when that is mended.
    """
    old, new = signing.load(rt.settings), signing.successor(rt.settings)
    with rt.db.reading() as connection:
        is_handed_over = checkpoints.key_in_force(connection) == new.key.id
    if not is_handed_over:
        announce_key(rt, caller, old.key.text(), new.key.text(), reason)
        checkpoints.make(rt, old, Cause.ROTATION.value, new)
    signing.succeed(rt.settings)
    return Rotated(old.key.text(), new.key.text())
