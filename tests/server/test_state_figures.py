"""Incidents and senders of all tenants are counted, those that nobody is shown are not."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.model.incident import Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.sender import Sender
from watchkeeper.server.state_figures import note_state
from watchkeeper.server.vitals import Pulse, total
from watchkeeper.store import Advance, open_store

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def _incident(name: str, *, shown: bool) -> Incident:
    known = {
        "id": name, "rank": 1, "title": "t", "level": "high", "score": 1.0, "start": NOW, "end": NOW, "sessions": (), "folds": (),
        "hosts": ("h1",), "entities": (), "techniques": (), "tactics": (), "why": (), "shown": shown,
    }  # fmt: skip
    return Incident.model_validate(known)


def test_everything_is_counted_over_tenants(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path, "keeper")
    with closing(open_store(tmp_path)) as store:
        store.of("acme").keep_title("Acme")
        for tenant in ("default", "acme"):
            made = (_incident("a", shown=True), _incident("b", shown=False))
            store.of(tenant).advance(Advance(Cursor(name="keeper", position=1), made))
        store.keep_sender(Sender(id="a", tenant="default", name="on"))
        store.keep_sender(Sender(id="b", tenant="default", name="off", on=False))
        note_state(pulse, store, silent=1)
    said = (pulse.vitals(),)
    assert [total(said, "incidents", status=status) for status in ("open", "re-opened", "closed")] == [2, 0, 0]
    assert (total(said, "senders"), total(said, "senders_silent")) == (1, 1)
