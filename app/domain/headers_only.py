"""What reaches a service behind a gateway that hears headers only: obligations, and no more of
them than proxies let through.

A question says which adapter it came by; what could not be passed on is refused where everything
else is, so that the trail says what the caller was told.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.obligation_table import Plan

LIMIT = 4096  # of one header: proxies of nginx's kind have buffers of 4 to 8 KiB
NUMBER = "dec_" + "0" * 32  # as long as that of any decision


def packed(duties: Sequence[Mapping[str, Any]]) -> str:
    """Obligations as they travel in a header: base64url of their JSON array, no padding."""
    text = json.dumps(duties, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unheard(plan: Plan, effective: Mapping[str, str], institution: str) -> list[str]:
    """The kinds a service would have to carry out and would not hear of: what becomes of a field
    that no obligation tells, or the longest of more than a header holds."""
    treated = set(effective.values()) - {"CLEAR"}
    untold = [kind for kind, is_due in (("mask_fields", treated - {"DROP"}),
                                        ("drop_fields", "DROP" in treated))
              if is_due and kind not in plan.kinds]
    duties = plan.told(f"{institution}|{NUMBER}")
    if untold or len(packed(duties)) <= LIMIT:
        return untold
    rooms = {kind: len(packed([duty])) for kind, duty in zip(plan.kinds, duties, strict=True)}
    return [max(rooms, key=rooms.__getitem__)]
