"""Time-based one-time codes: which step a code belongs to. That it works once is the caller's.

Source: RFC 6238; ASVS 5.0 6.5.1 and 6.5.5; requirement A04.
"""

import base64
import hmac
from datetime import datetime

import pyotp
import segno

STEP_S = 30
WINDOW = 1
ISSUER = "Hufu"


def new_secret(token) -> str:
    """160 random bits in base32; `token(n)` gives n random bytes as URL-safe base64."""
    return base64.b32encode(base64.urlsafe_b64decode(token(20) + "=")).decode()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, at most one step off; None for a wrong code."""
    if not (secret and len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    now = int(at.timestamp()) // STEP_S
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step), code):
            found = step
    return found


def code_at(secret: str, step: int) -> str:
    """The code of a step."""
    return pyotp.TOTP(secret, interval=STEP_S).generate_otp(step)


def code_now(secret: str, at: datetime) -> str:
    """The code a phone shows at this instant."""
    return code_at(secret, int(at.timestamp()) // STEP_S)


def picture(secret: str, login: str) -> str:
    """The secret as a QR code for an authenticator app: an SVG as a data address."""
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    return segno.make(address, error="m").svg_data_uri(scale=5, border=3, light="#ffffff")
