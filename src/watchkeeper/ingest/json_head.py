"""The first object in the beginning of a file, for readers that recognise JSON by its members. Owns nothing else."""

import io
import re
from collections.abc import Mapping

from watchkeeper.ingest.jsonstream import Record, records

_NAME = re.compile(rb'"([A-Za-z@_][^"\\]{0,63})"\s*:')
_OPENING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]")


def first_object(head: bytes, *, within: tuple[str, ...] = ()) -> Mapping[str, object]:
    """Give the first whole JSON object in the head, empty if it is no JSON.

    An object longer than the head is given by its members' names alone, whatever their depth.
    """
    if _OPENING.match(head) is None:
        return {}
    found = next((record for record in records(io.BytesIO(head), within=within) if isinstance(record, Record)), None)
    return found.value if found is not None else {name.decode(errors="replace"): "" for name in _NAME.findall(head)}
