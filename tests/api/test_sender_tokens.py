"""A sender's token opens the listeners and nothing else."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from watchkeeper.autopilot.senders import recognise
from watchkeeper.store import Store
from watchkeeper.store.people import People


def test_a_source_is_let_in_rolled_and_dropped(
    client: TestClient, bearer: Callable[..., dict[str, str]], store: Store, people: People
) -> None:
    admin = bearer("admin", "acme")
    made = client.post("/api/sources", headers=admin, json={"name": "edge", "peers": ["10.0.0.7/8"]}).json()
    assert made["source"]["peers"] == ["10.0.0.0/8"]
    assert (sender := recognise(store)(made["secret"])) is not None
    assert (sender.name, sender.tenant) == ("edge", "acme")
    assert client.get("/api/me", headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 401
    rolled = client.post("/api/sources/edge/token", headers=admin, json={}).json()["secret"]
    assert (recognise(store)(made["secret"]), recognise(store)(rolled)) == (None, sender)
    assert client.post("/api/sources/edge/token", headers=bearer("admin", "other"), json={}).status_code == 404
    assert client.delete("/api/sources/edge/token", headers=admin).status_code == 204
    assert recognise(store)(rolled) is None
    assert client.delete(f"/api/sources/{sender.id}", headers=admin).status_code == 204
    assert client.delete("/api/sources/edge", headers=admin).status_code == 404
    for bad in ({"name": ""}, {"name": "x", "peers": ["10.0.0.300"]}, {"name": "x", "silent_after_seconds": -1}):
        assert client.post("/api/sources", headers=admin, json=bad).status_code == 422, bad
    told = [one.what for one in people.audit.newest("acme", limit=5)]
    assert told == ["sender dropped", "sender's token taken away", "sender's token made", "sender's token made", "sender added"]
