"""Products and events are asked whether it worked, in whatever words they use."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper.autopilot.said import MOST_ASKED, said
from watchkeeper.autopilot.world import World
from watchkeeper.ingest import read
from watchkeeper.lake import Keeper, Kept
from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import Batch
from watchkeeper.model.incident import Incident

ALERT = {"signature_id": 1, "signature": "Exploit", "severity": 1, "category": "x"}
SURICATA = {"timestamp": "2025-05-05T12:00:00.000000+0000", "event_type": "alert", "src_ip": "192.0.2.1", "dest_ip": "198.51.100.2"}
TRAIL: dict[str, Any] = {
    "eventVersion": "1.08", "eventTime": "2025-05-05T12:00:00Z", "eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
    "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.1", "userAgent": "x", "userIdentity": {"type": "IAMUser", "userName": "u"},
    "requestParameters": None, "responseElements": None, "eventID": "1", "eventType": "AwsApiCall", "recipientAccountId": "123456789012",
}  # fmt: skip
FALCON = {
    "composite_id": "c", "severity_name": "High", "created_timestamp": "2025-05-05T12:00:00Z", "display_name": "x", "hostname": "h",
    "device": {"hostname": "h"},
}  # fmt: skip
INCIDENT = Incident(
    id="i", rank=1, title="t", level="high", score=1.0, start=None, end=None, sessions=(), folds=(), hosts=(), entities=(), techniques=(),
    tactics=(), why=(), shown=True,
)  # fmt: skip


def _world(folder: Path, record: dict[str, Any], level: str = "high", times: int = 1) -> World:
    """A record of events, a signal on each of them."""
    (folder / "log.json").write_text("".join(json.dumps(record | {"n": at}) + "\n" for at in range(times)))
    keeper = Keeper(folder / "kept")
    ids: list[str] = []
    for batch in read([folder / "log.json"]):
        if isinstance(batch, Batch):
            keeper.add(batch)
            ids += batch.table.column("_id").to_pylist()
    keeper.flush()
    signals = pa.table({"event_id": ids, "title": ["Something bad"] * len(ids), "level": [level] * len(ids)})
    return World(Kept(folder / "kept").search, lambda _: signals, lambda name: Asset(name=name), None)


@pytest.mark.parametrize(
    ("record", "fact"),
    [
        (SURICATA | {"alert": ALERT | {"action": "blocked"}}, "stopped"),
        (SURICATA | {"alert": ALERT | {"action": "allowed"}}, "let-through"),
        (FALCON | {"pattern_disposition_description": "Prevention, process killed."}, "stopped"),
        (FALCON | {"pattern_disposition_description": "Detection, standard detection."}, "let-through"),
        (TRAIL, "granted"),
        (TRAIL | {"errorCode": "AccessDenied"}, "refused"),
    ],
)
def test_what_an_event_says_of_itself_is_a_fact(tmp_path: Path, record: dict[str, Any], fact: str) -> None:
    found = said(INCIDENT, _world(tmp_path, record))
    assert {name: titles for name, titles in found.items() if titles} == {fact: ("Something bad",)}


def test_mild_rules_are_not_asked_and_no_signals_ask_nothing(tmp_path: Path) -> None:
    world = _world(tmp_path, TRAIL, level="low")
    assert not any(said(INCIDENT, world).values())


def test_no_more_events_are_asked_than_promised(tmp_path: Path) -> None:
    asked: list[int] = []
    world = _world(tmp_path, TRAIL, times=MOST_ASKED + 10)
    counting = World(lambda query: asked.append(len(query.ids)) or iter(()), world.signals_of, world.asset_of, None)
    said(INCIDENT, counting)
    assert asked == [MOST_ASKED]
