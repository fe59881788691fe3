"""Signals of the stream are read back as the keeper saved them, and listed in their incidents; pages hold each once."""

from types import SimpleNamespace

from watchkeeper.autopilot.board import board
from watchkeeper.autopilot.changes import changes_after
from watchkeeper.autopilot.live.recent_signals import recent_signals
from watchkeeper.autopilot.metrics import Period, metrics
from watchkeeper.autopilot.signal_list import STREAM, signals
from watchkeeper.model.signal_placed import SignalFilter
from watchkeeper.model.summary import IncidentFilter


def test_signals_incidents_and_changes_of_the_stream_are_listed(live: SimpleNamespace) -> None:
    rows = sorted([*live.everyday(3, 24 * 3), *live.attack(2 * 1440 - 30)], key=lambda row: (row["time"], row["id"]))
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(rows):
            keeper.take(frame)
        stage.tick(keeper)
        store = stage.store()
        incident = next(one for one in stage.incidents() if "attack" in one.incident.title).incident
        assert recent_signals(store).num_rows > 0
        mine = signals(store, SignalFilter(incident=incident.id), "", 500).items
        assert {(one.case, one.incident) for one in mine} == {(STREAM, incident.id)}
        assert len(mine) == sum(fold.count for fold in incident.folds)
        first = signals(store, SignalFilter(), "", 7)
        rest = signals(store, SignalFilter(), first.next, 500)
        assert len({one.id for one in (*first.items, *rest.items)}) == len(first.items) + len(rest.items)
        lines = board(store, IncidentFilter(host=incident.hosts[0]), "", 50).items
        assert incident.id in {line.id for line in lines}
        pages = [board(store, IncidentFilter(), "", 500).items, *_one_by_one(store)]
        assert [line.id for line in pages[0]] == [line.id for page in pages[1:] for line in page]
        assert incident.id in {change.id for change in changes_after(store, 0, 500).changes if change.kind == "incident"}
        found = {one.name: one for one in metrics(store, Period(None, None), None, "en").metrics}
        assert found["detection"].over == len(pages[0])
        assert found["detection"].value is not None


def _one_by_one(store):
    after, pages = "", []
    while True:
        page = board(store, IncidentFilter(), after, 1)
        pages.append(page.items)
        if not (after := page.next):
            return pages
