"""Playbooks over the API: those that ship and one's own, in the order they are asked, in both languages."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from watchkeeper.api.platform import Platform
from watchkeeper.model.principal import Role

OWN = "title: Mine\npriority: 99\nstart: wait\nsteps:\n  wait: {kind: wait, seconds: 5, next: end}\n  end: {kind: end}\n"


def test_playbooks_are_listed_and_shown(person: Callable[[str, Role], TestClient], acting: Platform) -> None:
    vera = person("vera", "viewer")
    shipped = vera.get("/api/playbooks").json()["items"]
    assert len(shipped) >= 9
    (acting.state / "playbooks").mkdir()
    (acting.state / "playbooks" / "mine.yml").write_text(OWN, "utf-8")
    listed = vera.get("/api/playbooks?limit=500").json()["items"]
    assert [one["priority"] for one in listed] == sorted((one["priority"] for one in listed), reverse=True)
    assert {one["name"] for one in listed} - {one["name"] for one in shipped} == {"mine"}
    zh = {one["title"] for one in vera.get("/api/playbooks?lang=zh").json()["items"]}
    assert zh != {one["title"] for one in listed}
    mine = vera.get("/api/playbooks/mine").json()
    assert (mine["playbook"]["start"], len(mine["told"])) == ("wait", 2)
    assert vera.get("/api/playbooks/nothing").status_code == 404
