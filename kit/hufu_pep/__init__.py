"""An enforcement point for Hufu's decisions: ask, carry out what is ordered, else refuse.

Copy this folder and `hufu_mask` into a gateway or a data service. It needs Python 3.8 or later and
`httpx`, and imports nothing else. What it cannot read, reach or carry out it refuses.
"""

from .answers import Answer, Obligation, Refused, read_answer
from .asking import Asker, BlockingAsker
from .cache import Cache
from .enforcing import Enforced, Point, enforce
from .headers import Handed, read_headers
from .receipts import Receipt
from .rows import CannotCarryOut

__all__ = ["Answer", "Asker", "BlockingAsker", "Cache", "CannotCarryOut", "Enforced", "Handed",
           "Obligation", "Point", "Receipt", "Refused", "enforce", "read_answer", "read_headers"]
__version__ = "1"
