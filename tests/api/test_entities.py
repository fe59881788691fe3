"""What is known of a thing: its incidents, who looks out for it, where it was observed, and what people told of it."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

Ask = Callable[..., Any]


def test_what_is_known_of_a_host_and_a_user(ask: Ask) -> None:
    host = ask("GET", "entities/host?value=WS1")
    assert ([one["hosts"] for one in host["incidents"]], host["entity"]["value"], host["asset"]) == ([["ws1"]], "ws1", None)
    user = ask("GET", "entities/user?value=u3")
    assert [one["hosts"] for one in user["incidents"]] == [["ws2"]]
    assert ask("GET", "entities/domain?value=nowhere.example")["incidents"] == []
    assert ask("GET", "entities/process?value=C:%5CE.exe")["entity"]["value"] == "c:\\e.exe"


def test_who_looks_out_for_a_thing_is_said(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    ask("POST", "watches", 201, incident=one, kind="domain", value="evil[.]example", why="w")
    assert [watch["watch"]["incident"] for watch in ask("GET", "entities/domain?value=EVIL.example")["watches"]] == [one]


def test_an_inventory_says_whose_a_host_is(answering: TestClient, ask: Ask, bearer: Callable[..., dict[str, str]]) -> None:
    admin = bearer("admin") | {"Content-Type": "application/yaml"}
    told = "assets:\n  - {name: WS1.corp.example, owner: ann, criticality: 4, addresses: [192.0.2.7]}\n"
    assert answering.put("/api/assets", headers=admin, content=told).json() == {"assets": 1}
    assert [(one["name"], one["owner"]) for one in ask("GET", "assets")["items"]] == [("ws1", "ann")]
    assert ask("GET", "assets/192.0.2.7")["name"] == "ws1"
    assert ask("GET", "entities/host?value=ws1")["asset"]["criticality"] == 4
    assert "told of an asset 'ws9'" in ask("GET", "assets/ws9", 404)["detail"]
    wrong = answering.put("/api/assets", headers=admin, content="assets: [{name: x, criticality: 9}]")
    assert (wrong.status_code, "'assets.yml', entry 0.criticality" in wrong.json()["detail"]) == (400, True)


def test_senders_are_sources(ask: Ask) -> None:
    assert ask("GET", "sources") == {"items": [], "next": ""}


def test_techniques_and_groups_are_told(ask: Ask) -> None:
    told = ask("GET", "knowledge/techniques/t1059.001")
    assert (told["id"], told["parent"]["id"], told["tactics"]) == ("T1059.001", "T1059", ["execution"])
    assert "has no technique" in ask("GET", "knowledge/techniques/T0001", 404)["detail"]
    assert "no ATT&CK is imported here" in ask("GET", "knowledge/groups/APT29", 404)["detail"]
