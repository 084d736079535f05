"""Treatments of field values, as decisions order them: pure functions for an enforcement point.

Copy this folder into a gateway or a data service. It needs Python 3.8 or later and nothing else,
and it imports nothing outside itself. What it cannot do it refuses; it never falls back to the
value. What it puts in a value's place is a mask or a pseudonym, not an encryption.
"""

from .kinds import KINDS
from .refused import CannotMask
from .tokens import Key
from .treatments import TREATMENTS, mask, mask_record

__all__ = ["KINDS", "TREATMENTS", "CannotMask", "Key", "mask", "mask_record"]
__version__ = "1"
