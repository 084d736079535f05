"""Second factors: the code of an authenticator app (TOTP) or a security key (WebAuthn), and which
of them counts for whom.

Source: requirement A03 ("Every staff account has a second factor based on cryptography: TOTP or
WebAuthn; administrators and approvers WebAuthn when the browser has it"); ASVS 5.0 6.3.3;
GB/T 22239-2019 8.1.4.1.d. How the row is read here:

1. A browser that lacks WebAuthn opens one door: an account without any key enrols codes and works
   with them. From a browser that has it, an administrator or approver enrols a key, at the
   invitation or, signed in by codes so far, before anything else.
2. Who of them holds a key proves himself by a key alone. What a browser says of itself cannot be
   checked, so whoever got hold of a code would only have to say that there is no WebAuthn.
3. Everybody else chooses, and both count.
4. The roles of an account are its own and those it stands in with: who acts for an approver proves
   himself as an approver does.
5. A demonstration zone shows its codes itself, so there they count for everybody.
"""

from collections.abc import Collection
from datetime import timedelta

from app.domain.roles import ADMINISTRATORS, Role

KEY_FIRST = frozenset({*ADMINISTRATORS, Role.APPROVER})
CHALLENGE_LASTS = timedelta(minutes=5)
MOST_KEYS = 10


def is_key_first(roles: Collection[str], demo: bool) -> bool:
    """Whether these roles call for a key where the browser has WebAuthn."""
    return not demo and bool(KEY_FIRST & set(roles))


def codes_count(roles: Collection[str], keys: int, demo: bool) -> bool:
    """Whether an account of these roles with so many keys may prove itself by a code."""
    return not (keys and is_key_first(roles, demo))


def key_is_due(roles: Collection[str], keys: int, offered: bool, demo: bool) -> bool:
    """Whether a key is to be enrolled first; `offered` is what the browser says of itself."""
    return offered and not keys and is_key_first(roles, demo)


def count_went_back(stored: int, shown: int) -> bool:
    """Whether a key's counter is not above the one it last showed: it may have been copied.

    Keys that do not count show 0 for ever. Source: W3C WebAuthn Level 2 6.1.1 and 7.2 step 21.
    """
    return bool(stored or shown) and shown <= stored


def may_go(keys: int, codes: bool) -> bool:
    """Whether one key may be taken away: an account keeps at least one second factor."""
    return keys > 1 or (keys == 1 and codes)
