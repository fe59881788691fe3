"""Questions over the API: a person answers, once, by one of the choices."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from tests.api.conftest import NOW
from tests.autopilot.playbooks.conftest import incident

from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.autopilot.questions import ask
from watchkeeper.model.asset import Asset
from watchkeeper.model.playbook import Ask
from watchkeeper.model.principal import Role
from watchkeeper.store import Store


def test_a_person_answers_once(person: Callable[[str, Role], TestClient], store: Store, bearer: Callable[..., dict[str, str]]) -> None:
    playbook = next(one for one in playbooks() if one.name == "web-shell")
    step = playbook.steps["ask-owner"]
    assert isinstance(step, Ask)
    asked = ask(store, incident(), (step, "1/ask-owner#1", playbook.name), lambda name: Asset(name=name), NOW)
    ann, vera = person("ann", "responder"), person("vera", "viewer")
    [seen] = vera.get("/api/questions").json()["items"]
    assert (seen["id"], seen["default"]) == (asked.id, "leave")
    choice, path = seen["options"][0]["name"], f"/api/questions/{asked.id[:8]}/answer"
    assert vera.post(path, json={"choice": choice}).status_code == 403
    assert TestClient(ann.app).post(path, json={"choice": choice}, headers=bearer("admin")).status_code == 403
    assert "is no answer" in ann.post(path, json={"choice": "nonsense"}).json()["detail"]
    answered = ann.post(path, json={"choice": choice, "why": "asked the owner"}).json()["answer"]
    assert (answered["by"], answered["way"], answered["choice"]) == ("ann", "api", choice)
    assert ann.post(path, json={"choice": choice}).status_code == 400
    assert ann.get("/api/questions").json()["items"] == []
    assert len(ann.get(f"/api/questions?everything=true&incident={asked.incident}").json()["items"]) == 1
    assert ann.post("/api/questions/ffff/answer", json={"choice": choice}).status_code == 404
