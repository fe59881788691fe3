"""An attacker who comes back: found by what is looked out for, in the same engine as intelligence, until the incident is closed."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper.autopilot import Options, examine, investigate
from watchkeeper.autopilot.edits import Who, merge
from watchkeeper.autopilot.following import followed, followed_of
from watchkeeper.autopilot.standings import close, keep_seen, reopen
from watchkeeper.autopilot.watch_edits import Wanted, add, remove
from watchkeeper.cyberrange import generate
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case
from watchkeeper.model.signal import FOLLOWING
from watchkeeper.reporting.sentences import say
from watchkeeper.store import Store, open_store

NOW = datetime.now(UTC)
ANN = Who("ann", "because", NOW)
SCENARIO, SEED = "web-shell", 5


def _options(place: Path, name: str, scenario: str, later: int) -> Options:
    generate(scenario, SEED, place / name, hosts=20, hours=2, later=later)
    logs = place / name / "evidence"
    told = [json.loads(line)["file"] for line in (place / name / "truth" / "attack_events.jsonl").read_text("utf-8").splitlines()]
    touched = tuple(logs / file for file in dict.fromkeys(told))  # of the later day only what the attack touched, to be quick
    return Options(paths=touched if later and told else (logs,), assets=place / name / "assets.yml", state=place / "state")


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Case, dict[str, Options]]:
    """A company's day with an intrusion, investigated; an ordinary day after it, and one on which the attacker comes back."""
    place = tmp_path_factory.mktemp("days")
    options = {"first": _options(place, "first", SCENARIO, 0), "ordinary": _options(place, "ordinary", "none", 1)}
    options["back"] = _options(place, "back", SCENARIO, 2)
    case, _ = investigate(options["first"], place / "case", "en")
    return place, case, options


@pytest.fixture
def state(days: tuple[Path, Case, dict[str, Options]], tmp_path: Path) -> Path:
    """The state after the first day, to be changed."""
    shutil.copytree(days[0] / "state", tmp_path / "state")
    return tmp_path / "state"


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    with closing(open_store(state)) as opened:
        yield opened


def _found(options: Options, state: Path) -> pa.Table:
    signals = examine(replace(options, state=state)).correlated.signals
    return signals.filter(pa.compute.equal(signals.column("detector"), FOLLOWING))


def test_an_attack_leaves_what_follows_the_attacker_with_a_reason_and_an_end(days: Any, store: Store) -> None:
    truth = json.dumps((days[0] / "first" / "truth" / "story.yml").read_text("utf-8"))
    found = store.watches()
    outside = {one.entity.value for one in found if one.entity.kind in {"address", "domain"} and one.hops == 0}
    assert outside
    assert all(value in truth for value in outside)
    assert {one.entity.kind for one in found} >= {"hash", "file", "address"}
    assert all(one.until - one.since == timedelta(days=90) and not say(one.why, "zh").startswith("[") for one in found)


def test_an_ordinary_day_and_the_same_evidence_again_match_nothing(days: Any, state: Path) -> None:
    _, case, options = days
    assert _found(options["ordinary"], state).num_rows == 0
    read_again = examine(replace(options["first"], state=state))
    assert read_again.again.known > 0, "its own events do match"
    assert read_again.again.by_rule == {}
    assert read_again.correlated.signals.num_rows == case.signals


def test_the_same_evidence_is_known_without_the_cases_folder_too(days: Any, state: Path) -> None:
    place, _, options = days
    (place / "case").rename(place / "away")
    try:
        assert _found(options["first"], state).num_rows == 0
        assert _found(options["back"], state).num_rows > 0
    finally:
        (place / "away").rename(place / "case")


def test_an_attacker_who_comes_back_is_matched_and_the_incident_is_reopened_and_said(days: Any, state: Path, tmp_path: Path) -> None:
    _, first, options = days
    case, _ = investigate(replace(options["back"], state=state), tmp_path / "again", "zh")
    told = [incident for incident in case.incidents if any(note.code == "incident.followed" for note in incident.why)]
    assert told
    assert all(any(note.code == "incident.followed" for note in incident.notice.known) for incident in told if incident.notice)
    with closing(open_store(state)) as store:
        (said,) = store.standings().values()
        until = {one.until for one in store.watches() if one.incident == said[-1].incident}
    assert (said[-1].state, said[-1].incident) == ("re-opened", first.incidents[0].id)
    assert set(said[-1].joined) <= {incident.id for incident in case.incidents}
    assert said[-1].joined
    assert min(until) > first.made + timedelta(days=90), "it is looked out for from then on"
    page = (tmp_path / "again" / "report.html").read_text("utf-8")
    assert first.incidents[0].id[:12] in page
    assert "受到关注" in page
    assert any(note.code == "watch.earlier" for incident in case.incidents if incident.watchlist for note in incident.watchlist.why)
    again, _ = investigate(replace(options["first"], state=state), tmp_path / "first-again", "en")
    assert any(note.code == "incident.reopened" for note in again.incidents[0].why)


def test_matches_stand_in_incidents_and_workers_give_the_same(days: Any, state: Path) -> None:
    alone, shared = _found(days[2]["back"], state), _found(replace(days[2]["back"], workers=2), state)
    severe = alone.filter(pa.compute.equal(alone.column("level"), "high"))
    assert severe.num_rows > 0
    assert severe.column("incident").null_count == 0
    assert sorted(alone.column("id").to_pylist()) == sorted(shared.column("id").to_pylist())
    assert all("Followed: " in title and "because" not in title for title in alone.column("title").unique().to_pylist())


def _count(store: Store, now: datetime = NOW) -> int:
    return len(followed_of(store.watches(), store, now).by_rule)


def test_a_person_who_closes_ends_it_and_who_reopens_starts_it_again(days: Any, state: Path, store: Store) -> None:
    incident = days[1].incidents[0].id
    before = _count(store)
    assert before > 0
    close(store, incident[:10], ANN)
    assert (_count(store), _found(days[2]["back"], state).num_rows) == (0, 0)
    with pytest.raises(ValueError, match="closed already"):
        close(store, incident, ANN)
    reopen(store, incident, ANN)
    assert _count(store) == before
    with pytest.raises(ValueError, match="was not closed"):
        reopen(store, incident, ANN)


@pytest.mark.parametrize(("verdict", "follows"), [("benign", False), ("authorised", False), ("succeeded", True), ("undetermined", True)])
def test_what_people_hold_to_be_harmless_is_not_followed(days: Any, store: Store, verdict: Any, follows: bool) -> None:
    store.add_feedback(Feedback(subject=days[1].incidents[0].id, verdict=verdict, why="known", by="ann", time=NOW))
    assert (_count(store) > 0) == follows


def test_what_is_merged_into_a_closed_incident_is_not_followed(days: Any, store: Store) -> None:
    first = days[1].incidents[0]
    other = first.model_copy(update={"id": "f" * 32, "rank": 2})
    store.save("other", days[1].model_copy(update={"made": NOW - timedelta(days=3)}), Path("nowhere"), [other])
    store.keep_edit(merge(store, other.id, first.id, ANN))
    close(store, other.id, ANN)
    assert _count(store) == 0


def test_it_ends_by_itself(store: Store) -> None:
    assert _count(store, NOW + timedelta(days=89)) > 0
    assert _count(store, NOW + timedelta(days=91)) == 0


def test_what_a_person_takes_off_stays_off_and_what_one_adds_stays(days: Any, state: Path, store: Store, tmp_path: Path) -> None:
    incident = days[1].incidents[0].id
    taken = remove(store, store.watches()[0].id, ANN)
    added, seen = add(store, incident, Wanted("domain", "dc01[.]nowhere.example", "medium", 5), ANN)
    assert seen == ()
    investigate(replace(days[2]["first"], state=state), tmp_path / "again", "en")
    live = {one.id for watches in followed(state).by_rule.values() for one in watches}
    assert taken.id not in live
    assert added.id in live
    with pytest.raises(ValueError, match="0 things"):
        remove(store, taken.id, ANN)


def test_what_is_added_by_hand_is_looked_for_in_earlier_cases_and_found_in_new_evidence(days: Any, state: Path, store: Store) -> None:
    watch, seen = add(store, days[1].incidents[0].id, Wanted("file", "C:\\Windows\\System32\\svchost.exe", "low", 5), ANN)
    assert watch.entity.value == "c:\\windows\\system32\\svchost.exe"
    assert {Path(match.case).name for match in seen} == {"case"}
    found = examine(replace(days[2]["ordinary"], state=state))
    assert len(found.again.by_rule) == 1
    assert keep_seen(found.again, found.correlated.signals, found.case, state, 90) == (), "what is of level low re-opens nothing"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("address", "1.2.3"), ("hash", "zz"), ("domain", "x" * 5_000), ("host", "ws1"), ("network", "10.0.0.0/8"), ("file", "")],
)
def test_what_is_no_such_thing_is_refused(days: Any, store: Store, kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"is no|cannot be looked out for"):
        add(store, days[1].incidents[0].id, Wanted(kind, value, "high", 5), ANN)


def test_a_reason_is_asked_for(days: Any, store: Store) -> None:
    silent = Who("ann", " ", NOW)
    for act in (lambda: add(store, days[1].incidents[0].id, Wanted("user", "eva", "high", 5), silent), lambda: remove(store, "a", silent)):
        with pytest.raises(ValueError, match="say why"):
            act()
    with pytest.raises(ValueError, match="say why"):
        close(store, days[1].incidents[0].id, silent)


def test_hostile_values_are_matched_as_values_and_break_nothing(days: Any, state: Path, store: Store, tmp_path: Path) -> None:
    name = "x'; DROP TABLE watches; --\u202e{because}.exe"
    add(store, days[1].incidents[0].id, Wanted("file", name, "high", 5), Who("<b>ann", "{value} </script>\x1b[31m", NOW))
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "ws1", "UtcTime": "2026-01-01 10:00:00.000",
        "Image": f"C:\\t\\{name}", "CommandLine": "x", "User": "CORP\\u", "ProcessGuid": "{1}",
    }  # fmt: skip
    (tmp_path / "new.json").write_text(json.dumps(event), "utf-8")
    case, _ = investigate(Options(paths=(tmp_path / "new.json",), state=state), tmp_path / "odd", "en")
    (incident,) = case.incidents
    page = (tmp_path / "odd" / "report.html").read_text("utf-8")
    assert any(note.code == "incident.followed" for note in incident.why)
    assert "</script>\x1b" not in page
    assert "\u202e" not in page
    assert store.watches()
