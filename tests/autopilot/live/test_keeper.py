"""Incidents stand in the store soon, grow there under one id, and are the same wherever the keeper was stopped."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.autopilot.gathering import rules_of
from watchkeeper.autopilot.live.keeper import CURSOR, SignalFrame
from watchkeeper.autopilot.live.silence import TITLE
from watchkeeper.autopilot.options import Options
from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Knowledge, correlate
from watchkeeper.correlation.stream import LATE_SECONDS
from watchkeeper.cyberrange import generate
from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.sender import Sender
from watchkeeper.model.signal import FOUND_LATE
from watchkeeper.model.suppression import Suppression, Where
from watchkeeper.store import Advance, Store

Rows = list[dict[str, Any]]
Shapes = list[tuple[str, list[tuple[str, int]]]]


def days(live: SimpleNamespace) -> Rows:
    """Three everyday days with an attack on either side of the end of the second."""
    rows = [*live.everyday(3, 24 * 3), *live.attack(2 * 1440 - 30)]
    return sorted(rows, key=lambda row: (row["time"], row["id"]))


def folds_of(incidents: Iterable[Incident]) -> Shapes:
    """Give incidents without the names by which people know them."""
    return sorted((one.title, sorted((fold.id, fold.count) for fold in one.folds)) for one in incidents)


def held(stage: Any) -> Shapes:
    """Give the incidents that stand by themselves."""
    return folds_of(one.incident for one in stage.incidents(shown=True))


def test_an_incident_stands_in_the_store_at_the_next_tick_and_grows_under_one_id(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        seen: list[tuple[str, int, int]] = []
        for frame in stage.frames(days(live)):
            keeper.take(frame)
            stage.tick(keeper)
            seen += [
                (one.incident.id, len(one.incident.folds), one.revision) for one in stage.incidents() if "attack" in one.incident.title
            ]
    assert len({id_ for id_, _, _ in seen}) == 1
    assert [folds for _, folds, _ in seen] == sorted(folds for _, folds, _ in seen)
    assert seen[-1][1] == 5
    assert seen[-1][2] > 1


@pytest.fixture(scope="module")
def whole(live: SimpleNamespace) -> Shapes:
    """Give what one run without any stop comes to."""
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(days(live)):
            keeper.take(frame)
        keeper.save(live.start)
        return held(stage)


@settings(max_examples=8)
@given(ticks=st.sets(st.integers(0, 30)), kills=st.sets(st.integers(0, 30), max_size=4), each=st.sampled_from([17, 40, 130]))
def test_killed_at_any_moment_it_comes_to_the_same(
    live: SimpleNamespace, whole: Shapes, ticks: set[int], kills: set[int], each: int
) -> None:
    rows = days(live)
    with live.stage() as stage:
        frames = stage.frames(rows, each)
        keeper, at = stage.keeper(), 0
        left = set(kills)
        while at < len(frames):
            keeper.take(frames[at])
            if at in ticks:
                stage.tick(keeper)
            at += 1
            if at in left:  # all that was not saved is lost, and everything after the last save comes again
                left.remove(at)
                keeper = stage.keeper()
                at = 0
        keeper.save(live.start)
        got = held(stage)
    assert got == whole


def test_what_is_not_saved_comes_again(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        first, second, third = stage.frames(days(live), 250)
        assert keeper.position("0") == -1
        assert keeper.take(first)
        assert keeper.position("0") == -1
        stage.tick(keeper)
        assert (keeper.position("0"), keeper.take(first)) == (first.upto, False)
        keeper.take(second)
        assert keeper.position("0") == first.upto
        again = stage.keeper()
        again.open("default")
        assert (again.take(first), again.take(second), again.take(third)) == (False, True, True)
        with pytest.raises(ValueError, match="not moved back"):  # the one that was cut off must not save over the other
            stage.tick(again), stage.tick(again), again.save(live.start), keeper.save(live.start)


def test_tenants_are_kept_apart(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        for tenant in ("default", "other"):
            for frame in stage.frames(days(live) if tenant == "default" else live.everyday(1, 4), tenant=tenant):
                keeper.take(frame)
        stage.tick(keeper)
        assert stage.incidents()
        assert not stage.incidents("other")


def test_each_change_is_told_with_how_it_was_before(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(days(live)):
            keeper.take(frame)
            stage.tick(keeper)
        seen: dict[str, int] = {}
        for _, before, after in stage.told:
            assert (before.revision if before else 0) == seen.get(after.incident.id, 0)
            assert after.revision == seen.get(after.incident.id, 0) + 1
            seen[after.incident.id] = after.revision
        assert seen == {one.incident.id: one.revision for one in stage.incidents()}


def test_the_flow_goes_over_what_is_new_and_again_over_what_grew(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(days(live), 400):
            keeper.take(frame)
            for _ in range(4):
                stage.tick(keeper)
        (found,) = (one.incident for one in stage.incidents() if "attack" in one.incident.title)
        assert found.notice
        assert found.verdict
        assert found.trace
        assert len(found.folds) == 5
        assert found.notice.known[0].arguments["count"] == "5"


def test_what_people_suppress_counts_no_more(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        until = datetime.now(UTC) + timedelta(days=1)
        about = {"id": "s", "rule": "", "where": (Where(name="user", value="bob"),), "owner": "x", "why": "x", "meaning": ""}
        low = [row | {"level": "medium"} for row in live.attack(2 * 1440 - 30)]
        stage.store().keep_suppression(Suppression(created=live.start, expires=until, **about))
        keeper = stage.keeper()
        for frame in stage.frames([*live.everyday(3, 24), *low]):
            keeper.take(frame)
        stage.tick(keeper)
        assert keeper.tenants["default"].desk.aside == {"s": 5}
        assert not any("attack" in fold.title for one in stage.incidents() for fold in one.incident.folds)


def test_a_sender_that_falls_silent_is_a_signal_once_over_a_restart(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        sender = Sender(id="a" * 32, tenant="default", name="edge", silent_after_seconds=600)
        stage.store().keep_sender(sender)
        keeper = stage.keeper()
        heard = int(live.start.timestamp() * 1_000_000)
        keeper.take(SignalFrame("0", 1, "default", live.table([]), heard={sender.id: heard}))
        stage.tick(keeper)
        keeper = stage.keeper()
        keeper.open("default")
        for minute in (5, 11, 30, 60):
            stage.seconds += 60
            keeper.tick(live.start + timedelta(minutes=minute))
        assert list(keeper.tenants["default"].desk.silence.heard.silent) == [sender.id]
        (incident,) = (one.incident for one in stage.incidents())
        assert [(fold.title, fold.count) for fold in incident.folds] == [(TITLE, 1)]
        keeper.take(SignalFrame("0", 2, "default", live.table([]), heard={sender.id: heard + 3_700_000_000}))
        stage.seconds += 60
        keeper.tick(live.start + timedelta(minutes=62))
        assert not keeper.tenants["default"].desk.silence.heard.silent


def test_a_cursor_of_another_version_is_refused(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        stage.store().advance(Advance(Cursor(name=CURSOR, position=1, body=b"x")))
        with pytest.raises(ValueError, match="of this version"):
            stage.keeper().open("default")


def test_an_incident_with_signals_that_were_found_late_says_so(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(live.everyday(3, 24)):
            keeper.take(frame)
        stage.tick(keeper)
        late = [row | {"matches": [{"field": FOUND_LATE, "value": "now"}]} for row in live.attack(300)]
        keeper.take(SignalFrame("redetected", 1, "default", live.table(late)))
        stage.tick(keeper)
        (found,) = (one.incident for one in stage.incidents() if "attack" in one.incident.title)
        assert [note.arguments["signals"] for note in found.why if note.code == "incident.late"] == ["5"]


class Failing(Store):
    """A store that cannot be written at times."""

    fails = 0

    def advance(self, made: Advance, moment: datetime | None = None) -> dict[str, int]:
        if Failing.fails:
            Failing.fails -= 1
            raise ConnectionError("the database does not answer")
        return super().advance(made, moment)


def test_what_cannot_be_saved_is_saved_later_and_keeps_no_other_tenant_waiting(live: SimpleNamespace, whole: Shapes) -> None:
    with live.stage() as stage:
        stage.kind = Failing
        keeper = stage.keeper()
        keeper.open("other")
        for number, frame in enumerate(stage.frames(days(live))):
            keeper.take(frame)
            keeper.take(SignalFrame("0", number, "other", live.table([])))
            Failing.fails = number % 3
            saved = stage.tick(keeper)
            assert ("default" in saved) == (not keeper.tenants["default"].failure)
            assert keeper.position("0") < frame.upto or not keeper.tenants["default"].failure
        stage.tick(keeper), stage.tick(keeper), stage.tick(keeper)
        assert keeper.tenants["default"].failure == ""
        assert held(stage) == whole
        assert {after.incident.id for _, _, after in stage.told} >= {one.incident.id for one in stage.incidents()}


COUNTING = """title: Failed
id: 11111111-2222-4333-8444-555555555555
name: failed
logsource: {product: windows}
detection: {selection: {F: a}, condition: selection}
---
title: Many failed
id: 33333333-2222-4333-8444-555555555555
level: high
correlation: {type: event_count, rules: [failed], group-by: [User], timespan: 10m, condition: {gte: 4}}
"""


def failed(second: int) -> Batch:
    """Give one event on which the counted rule fires."""
    moment = datetime(2025, 3, 3, 8, tzinfo=UTC) + timedelta(seconds=second)
    row = {"_id": [f"{second:032x}"], "_time": [moment], "_host": ["ws1"], "_source": ["x"], "_row": [second], "_raw": [""]}
    table = pa.Table.from_pydict(row, schema=RESERVED)
    for name, value in (("F", "a"), ("User", "bob")):
        table = table.append_column(name, pa.array([value]))
    return Batch(LogSource(product="windows", service="", event_type=""), table)


def test_a_rule_counts_over_all_partitions_and_a_restart(live: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "rule.yml").write_text(COUNTING, "utf-8")
    ruleset = load_rules([tmp_path])
    now = live.start + timedelta(days=1)
    with live.stage() as stage:
        stage.correlations = ruleset.correlations
        keeper = stage.keeper()
        for second in range(4):
            detector = Detector(ruleset)
            detector.signals(failed(60 * second))
            keeper.take(SignalFrame(str(second % 2), second, "default", live.table([]), (detector.hand_over().tally,)))
            keeper.tick(now)
            stage.seconds += 60
            keeper = stage.keeper()
            keeper.open("default")
        for minute in range(3):
            stage.seconds += 60
            keeper.tick(now + timedelta(minutes=minute))
        (incident,) = (one.incident for one in stage.incidents())
        assert [(fold.title, fold.count) for fold in incident.folds] == [("Many failed", 1)]


def test_what_was_not_followed_before_a_stop_is_followed_after_it(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(days(live), 1000):
            keeper.take(frame)
        stage.tick(keeper)
        assert not any(one.incident.notice for one in stage.incidents())
        again = stage.keeper()
        again.open("default")
        again.take(SignalFrame("0", 10_000, "default", live.table([])))
        for _ in range(8):
            stage.tick(again)
        assert all(one.incident.notice for one in stage.incidents())
        revisions = [one.revision for one in stage.incidents()]
        third = stage.keeper()
        third.open("default")
        for number in range(4):
            third.take(SignalFrame("0", 10_001 + number, "default", live.table([])))
            stage.tick(third)
        assert [one.revision for one in stage.incidents()] == revisions


def test_who_was_cut_off_while_telling_tells_again(live: SimpleNamespace) -> None:
    class CutOffError(Exception):
        """The process ends here."""

    def cut_off(*_: object) -> None:
        raise CutOffError

    with live.stage() as stage:
        keeper = stage.keeper(cut_off)
        for frame in stage.frames(days(live), 1000):
            keeper.take(frame)
        with pytest.raises(CutOffError):
            stage.tick(keeper)
        stage.tick(again := stage.keeper())
        again.open("default")
        stage.tick(again)
        assert {after.incident.id for _, _, after in stage.told} == {one.incident.id for one in stage.incidents()}


@pytest.fixture(scope="module")
def range_rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The signals of an intrusion into the built-in range, by the rules that come with Watchkeeper."""
    folder = tmp_path_factory.mktemp("range")
    generate("phishing-ransomware", 7, folder)
    detector = Detector(rules_of(Options(paths=(folder,))))
    found = [detector.signals(one) for one in read([folder / "evidence"]) if isinstance(one, Batch)]
    return pa.concat_tables([*found, detector.finish()]).sort_by([("time", "ascending"), ("id", "ascending")]).to_pylist()


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "kills", "each"), [(0, set(), 5), (1, {7}, 13), (2, {2, 3, 5}, 13)])
def test_the_range_out_of_order_and_killed_comes_to_what_one_run_comes_to(
    live: SimpleNamespace, range_rows: Rows, seed: int, kills: set[int], each: int
) -> None:
    whole = correlate(live.table(range_rows), Baseline.empty(), Knowledge(lambda host: Asset(name=host))).incidents
    chance = Random(seed)
    delayed = sorted(range_rows, key=lambda row: row["time"] + timedelta(seconds=chance.uniform(0, LATE_SECONDS / 2)))
    with live.stage() as stage:
        stage.executor = live.never()
        keeper, at, left = stage.keeper(), 0, set(kills)
        frames = stage.frames(delayed, each)
        while at < len(frames):
            keeper.take(frames[at])
            at += 1
            if at % 3 == 0:
                stage.tick(keeper)
            if at in left:
                left.remove(at)
                keeper, at = stage.keeper(), 0
        keeper.save(live.start)
        got = held(stage)
    assert len(got) > 1
    assert got == folds_of(whole)
