"""Policy over the API: admins decide, two of them, never a token; what only makes things safer a responder may."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.principal import Role

Person = Callable[[str, Role], TestClient]
CLASS = {"action": "block_address", "group": "other", "why": "it worked each time"}


def test_two_admins_raise_a_level_and_a_responder_lowers_it(person: Person) -> None:
    dora, emil, ann = person("dora", "admin"), person("emil", "admin"), person("ann", "responder")
    asked = dora.post("/api/policy/promote", json=CLASS | {"level": "L3"})
    assert (asked.status_code, asked.json()["state"]) == (201, "asked"), asked.text
    agree = f"/api/policy/changes/{asked.json()['id'][:9]}/agree"
    assert dora.post(agree).status_code == 400, "nobody agrees with themself"
    assert ann.post(agree).status_code == 403
    assert emil.post(agree).json()["state"] == "in-force"
    [line] = ann.get("/api/policy/levels").json()["items"]
    assert (line["level"], line["last"]["by"], line["record"]["action"]) == ("L3", "dora", "block_address")
    assert ann.post("/api/policy/promote", json=CLASS).status_code == 403
    lowered = ann.post("/api/policy/lower", json=CLASS | {"level": "L1", "why": "new firewall"})
    assert (lowered.status_code, lowered.json()["by"]) == (200, "ann")
    assert ann.get("/api/policy/levels").json()["items"][0]["level"] == "L1"


def test_a_change_of_policy_is_asked_for_and_cancelled(person: Person) -> None:
    dora, ann = person("dora", "admin"), person("ann", "responder")
    whole = ann.get("/api/policy").json()["policy"]
    asked = dora.post("/api/policy/promote", json=CLASS | {"level": "L3"}).json()
    assert asked["state"] == "announced", "one admin alone waits for a day"
    cancelled = ann.post(f"/api/policy/changes/{asked['id']}/cancel", json={"why": "too early"})
    assert cancelled.json()["state"] == "cancelled"
    refused = dora.post("/api/policy/changes", json={"policy": whole | {"nonsense": 1}, "why": "x"})
    assert refused.status_code == 400
    assert "nonsense" in refused.json()["detail"]
    stricter = dora.post("/api/policy/changes", json={"policy": whole | {"never": ["gateway"]}, "why": "never that one"})
    assert (stricter.status_code, stricter.json()["state"]) == (201, "in-force"), stricter.text
    assert ann.get("/api/policy").json()["policy"]["never"] == ["gateway"]


def test_no_token_decides(acting: Platform, bearer: Callable[..., dict[str, str]]) -> None:
    program, headers = TestClient(build(acting)), bearer("admin")
    bodies: dict[str, dict[str, object]] = {
        "promote": CLASS, "lower": CLASS | {"level": "L0"}, "changes": {"policy": {}, "why": "x"},
        "changes/0/agree": {}, "changes/0/cancel": {"why": "x"},
    }  # fmt: skip
    for path, body in bodies.items():
        assert program.post(f"/api/policy/{path}", json=body, headers=headers).status_code == 403, path
    assert program.get("/api/policy", headers=headers).status_code == 200
