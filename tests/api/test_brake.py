"""The brake over the API: a responder or a program sets it, an admin who signed in releases it, and all tenants' takes a role in all."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.principal import Role

Person = Callable[[str, Role], TestClient]
WANTED = {"action": "add_indicator", "targets": [{"kind": "address", "value": "203.0.113.7"}], "blast_radius": 1}


def test_a_responder_sets_it_and_an_admin_releases_it(person: Person) -> None:
    ann, dora = person("ann", "responder"), person("dora", "admin")
    assert ann.post("/api/brake/on", json={"why": "it blocks our scanner"}).json()["by"] == "ann"
    refused = ann.post("/api/actions", json=WANTED).json()["record"]
    assert (refused["state"], refused["ruling"]["why"][0]["code"]) == ("refused", "ethics.brake")
    assert ann.post("/api/brake/off", json={"why": "x"}).status_code == 403
    assert ann.post("/api/brake/off?tenant=*", json={"why": "x"}).status_code == 403
    assert dora.post("/api/brake/off", json={"why": "repaired"}).json()["on"] is False
    assert ann.post("/api/actions", json=WANTED).json()["record"]["state"] == "waiting"
    assert ann.post("/api/brake/dry-run", json={"why": "a trial"}).json()["dry_run"] is True
    [brake] = ann.get("/api/brake").json()["items"]
    assert (brake["on"], brake["dry_run"], brake["by"]) == (False, True, "ann")


def test_a_program_sets_it_and_does_not_release_it(acting: Platform, bearer: Callable[..., dict[str, str]]) -> None:
    program, headers = TestClient(build(acting)), bearer("admin", "*")
    assert program.post("/api/brake/on?tenant=*", json={"why": "flood"}, headers=headers).json()["scope"] == "*"
    assert program.get("/api/brake?tenant=acme", headers=headers).json()["items"][0]["on"] is True
    assert program.post("/api/brake/off?tenant=*", json={"why": "x"}, headers=headers).status_code == 403
    assert program.post("/api/brake/on?tenant=*", json={"why": "x"}, headers=bearer("admin")).status_code == 403
