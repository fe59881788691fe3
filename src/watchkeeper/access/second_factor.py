"""The second factor: codes that change every 30 seconds, and recovery codes for when the telephone is gone. Owns no storage.

Source: RFC 6238.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP

PERIOD_SECONDS = 30
_AROUND = 1
"""Periods before and after now whose codes count, for clocks that differ."""
_RECOVERY_CODES, _RECOVERY_BYTES = 10, 10


def new_factor() -> str:
    """Make the secret of a second factor: 160 random bits in Base32."""
    return random_base32()


def address_of(secret: str, login: str) -> str:
    """Give the `otpauth:` address that an authenticator app takes, as a QR code or typed."""
    return TOTP(secret).provisioning_uri(name=login, issuer_name="Watchkeeper")


def step_of(code: str, secret: str, now: datetime, used: int) -> int | None:
    """Give the period whose code this is; none if it is no code of now, or of a period whose code was used already.

    Args:
        code: six digits as typed.
        secret: of the second factor.
        now: the time, UTC.
        used: newest period whose code was used.
    """
    typed = code.replace(" ", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return None
    middle = int(now.timestamp()) // PERIOD_SECONDS
    codes = TOTP(secret)
    fitting = [step for step in range(middle - _AROUND, middle + _AROUND + 1) if hmac.compare_digest(codes.generate_otp(step), typed)]
    return next((step for step in fitting if step > used), None)


def new_recovery_codes() -> tuple[str, ...]:
    """Make codes that work once each, 80 random bits each."""
    return tuple(_shown(secrets.token_bytes(_RECOVERY_BYTES)) for _ in range(_RECOVERY_CODES))


def recovery_digest(code: str) -> str:
    """Give what is kept of a recovery code, however it is typed."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def recovery_of(code: str, kept: Collection[str]) -> str | None:
    """Give the digest of a recovery code if it is one that is left."""
    digest = recovery_digest(code)
    return digest if digest in kept else None


def _shown(code: bytes) -> str:
    text = base64.b32encode(code).decode("ascii")
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))
