"""Signatures of requests as Standard Webhooks wants them. Owns the scheme; who signs what stands elsewhere.

Source: the Standard Webhooks specification 1.0.0, "Signature scheme".
"""

import base64
import binascii
import hashlib
import hmac


def signature(key: str, seconds: int, body: bytes, secret: str) -> str:
    """Sign a message's key, the time in seconds since 1970 and the body, joined by dots.

    Raises:
        ValueError: the secret begins with `whsec_` and no base64 follows.
    """
    signed = f"{key}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def signed_headers(key: str, seconds: int, body: bytes, secret: str) -> dict[str, str]:
    """Give the headers by which a receiver knows that a request is from who shares the secret, and new.

    Raises:
        ValueError: the secret is none.
    """
    return {"webhook-id": key, "webhook-timestamp": str(seconds), "webhook-signature": signature(key, seconds, body, secret)}


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("the signing secret begins with whsec_ but no base64 follows") from error
