"""`/lists`: indicators as text, one a line, and as a STIX bundle, for whoever shows a list's token. Owns nothing of what is on one."""

import json

from fastapi import APIRouter, HTTPException, Response

from watchkeeper.api.list_guard import Readable
from watchkeeper.api.platform import The
from watchkeeper.autopilot.lists import ServedList

router = APIRouter(prefix="/lists", include_in_schema=False)
STIX_TYPE = "application/stix+json;version=2.1"


@router.get("/{name}.txt")
def as_text(the: The, name: str, lists: Readable) -> Response:
    """Give what is on a list now, one value a line."""
    return Response(_named(lists, name).text(the.clock()), media_type="text/plain; charset=utf-8")


@router.get("/{name}.json")
def as_bundle(the: The, name: str, lists: Readable) -> Response:
    """Give what is on a list now as a STIX 2.1 bundle."""
    return Response(json.dumps(_named(lists, name).bundle(the.clock())), media_type=STIX_TYPE)


def _named(lists: tuple[ServedList, ...], name: str) -> ServedList:
    found = next((one for one in lists if one.name == name), None)
    if found is None:
        raise HTTPException(404, "there is no such list for this token")
    return found
