"""Links by which one named person answers one proposal. Owns what they say and their signature; `brain.ethics` has what an answer does.

A link is for one login, one proposal as it stood then, and until a time. It lets nobody in elsewhere, and it is used up by its answer,
because one person answers once.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationError

from watchkeeper.model.noun import Noun

LONGEST = 1_024
"""Characters of a link's secret part at most."""
_MAC_BYTES = 32


class LinkOverError(ValueError):
    """A link of ours whose time is up."""


class ApprovalLink(Noun):
    """What a link says."""

    tenant: Annotated[str, Field(max_length=63)]
    """Whose proposal it is."""
    proposal: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    """Id of the proposal."""
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Digest of the proposal as it stood when the link was made."""
    login: Annotated[str, Field(max_length=64)]
    """The one person whose link it is."""
    until: AwareDatetime
    """Until when it holds, UTC."""


def signed(link: ApprovalLink, key: bytes) -> str:
    """Give the secret part of a link: letters that stand in a URL, at most `LONGEST`."""
    said = json.dumps(link.model_dump(mode="json"), sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(said, key) + said).decode().rstrip("=")


def read(text: str, key: bytes, now: datetime) -> ApprovalLink:
    """Give what a link says, if it was signed with the key and still holds.

    Raises:
        LinkOverError: its time is up.
        ValueError: it was not; the message does not tell that from a mistake in copying.
    """
    try:
        whole = base64.b64decode(f"{text[:LONGEST]}{'=' * (-len(text[:LONGEST]) % 4)}", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        whole = b""
    mac, said = whole[:_MAC_BYTES], whole[_MAC_BYTES:]
    if len(text) > LONGEST or not hmac.compare_digest(mac, _mac(said, key)):
        raise ValueError("this is no link of ours, or it was not copied whole; ask for a new one")
    try:
        link = ApprovalLink.model_validate_json(said)
    except ValidationError as error:
        raise ValueError("this link was made by another version; ask for a new one") from error
    if now >= link.until:
        raise LinkOverError("this link's time is up; ask for a new one")
    return link


def _mac(said: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"approval link\0" + said, hashlib.sha256)
