"""The token that a client sends. Owns the ways in which shippers can send one; whose it is, is looked up elsewhere.

Source: RFC 7617 (Basic), RFC 6750 (Bearer); the documentation of Elasticsearch (API keys) and of Splunk's HTTP Event Collector.
"""

import base64
import binascii

MAX_TOKEN_CHARS = 512


def token_of(authorization: str) -> str:
    """Give the token in an `Authorization` header; empty if there is none in it.

    The password of Basic is the token, whatever the user; so is the key of Elasticsearch's `ApiKey`, which is base64 of `id:key`.
    """
    scheme, _, given = authorization.strip().partition(" ")
    given = given.strip()
    match scheme.lower():
        case "bearer" | "splunk":
            token = given
        case "basic":
            token = _behind_colon(given)
        case "apikey":
            token = _behind_colon(given) or given
        case _:
            token = ""
    return token if len(token) <= MAX_TOKEN_CHARS else ""


def _behind_colon(given: str) -> str:
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
