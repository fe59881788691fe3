"""How the state of flows is written: JSON with a signature. Owns that form, and that nothing else is ever read.

DBOS reads whatever form a row names, pickle among them, which runs what somebody put there. So its own forms are switched off: whoever
can write to the database, but does not have the key, can make a flow fail where people see it, and nothing else.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Never, cast

from dbos import DBOSPortableJSONSerializer, Serializer

from watchkeeper.settings.secret_key import secret_key

KEY = "flows.key"
"""Name of the key's file in the state folder; every machine that walks the same flows needs the same."""
_FORM = "wk1"
_DOMAIN = b"watchkeeper flow 1\0"
_MOST_CHARACTERS = 64 << 20


class Signed(Serializer):
    """Writes values and errors as signed JSON; tuples come back as lists, errors as `FlowError`."""

    def __init__(self, key: bytes) -> None:
        """Take the key."""
        self._key = key

    def serialize(self, data: Any) -> str:
        """Give a value or an error as text.

        Raises:
            TypeError: it holds something that JSON does not have.
        """
        error = isinstance(data, BaseException)
        told = {"error": [type(data).__name__, str(data)[:2_000]]} if error else {"value": data}
        text = json.dumps(told, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return f"{_FORM}.{self._mac(text)}.{text}"

    def deserialize(self, serialized_data: str) -> Any:
        """Give what was written.

        Raises:
            ValueError: it was not written with this key, or is otherwise than it was.
        """
        form, _, rest = serialized_data[:_MOST_CHARACTERS].partition(".")
        mac, _, text = rest.partition(".")
        if form != _FORM or not hmac.compare_digest(mac.encode(), self._mac(text).encode()):
            raise ValueError("the state of a flow was not written with this server's key, or was changed since; it is not used")
        told = cast("dict[str, Any]", json.loads(text))
        return FlowError(*told["error"]) if "error" in told else told["value"]

    def name(self) -> str:
        """Give what rows call this form."""
        return "watchkeeper-signed-1"

    def _mac(self, text: str) -> str:
        return hmac.new(self._key, _DOMAIN + text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class FlowError(Exception):
    """An error of a flow as it was kept: the name of its type and what it said."""

    def __init__(self, kind: str, said: str) -> None:
        """Take both."""
        super().__init__(f"{kind}: {said}")


def signed(state: Path) -> Signed:
    """Give the one form in which flows of a state folder are written, and see to it that no other is read in this process.

    Raises:
        OSError: the key cannot be read or made.
        ValueError: the file of the key holds something else.
    """
    _refuse_others()
    return Signed(secret_key(state / KEY))


def _refuse_others() -> None:
    """Let the forms that DBOS knows by itself refuse to be read: rows name theirs, and anybody can write a name."""
    for form in (DBOSPortableJSONSerializer, *_forms_of_dbos()):
        form.deserialize = _refuse  # type: ignore[method-assign] -- the class offers no way to switch it off


def _forms_of_dbos() -> tuple[type[Serializer], ...]:
    """Give the other serializers that DBOS defines: that of pickle has no public name."""
    found: Mapping[str, type[Serializer]] = {one.__name__: one for one in Serializer.__subclasses__() if one.__module__.startswith("dbos")}
    if "DefaultSerializer" not in found:
        raise RuntimeError("this DBOS keeps its pickles elsewhere; look where, before anything is read")
    return tuple(found.values())


def _refuse(*_: object) -> Never:
    raise ValueError("the state of a flow is in a form that is never read here: somebody else wrote it; it is not used")
