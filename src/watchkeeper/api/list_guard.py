"""The guard of lists: who shows the token of a list may fetch that list and nothing else. Owns reading it; no role opens a list.

Firewalls and TAXII clients often know user and password alone: the token counts as a password too, whatever the user is called.
"""

import base64
import binascii
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from watchkeeper.api.platform import The
from watchkeeper.autopilot.lists import ServedList, lists_for

_MOST_HEADER = 4_096
_ASKS = {"WWW-Authenticate": 'Basic realm="lists", Bearer'}


class ListGuard:
    """Gives the lists that a request may fetch, or refuses it; a dependency."""

    def __call__(self, request: Request, the: The) -> tuple[ServedList, ...]:
        """Give them.

        Raises:
            HTTPException: 401 without a token that opens one.
        """
        found = lists_for(the.state, _shown(request.headers.get("authorization", "")))
        if not found:
            raise HTTPException(401, "show the token of a list, as a bearer token or as a password", _ASKS)
        return found


Readable = Annotated[tuple[ServedList, ...], Depends(ListGuard())]
"""The lists that whoever asks may fetch."""


def _shown(header: str) -> str:
    way, _, rest = header[:_MOST_HEADER].partition(" ")
    match way.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            return _password(rest.strip())
        case _:
            return ""


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
