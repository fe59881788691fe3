"""What stored events of the range show of an action's effect: that it goes on, that it stopped, and that silence shows nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.effect_seen import effect_seen
from watchkeeper.cyberrange import generate
from watchkeeper.ingest import read
from watchkeeper.ingest.native import native_fields
from watchkeeper.lake import EventTable, StoredEvents
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.batch import Batch
from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord, Proposal, Seen
from watchkeeper.model.query import Query
from watchkeeper.schema import stored

WINDOW = timedelta(minutes=10)
LATER = timedelta(days=1)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
_ENDS = ("DestinationIp", "SourceIp", "IpAddress", "SourceAddress", "DestAddress")
RULED = Ruling(outcome="run", level="L3", approvals=0, why=(Note(code="ethics.level"),))


@dataclass(frozen=True)
class Lake:
    """A company's stored events, and those that the attacker caused."""

    events: StoredEvents
    every: tuple[Event, ...]
    attack: tuple[Event, ...]

    def look(self, action: str, target: Entity, done: datetime, arguments: dict[str, str] | None = None) -> Seen:
        """Look for the effect of an action that was done then, long after."""
        seen = effect_seen(record(action, target, done, arguments), self.events.batches, done + LATER, WINDOW)
        assert seen is not None
        return seen

    def find(self, fits: Callable[[Event], bool]) -> list[Event]:
        return [event for event in self.attack if fits(event)]


def record(action: str, target: Entity, done: datetime | None, arguments: dict[str, str] | None = None) -> ActionRecord:
    proposal = Proposal(
        tenant="default", incident="i", action=action, targets=(target,), arguments=arguments or {}, evidence=(), kinds=(), confidence=1,
        blast_radius=1, undoable=True, expiry_seconds=60, asked_by="playbook:test",
    )  # fmt: skip
    return ActionRecord(proposal=proposal, state="in-force", ruling=RULED, made=MADE, changed=MADE, done=done)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    place = tmp_path_factory.mktemp("effects")
    generate("phishing-ransomware", 5, place, hosts=20, hours=2)
    table = EventTable(place / "lake")
    batches = (one for one in read([place / "evidence"]) if isinstance(one, Batch))
    for number, batch in enumerate(batches, 1):
        table.append(stored(batch, "default", 0), "range", number)
    told = [json.loads(line) for line in (place / "truth" / "attack_events.jsonl").read_text("utf-8").splitlines()]
    caused = {(Path(str(line["file"])).name, int(line["row"])) for line in told}
    with closing(StoredEvents(place / "lake", "default", native_fields)) as events:
        every = tuple(event for event in events.search(Query(limit=200_000)) if event.time)
        attack = tuple(event for event in every if (Path(event.source).name, event.row) in caused)
        yield Lake(events, every, attack)


def _time(event: Event) -> datetime:
    assert event.time
    return event.time


def _calls(lake: Lake) -> list[Event]:
    """Give the attacker's connections to the address that most of them go to, as the sensor saw them."""
    calls = lake.find(lambda event: event.logsource.service == "conn" and not str(event.fields["id.resp_h"]).startswith("10."))
    by_address: dict[str, list[Event]] = {}
    for event in calls:
        by_address.setdefault(str(event.fields["id.resp_h"]), []).append(event)
    return max(by_address.values(), key=len)


def _address(event: Event) -> Entity:
    return Entity(kind="address", value=str(event.fields["id.resp_h"]))


def test_a_block_after_which_the_traffic_goes_on_is_found_out_with_the_events_that_show_it(lake: Lake) -> None:
    calls = _calls(lake)
    before = _time(calls[0]) + timedelta(milliseconds=1)
    after = [event for event in calls if _time(event) > before + timedelta(seconds=2)]
    done = _time(after[0]) - timedelta(seconds=3)
    seen = lake.look("block_address", _address(calls[0]), done)
    assert (seen.where, seen.outcome) == ("telemetry", "not-in-force")
    assert after[0].id in seen.said


def test_a_block_is_in_force_when_the_traffic_ends_and_the_sensor_goes_on(lake: Lake) -> None:
    calls = _calls(lake)
    seen = lake.look("block_address", _address(calls[0]), _time(calls[-1]) + timedelta(seconds=1))
    assert seen.outcome == "in-force", seen.said
    assert "zeek/conn" in seen.said


def test_where_every_log_ends_nothing_is_known(lake: Lake) -> None:
    calls = _calls(lake)
    last = max(map(_time, lake.every))
    seen = lake.look("block_address", _address(calls[0]), last + timedelta(minutes=1))
    assert (seen.outcome, "silent" in seen.said) == ("unknown", True)
    nobody = lake.look("block_address", Entity(kind="address", value="203.0.113.99"), _time(calls[0]))
    assert (nobody.outcome, "no log told of it" in nobody.said) == ("unknown", True)


def test_the_window_has_to_be_over_before_anything_is_in_force(lake: Lake) -> None:
    calls = _calls(lake)
    done = _time(calls[-1]) + timedelta(seconds=1)
    seen = effect_seen(record("block_address", _address(calls[0]), done), lake.events.batches, done + WINDOW / 2, WINDOW)
    assert seen is not None
    assert (seen.outcome, "not over" in seen.said) == ("unknown", True)


def test_an_account_that_still_logs_on_is_not_disabled_and_failed_logons_are_no_sign_of_it(lake: Lake) -> None:
    logons = [event for event in lake.every if event.logsource.event_type == "4624"]
    users = [str(event.fields["TargetUserName"]) for event in logons]
    name = max((user for user in set(users) if not user.endswith("$") and user not in ("SYSTEM", "ANONYMOUS LOGON")), key=users.count)
    mine = [event for event, user in zip(logons, users, strict=True) if user == name]
    on = lake.look("disable_account", Entity(kind="user", value=name.lower()), _time(mine[1]) - timedelta(seconds=5))
    assert on.outcome == "not-in-force"
    off = lake.look("disable_account", Entity(kind="user", value=name.lower()), _time(mine[-1]) + timedelta(minutes=1))
    assert off.outcome in ("in-force", "unknown"), off.said
    assert "silent" in off.said or "Security" in off.said


def test_a_process_that_goes_on_acting_was_not_ended(lake: Lake) -> None:
    acts = lake.find(lambda event: event.logsource.event_type == "3" and "ProcessId" in event.fields)
    first = acts[0]
    pid, image = str(first.fields["ProcessId"]), str(first.fields["Image"])
    said = {"host": first.host, "pid": pid, "process": image.rpartition("\\")[2]}
    target = Entity(kind="process", value=f"{first.host}:{pid} {said['process']}")
    assert lake.look("kill_process", target, _time(first) - timedelta(seconds=5), said).outcome == "not-in-force"
    last = max(_time(event) for event in lake.find(lambda event: event.host == first.host))
    assert lake.look("kill_process", target, last + timedelta(seconds=5), said).outcome in ("in-force", "unknown")


def test_an_isolated_host_is_reached_by_responders_alone(lake: Lake) -> None:
    calls = lake.find(lambda event: event.logsource.event_type == "3" and "DestinationIp" in event.fields)
    done, host = _time(calls[0]) - timedelta(seconds=5), Entity(kind="host", value=calls[0].host)
    assert lake.look("isolate_host", host, done, {"host": host.value}).outcome == "not-in-force"
    asked = record("isolate_host", host, done, {"host": host.value})
    around = [event for event in lake.every if event.host == host.value]
    ways = frozenset(str(value).lower() for event in around for name, value in event.fields.items() if name in _ENDS)
    spared = effect_seen(asked, lake.events.batches, done + LATER, WINDOW, ways)
    assert spared is not None
    assert spared.outcome == "unknown"


def test_what_events_cannot_show_and_what_was_not_done_is_not_looked_for(lake: Lake) -> None:
    host = Entity(kind="host", value="pc")
    assert effect_seen(record("snapshot_evidence", host, datetime.now(UTC)), lake.events.batches, datetime.now(UTC), WINDOW) is None
    assert effect_seen(record("block_address", host, None), lake.events.batches, datetime.now(UTC), WINDOW) is None
