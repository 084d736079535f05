"""An enforcement point for Hufu's decisions: ask, carry out what is ordered, else refuse.

Copy this folder and `hufu_mask` into a gateway or a data service. It needs Python 3.8 or later and
`httpx`, and imports nothing else. What it cannot read, reach or carry out it refuses.
"""

from .answers import Answer, Obligation, Refused, read_answer
from .asking import Asker, BlockingAsker
from .cache import Cache
from .enforcing import Enforced, Point, enforce
from .receipts import Receipt
from .rows import CannotCarryOut

__all__ = ["Answer", "Asker", "BlockingAsker", "Cache", "CannotCarryOut", "Enforced", "Obligation",
           "Point", "Receipt", "Refused", "enforce", "read_answer"]
__version__ = "1"
