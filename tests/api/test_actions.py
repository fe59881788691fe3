"""Actions over the API: people answer and programs do not, who asks does not approve, also not by a token; long lists stay short."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from tests.api.conftest import NOW

from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.api.actions import one_of_few
from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import Role
from watchkeeper.model.token import ApiToken
from watchkeeper.response.lists import FOLDER
from watchkeeper.store.people import People

Person = Callable[[str, Role], TestClient]
ADDRESS = "203.0.113.7"
WANTED = {"action": "add_indicator", "targets": [{"kind": "address", "value": ADDRESS}], "blast_radius": 1}


def _held(platform: Platform) -> str:
    return "".join(one.read_text("utf-8") for one in (platform.state / FOLDER).rglob("*") if one.is_file() and one.suffix != ".lock")


def _token(people: People, made_by: str) -> dict[str, str]:
    secret = new_secret("wka")
    token = ApiToken(id=new_id(), name="soar", tenant="default", role="admin", made=NOW, made_by=made_by, expires=None)
    people.add_token(token, digest(secret), Happened(time=NOW, tenant="default", who="x", what="token made"))
    return {"Authorization": f"Bearer {secret}"}


def test_what_one_asks_for_another_approves_and_anybody_who_acts_takes_back(person: Person, acting: Platform) -> None:
    ann, bob = person("ann", "responder"), person("bob", "responder")
    asked = ann.post("/api/actions", json=WANTED | {"asked_by": "person:zoe"})
    assert asked.status_code == 422, "who asks is who signed in"
    asked = ann.post("/api/actions", json=WANTED)
    assert asked.status_code == 201, asked.text
    action = asked.json()["id"]
    assert (asked.json()["record"]["state"], asked.json()["record"]["proposal"]["asked_by"]) == ("waiting", "person:ann")
    assert "another person has to approve" in ann.post(f"/api/actions/{action}/answer", json={"agrees": True}).json()["detail"]
    assert "not as you saw it" in bob.post(f"/api/actions/{action}/answer", json={"agrees": True, "digest": "0" * 64}).json()["detail"]
    assert [one["id"] for one in bob.get("/api/actions?show=waiting").json()["items"]] == [action]
    done = bob.post(f"/api/actions/{action[:8]}/answer", json={"agrees": True, "digest": asked.json()["digest"], "why": "seen it too"})
    assert (done.status_code, done.json()["record"]["state"]) == (200, "verified"), done.text
    assert ADDRESS in _held(acting)
    assert bob.post(f"/api/actions/{action}/check").json()["record"]["state"] == "verified"
    seen = bob.get(f"/api/actions/{action}").json()
    assert [(one["by"], one["way"], one["why"]) for one in seen["approvals"]] == [("bob", "api", "seen it too")]
    undone = ann.post(f"/api/actions/{action}/undo", json={"why": "a customer"}).json()["record"]
    assert (undone["state"], undone["ended_by"]) == ("undone", "person:ann")
    assert [one["what"] for one in ann.get(f"/api/actions/{action}").json()["entries"]][-1] == "action undone"


def test_a_token_asks_and_takes_back_in_its_makers_name_and_never_answers(person: Person, acting: Platform, people: People) -> None:
    dora, program = person("dora", "admin"), TestClient(build(acting))
    headers = _token(people, "dora")
    asked = program.post("/api/actions", json=WANTED, headers=headers).json()
    assert asked["record"]["proposal"]["asked_by"] == "person:dora"
    answer = f"/api/actions/{asked['id']}/answer"
    assert program.post(answer, json={"agrees": True}, headers=headers).status_code == 403
    assert program.post(answer, json={"agrees": False}, headers=_token(people, "x")).status_code == 403
    assert "another person has to approve" in dora.post(answer, json={"agrees": True}).json()["detail"]
    bob = person("bob", "responder")
    assert bob.post(answer, json={"agrees": True}).json()["record"]["state"] == "verified"
    undone = program.post(f"/api/actions/{asked['id']}/undo", json={"why": "wrong"}, headers=headers).json()["record"]
    assert undone["ended_by"] == "person:dora"
    entry = bob.get(f"/api/actions/{asked['id']}").json()["entries"][-1]
    assert "API token" in entry["note"]


def test_a_token_of_the_command_line_asks_as_itself(person: Person, acting: Platform, people: People) -> None:
    headers = _token(people, "command line")
    asked = TestClient(build(acting)).post("/api/actions", json=WANTED, headers=headers).json()["record"]
    assert asked["proposal"]["asked_by"].startswith("person:token ")
    assert asked["state"] == "waiting"


def test_of_thousands_of_targets_an_answer_holds_the_first(person: Person) -> None:
    ann = person("ann", "responder")
    many = [{"kind": "address", "value": f"9.9.{high}.{low}"} for high in range(12) for low in range(100)]
    asked = ann.post("/api/actions", json=WANTED | {"targets": many}).json()
    assert asked["count"] == 1200
    seen = ann.get(f"/api/actions/{asked['id']}").json()
    assert (seen["count"], len(seen["record"]["proposal"]["targets"]), seen["digest"]) == (1200, 200, asked["digest"])
    [line] = ann.get("/api/actions?show=all").json()["items"]
    assert (line["count"], len(line["targets"])) == (1200, 5)


def test_lists_go_on_where_a_page_ended(person: Person) -> None:
    ann = person("ann", "responder")
    for number in range(3):
        target = {"kind": "address", "value": f"203.0.113.{number}"}
        assert ann.post("/api/actions", json=WANTED | {"targets": [target]}).status_code == 201
    first = ann.get("/api/actions?show=waiting&limit=2").json()
    second = ann.get(f"/api/actions?show=waiting&limit=2&after={first['next']}").json()
    assert len({one["id"] for one in first["items"] + second["items"]}) == 3
    assert second["next"] == ""
    assert ann.get("/api/actions?show=waiting&after=nonsense").status_code == 400
    assert ann.get("/api/actions?show=all&incident=other").json()["items"] == []
    assert ann.get("/api/actions/ffff").status_code == 404


def test_the_inventory_of_the_server_protects(person: Person, acting: Platform) -> None:
    (acting.state / "assets.yml").write_text(f"assets: [{{name: scanner, protected: true, addresses: ['{ADDRESS}']}}]\n", "utf-8")
    ann = person("ann", "responder")
    ann.app.state.platform = replace(acting, assets=acting.state / "assets.yml")
    asked = ann.post("/api/actions", json=WANTED).json()["record"]
    assert asked["ruling"]["approvals"] == 2, asked


def test_few_wait_for_slow_places_at_a_time(person: Person) -> None:
    ann = person("ann", "responder")
    with one_of_few(), one_of_few(), one_of_few(), one_of_few(), one_of_few(), one_of_few(), one_of_few(), one_of_few():
        full = ann.post("/api/actions", json=WANTED)
    assert (full.status_code, full.headers["Retry-After"]) == (503, "5")
    assert ann.post("/api/actions", json=WANTED).status_code == 201


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_who_may_not_act_only_looks(person: Person, role: Role) -> None:
    vera = person("vera", role)
    assert vera.get("/api/actions").status_code == 200
    assert vera.post("/api/actions", json=WANTED).status_code == 403
