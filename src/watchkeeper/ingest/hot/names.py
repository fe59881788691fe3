"""Which members of a line say what, in each form. Owns the numbers of keys and native fields; the shapes are `windows_shapes`'.

A line with a member that might make it another product's record, or another shape of Windows event, is odd.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot import kernels_members
from watchkeeper.ingest.hot.values import hash_of
from watchkeeper.ingest.known_records import marking_names
from watchkeeper.ingest.windows_ecs import PATHS
from watchkeeper.ingest.windows_event import IDENTITY
from watchkeeper.ingest.windows_shapes import BARE, LOCAL_TIMES, NXLOG_TYPES, SYSMON, SYSTEM_NAMES, UTC_TIMES
from watchkeeper.jsonlines import kernels_hash as hashes
from watchkeeper.schema.arrays import NOTHING

U = np.uint64
ROOT = 0
FORMS = (kernels.FLAT, kernels.NESTED)
_PLACES = 1 << 13
PLAIN_MARKS = frozenset({"@timestamp", "event", "agent"})
"""Members that mark records of other products only together with one of `BESIDE`, and which Winlogbeat writes too."""
BESIDE = frozenset({"actor", "rule", "rule.id", "sourcetype"})
"""See `PLAIN_MARKS`; what stands within `event` and is not of Winlogbeat is odd by itself."""
_WRAPPED = frozenset(
    ("detail", "_source", "result", "jsonPayload", "_raw", "body", "data", "finding", "integration", "properties", "Event", "System", "win")
)
_OTHERS = frozenset(
    (
        *("_path", "@stream", "@path", "ts", "CloudTrailEvent", "eventSource", "event_type", "AuditData", "Workload", "ActionType"),
        *("operationName", "activityDateTime", "createdDateTime", "TimeGenerated", "transaction"),
        *("event_data", "user_data", "winlog.event_id", "winlog.channel"),
    )
)
"""Members by which the readers of other products, or of Windows events in other shapes, know their own."""
_EVENT_MEMBERS = (
    *("code", "kind", "provider", "action", "outcome", "created", "module", "dataset", "category", "type", "ingested", "sequence"),
    *("severity", "timezone", "original"),
)
_BRACES = ("Message", "message")
_MOST_TIMES = 8
_SOURCE, _NESTED_SOURCE = frozenset({"Channel", "EventID"}), ("channel", "event_id")


class Names:
    """Keys, native fields and the few texts that decide about lines."""

    def __init__(self, secret: NDArray[np.uint64]) -> None:
        """Take what hashes are made with."""
        self._secret = secret
        self._keys: dict[tuple[int, str], int] = {}
        self._natives: dict[tuple[int, str], int] = {}
        self.table = np.zeros((_PLACES, 2), U)
        self.values = np.full((_PLACES, 3), -1, np.int32)
        self.natives_at = np.zeros(1, np.int32)
        self.native_keys = np.zeros(0, np.int32)
        self._flags()
        words = [*sorted(NOTHING), *sorted(NXLOG_TYPES), SYSMON, "ProcessId: ", "EventType: "]
        self.words = np.frombuffer("".join(words).encode(), np.uint8).copy()
        self.words_at = np.cumsum([0, *map(len, words)]).astype(np.int64)
        self.nothing = np.array([0, len(NOTHING)], np.int64)
        self.nxlog = np.array([len(NOTHING), len(NOTHING) + len(NXLOG_TYPES)], np.int64)
        self.said = np.array([len(NOTHING) + len(NXLOG_TYPES), len(words)], np.int64)
        self.form_keys = np.array([self._form_keys(form) for form in FORMS], np.int64)
        self.form_natives = np.array([[self.native(form, name) for name in _DECIDING] for form in FORMS], np.int64)
        self.system = np.array([self.native(kernels.FLAT, name) for name in dict.fromkeys(SYSTEM_NAMES.values())], np.int64)
        self.times = np.full((len(FORMS), 2, _MOST_TIMES + 1), -1, np.int64)
        for form, use, names in ((0, 0, _known_times(UTC_TIMES)), (0, 1, _known_times(LOCAL_TIMES)), (1, 0, UTC_TIMES[:1])):
            self.times[form, use, : len(names)] = [self._key(ROOT, name) for name in names]

    @property
    def count(self) -> int:
        """How many keys there are."""
        return len(self._keys)

    def native(self, form: int, name: str) -> int:
        """Give the number of a native field, which the kernel knows from then on."""
        known = self._natives.get((form, name))
        if known is None:
            known = self._natives[form, name] = len(self._natives)
            keys = [self._key(container, member) for container, member in _members(form, name)]
            self.native_keys = np.append(self.native_keys, np.array(keys, np.int32))
            self.natives_at = np.append(self.natives_at, np.int32(len(self.native_keys)))
        return known

    def _form_keys(self, form: int) -> list[int]:
        if form == kernels.FLAT:
            own = [self._key(ROOT, name) for name in ("Channel", "EventID", "UtcTime", "SourceModuleType", "ProcessID", "Data")]
        else:
            own = [*(self._key(kernels.WINLOG, name) for name in _NESTED_SOURCE), -1, -1, -1, -1]
        return [*own, *(self._key(ROOT, name) for name in _BRACES)]

    def _flags(self) -> None:
        for name, container in (("winlog", kernels.WINLOG), ("event", kernels.EVENT)):
            self._name(ROOT, name, (-1, container, 0))
        self._name(kernels.WINLOG, "event_data", (-1, kernels.EVENT_DATA, 0))
        others = {name for name, of in SYSTEM_NAMES.items() if of in _SOURCE and name not in _NESTED_SOURCE}
        for name in others | _SOURCE | {"user_data"}:
            self._name(kernels.WINLOG, name, (-1, -1, kernels.ODD_NAME))
        for name in _EVENT_MEMBERS:
            self._name(kernels.EVENT, name, (-1, -1, 0))
        ecs = {part for path in PATHS for part in (path, path.partition(".")[0])}
        for name in (marking_names() | BESIDE | _WRAPPED | _OTHERS | ecs) - PLAIN_MARKS:
            self._name(ROOT, name, (-1, -1, kernels.ODD_NAME))
        for name in BARE | {alias for alias, of in SYSTEM_NAMES.items() if of in BARE}:
            self._name(ROOT, name, (-1, -1, self._flag(name) | kernels.BARE_NAME))
        for name in {*SYSTEM_NAMES, *SYSTEM_NAMES.values(), *UTC_TIMES, *LOCAL_TIMES, "SourceModuleType"}:
            self._name(ROOT, name, (-1, -1, self._flag(name) | kernels_members.NOT_TOLD))
        for name in ("EventTypeOrignal", "ProcessID"):  # which nxlog adds, and `windows_shapes` may take away
            self._name(ROOT, name, (-1, -1, kernels.BARE_NAME | kernels.UNSURE_NAME))

    def _flag(self, name: str) -> int:
        return int(max(self.values[self._place(ROOT, name), 2], 0))

    def _key(self, container: int, name: str) -> int:
        known = self._keys.get((container, name))
        if known is None:
            known = self._keys[container, name] = len(self._keys)
            at = self._place(container, name)
            self._name(container, name, (known, int(self.values[at, 1]), int(max(self.values[at, 2], 0))))
        return known

    def _name(self, container: int, name: str, values: tuple[int, int, int]) -> None:
        self.values[self._place(container, name)] = values

    def _place(self, container: int, name: str) -> int:
        h0, h1 = hash_of(name.encode(errors="replace"), U(container + 1), self._secret)
        return int(hashes.put(self.table, h0, h1))


_DECIDING = ("Provider_Name", "Message", "ProcessId", "EventType", "Execution_ProcessID")


def _members(form: int, native: str) -> Iterator[tuple[int, str]]:
    """Yield the members that may say what a native field is, the best first."""
    aliases = [alias for alias, of in SYSTEM_NAMES.items() if of == native]
    if form == kernels.FLAT:
        yield from ((ROOT, name) for name in (native, *aliases))
        return
    own = [(kernels.WINLOG, name) for name in (native, *aliases)]
    data = (kernels.EVENT_DATA, native)
    yield from (*own, data) if native in IDENTITY else (data, *own)
    if native == "Message":
        yield ROOT, "message"


def _known_times(names: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what makes a line odd."""
    return tuple(name for name in names if name not in _OTHERS)


def is_nameable(native: str) -> bool:
    """Say whether a native field keeps its name in every form."""
    return native not in SYSTEM_NAMES
