"""The credential behind a Bearer token, known by its secret alone."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from app.domain.picture import CredentialPicture

NOBODY = "sha256:" + "0" * 64


def held(environ: Mapping[str, Any], gate) -> tuple[str, CredentialPicture] | None:
    """Prefix and picture of the credential a caller holds, None where it holds none.

    Whether a prefix is known takes no other time than whether its secret fits.
    """
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    brand, _, rest = token.strip().partition("_")
    prefix = rest.partition("_")[0]
    known = gate.credential(prefix) if brand == "hufu" and prefix else None
    shown = "sha256:" + hashlib.sha256(token.strip().encode()).hexdigest()
    fits = hmac.compare_digest(shown, known.secret_hash if known else NOBODY)
    return (prefix, known) if known and fits and scheme.lower() == "bearer" else None


def is_credential(environ: Mapping[str, Any]) -> bool:
    """Whether the caller presents a credential of a gateway rather than a session."""
    return environ.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer hufu_")
