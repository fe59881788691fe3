import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.autopilot import intel_fetch
from watchkeeper.autopilot.intel_fetch import Choice, fetch
from watchkeeper.autopilot.intel_import import Wanted
from watchkeeper.detection.intel.asking import asker
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.installed import open_installed
from watchkeeper.detection.intel.taxii import MEDIA_TYPE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
INDICATOR = {
    "type": "indicator", "id": "indicator--1", "pattern_type": "stix", "pattern": "[domain-name:value = 'bad.example']",
    "valid_from": "2026-01-01T00:00:00Z",
}  # fmt: skip
MALWARE = {"type": "malware", "id": "malware--1", "name": "Nimble"}
RELATION = {"type": "relationship", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "malware--1"}
OBJECTS = "/root/collections/feed-1/objects/"


def _answer(said: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": MEDIA_TYPE, "X-TAXII-Date-Added-Last": "2026-05-01T00:00:00Z"}, json.dumps(said).encode()


@pytest.fixture
def server(serve: Callable[..., Any]) -> Any:
    served = serve()
    served.answers["/root/"] = _answer({"versions": [MEDIA_TYPE]})
    served.answers["/root/collections/"] = _answer({"collections": [{"id": "feed-1", "title": "Feed", "can_read": True}]})
    served.answers[OBJECTS] = _answer({"more": True, "next": "2", "objects": [INDICATOR, RELATION]})
    served.answers[f"{OBJECTS}?next=2"] = _answer({"objects": [MALWARE]})
    return served


def _fetch(server: Any, folder: Path, given: Defaults) -> intel_fetch.Fetched:
    return fetch(asker(server.url), Choice(f"{server.url}/root/", "Feed"), Wanted(given), folder, NOW)


def test_pages_are_one_import_so_that_what_is_related_stays_together(server: Any, tmp_path: Path) -> None:
    fetched = _fetch(server, tmp_path, Defaults(""))
    assert (fetched.objects, fetched.pages, fetched.last, fetched.done.merged.added) == (3, 2, "2026-05-01T00:00:00Z", 1)
    found = open_installed(tmp_path)
    assert found is not None
    (row,) = found.lookup.indicators.to_pylist()
    assert (row["value"], row["labels"], row["source"]) == ("bad.example", ["Nimble"], "127.0.0.1/feed-1")
    again = _fetch(server, tmp_path, Defaults(""))
    assert (again.done.merged.added, again.done.merged.same) == (0, 1)


def test_a_server_that_fails_halfway_changes_nothing(server: Any, tmp_path: Path) -> None:
    del server.answers[f"{OBJECTS}?next=2"]
    with pytest.raises(ValueError, match="404"):
        _fetch(server, tmp_path, Defaults("mine"))
    assert open_installed(tmp_path) is None


def test_too_much_is_given_up(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intel_fetch, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="nothing was imported"):
        _fetch(server, tmp_path, Defaults("mine"))
