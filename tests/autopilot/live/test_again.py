"""What one incident names of another's attacker re-opens the other; what an incident names of its own attacker does not."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from watchkeeper.autopilot.following import followed_of
from watchkeeper.autopilot.live.again import LIVE, again_in, reopened_by
from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, correlate
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.watch import Watch

NOW = datetime(2025, 3, 4, tzinfo=UTC)


def watch(incident: str) -> Watch:
    why = Note(code="watch.own", arguments={"value": "192.0.2.7"})
    entity = Entity(kind="address", value="192.0.2.7")
    about = {"id": incident, "incident": incident, "case": incident, "level": "high", "hops": 0}
    return Watch(entity=entity, why=why, since=NOW, until=NOW + timedelta(days=9), **about)


@pytest.fixture(scope="module")
def found(live: SimpleNamespace) -> Correlated:
    """An incident whose signals name something that is looked out for."""
    with live.stage() as stage, closing(stage.store()) as store:
        (rule,) = followed_of([watch("other")], store, NOW).by_rule
    named = live.signal(rule, 60, "ws2", level="high", detector="watch", user="bob")
    return correlate(live.table([*live.attack(60), named]), Baseline.empty(), Knowledge(lambda host: Asset(name=host)))


@pytest.mark.parametrize("own", [False, True])
def test_only_anothers_is_open_again(live: SimpleNamespace, found: Correlated, *, own: bool) -> None:
    (incident,) = (one for one in found.incidents if any(fold.rule.startswith("watch/") for fold in one.folds))
    with live.stage() as stage, closing(stage.store()) as store:
        following = followed_of([watch(incident.id if own else "other")], store, NOW)
    new = again_in(found.signals, following)
    standings = reopened_by(found.signals, new, NOW)
    assert [(one.incident, one.state, one.case, one.joined) for one in standings] == (
        [] if own else [("other", "re-opened", LIVE, (incident.id,))]
    )
    assert new.known == int(own)
