"""Products by HTTP: each does what its documentation says, is taken back, and one that says yes and does nothing is found out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext
from typing import Any

import pytest
import yaml

from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.http.description import NOT_TRIED
from watchkeeper.response.connectors.http.place import HttpPlace
from watchkeeper.response.places import FILE, read_places

KEY = "0123456789abcdef0123456789abcdef"
SECRET = 's3cret "of\\ the-tést'  # noqa: S105 -- of servers that are started here
HASH = "a" * 40
Job_ = Callable[..., Job]
Start = Callable[..., Any]


@dataclass
class Defender:
    """The parts of the product's API that its description uses, as the product's documentation describes them."""

    deaf: bool = False
    """It answers as usual and does nothing."""
    machines: list[dict[str, str]] = field(default_factory=lambda: [{"id": "m1", "computerDnsName": "ws1.corp.example"}])
    actions: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """The newest first."""
    indicators: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    token: str = "t0"  # noqa: S105 -- of servers that are started here

    def __call__(self, call: Any) -> tuple[int, object]:
        if call.path == "/token":
            return 200, {"access_token": self.token, "expires_in": 3599}
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"error": {"code": "Unauthorized"}}
        kind = call.parts[2]
        return getattr(self, f"on_{call.method.lower()}_{kind}")(call)

    def on_get_machines(self, call: Any) -> tuple[int, object]:
        name = _literal(call.query["$filter"], "computerDnsName")
        return 200, {"value": [one for one in self.machines if one["computerDnsName"] == name]}

    def on_post_machines(self, call: Any) -> tuple[int, object]:
        machine, what = call.parts[3], {"isolate": "Isolate", "unisolate": "Unisolate"}.get(call.parts[4], call.parts[4])
        done = {"type": what, "machineId": machine, "requestorComment": call.json["Comment"], "status": "Pending"}
        done["id"] = str(len(self.actions))
        if not self.deaf:
            self.actions.insert(0, done)
        return 201, done

    def on_get_machineactions(self, call: Any) -> tuple[int, object]:
        machine = _literal(call.query["$filter"], "machineId")
        kinds = re.findall(r"type eq '(\w+)'", call.query["$filter"])
        return 200, {"value": [one for one in self.actions if one["machineId"] == machine and one["type"] in kinds]}

    def on_post_machineactions(self, call: Any) -> tuple[int, object]:
        cancelled = next(one for one in self.actions if one["id"] == call.parts[3])
        cancelled["status"] = "Canceled"
        return 200, cancelled

    def on_get_indicators(self, call: Any) -> tuple[int, object]:
        value = _literal(call.query["$filter"], "indicatorValue")
        return 200, {"value": [one for one in self.indicators.values() if one["indicatorValue"] == value]}

    def on_post_indicators(self, call: Any) -> tuple[int, object]:
        told = call.json | {"id": str(len(self.indicators) + 1)}
        if not self.deaf:
            self.indicators[told["id"]] = told
        return 200, told

    def on_delete_indicators(self, call: Any) -> tuple[int, object]:
        return (204, b"") if self.indicators.pop(call.parts[3], None) else (404, {})

    def agents_answer(self, status: str = "Succeeded") -> None:
        for one in self.actions:
            one["status"] = status if one["status"] == "Pending" else one["status"]


def _literal(filter_: str, name: str) -> str:
    """Read the text that a property is compared with as OData does: a quote in it is written twice."""
    found = re.match(rf"{name} eq '((?:[^']|'')*)'(?: |$)", filter_)
    assert found, filter_
    return found[1].replace("''", "'")


def _means(server: Any, action: str, definition: str = "defender", **otherwise: Any) -> Means:
    person = {"user": "wk", "password": "env:S"}
    auth = {"token_url": f"{server.url}/token", "client_id": "me", "client_secret": "env:S"} if definition == "defender" else person
    told = {"name": "p", "by": "http", "actions": [action], "definition": definition, "base": server.url, "auth": auth} | otherwise
    return HttpPlace.model_validate(told).means(action, lambda _: SECRET)


SUFFIX = {"suffix": ".corp.example"}


def test_a_machine_is_isolated_seen_to_be_and_released(product: Start, job: Job_) -> None:
    defender = Defender()
    server = product(defender)
    means, host = _means(server, "isolate_host", settings=SUFFIX), job("host", "ws1")
    assert means.check(host).outcome == "not-in-force"
    done = means.do(host)
    assert (done.reference, NOT_TRIED in done.said) == ("0", True)
    assert server.asked("POST")[-1].json == {"Comment": f"Watchkeeper {KEY}", "IsolationType": "Full"}
    assert server.asked("POST")[-1].headers["idempotency-key"].startswith(KEY)
    assert means.check(host).outcome == "not-in-force"
    means.do(host)
    defender.agents_answer()
    means.do(host)
    assert [one["type"] for one in defender.actions] == ["Isolate"]
    assert means.check(host).outcome == "in-force"
    assert means.undo
    means.undo(host)
    means.undo(host)
    defender.agents_answer()
    means.undo(host)
    assert [one["type"] for one in defender.actions] == ["Unisolate", "Isolate"]
    assert means.check(host).outcome == "not-in-force"


def test_an_isolation_that_did_not_begin_yet_is_cancelled(product: Start, job: Job_) -> None:
    defender = Defender()
    means, host = _means(product(defender), "isolate_host", settings=SUFFIX), job("host", "ws1")
    means.do(host)
    assert means.undo
    means.undo(host)
    assert [(one["type"], one["status"]) for one in defender.actions] == [("Isolate", "Canceled")]


def test_an_isolation_that_an_analyst_ended_is_not_in_force(product: Start, job: Job_) -> None:
    defender = Defender()
    means, host = _means(product(defender), "isolate_host", settings=SUFFIX), job("host", "ws1")
    means.do(host)
    defender.agents_answer()
    defender.actions.insert(0, {"id": "9", "type": "Unisolate", "machineId": "m1", "requestorComment": "mine", "status": "Succeeded"})
    assert means.check(host).outcome == "not-in-force"


def test_one_that_says_yes_and_does_nothing_is_found_out(product: Start, job: Job_) -> None:
    server = product(Defender(deaf=True))
    isolating, listing = _means(server, "isolate_host", settings=SUFFIX), _means(server, "add_indicator")
    assert "took it" in isolating.do(job("host", "ws1")).said
    assert isolating.check(job("host", "ws1")).outcome == "not-in-force"
    assert "took it" in listing.do(job("domain", "evil.example")).said
    assert listing.check(job("domain", "evil.example")).outcome == "not-in-force"


@pytest.mark.parametrize(
    "machines", [[], [{"id": "m1", "computerDnsName": "ws1.corp.example"}, {"id": "m2", "computerDnsName": "ws1.corp.example"}]]
)
def test_a_host_that_is_no_one_machine_is_not_isolated(product: Start, job: Job_, machines: list[dict[str, str]]) -> None:
    server = product(Defender(machines=machines))
    with pytest.raises(ValueError, match=r"no machine of that name|2 things fit"):
        _means(server, "isolate_host", settings=SUFFIX).do(job("host", "ws1"))
    assert [one.path for one in server.asked("POST")] == ["/token"]


def test_a_file_is_quarantined_by_its_hash_on_its_host(product: Start, job: Job_) -> None:
    defender = Defender()
    server = product(defender)
    means = _means(server, "quarantine_file", settings=SUFFIX)
    with pytest.raises(ValueError, match="it needs 'host', 'sha1' beside its target"):
        means.do(job("file", "ws1:C:\\x.exe"))
    assert server.calls == []
    told = job("file", "ws1:C:\\x.exe", arguments={"host": "ws1", "sha1": HASH})
    means.do(told)
    assert server.asked("POST")[-1].json["Sha1"] == HASH
    defender.agents_answer("Failed")
    assert means.check(told).outcome == "not-in-force"
    means.do(told)
    defender.agents_answer()
    assert means.check(told).outcome == "in-force"
    assert means.undo is None


def test_many_indicators_are_one_job_and_those_of_others_stay(product: Start, job: Job_) -> None:
    defender = Defender()
    server = product(defender)
    means = _means(server, "block_address")
    both = job("address", "203.0.113.9", "2001:db8::9")
    means.do(both)
    means.do(both)
    assert [(one["indicatorValue"], one["indicatorType"], one["expirationTime"]) for one in defender.indicators.values()] == [
        ("203.0.113.9", "IpAddress", "2026-11-27T12:00:00.000Z"),
        ("2001:db8::9", "IpAddress", "2026-11-27T12:00:00.000Z"),
    ]
    assert len({one.headers["idempotency-key"] for one in server.asked("POST")[1:]}) == 2
    assert means.check(both).outcome == "in-force"
    defender.indicators["7"] = {"id": "7", "indicatorValue": "198.51.100.7", "description": "ours", "action": "Allowed"}
    with pytest.raises(ValueError, match="not of this action, and it is left alone"):
        means.do(job("address", "198.51.100.7"))
    assert means.undo
    means.undo(both)
    means.undo(both)
    assert list(defender.indicators) == ["7"]
    assert means.check(both).outcome == "not-in-force"


def test_hashes_are_told_by_their_length(product: Start, job: Job_) -> None:
    defender = Defender()
    _means(product(defender), "add_indicator").do(job("hash", "A" * 64, "b" * 40))
    assert [(one["indicatorType"], one["indicatorValue"]) for one in defender.indicators.values()] == [
        ("FileSha256", "a" * 64),
        ("FileSha1", "b" * 40),
    ]


def test_a_token_that_ended_early_is_asked_for_anew(product: Start, job: Job_) -> None:
    defender = Defender()
    server = product(defender)
    means = _means(server, "add_indicator")
    means.do(job("domain", "evil.example"))
    defender.token = "t1"  # noqa: S105 -- of servers that are started here
    assert means.check(job("domain", "evil.example")).outcome == "in-force"
    assert [one.path for one in server.calls].count("/token") == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("host", "ws1' or 1 eq 1"), ("host", "ws1/../x"), ("address", "10.0.0.1/8"), ("domain", "evil..example"), ("user", "bob"),
        ("hash", "zz"), ("url", "https://evil.example/\r\nX: y"), ("domain", "evil.example\x00"), ("address", "fe80::1%eth0"),
    ],
)  # fmt: skip
def test_a_target_that_is_none_or_not_taken_reaches_no_product(product: Start, job: Job_, kind: str, value: str) -> None:
    server = product(Defender())
    with pytest.raises(ValueError, match=r"is no \w+ that may be acted on|it takes address, domain"):
        _means(server, "add_indicator").do(job(kind, value))
    assert server.calls == []


@dataclass
class Wazuh:
    """Its server API, as far as a script is run on an agent."""

    sent: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    affected: int = 1

    def __call__(self, call: Any) -> tuple[int, object]:
        if call.path == "/security/user/authenticate":
            return 200, {"data": {"token": "jwt"}, "error": 0}
        if call.headers.get("authorization") != "Bearer jwt":
            return 401, {"title": "Unauthorized"}
        if call.path == "/agents":
            agents = [{"id": "001", "name": "edge"}, {"id": "002", "name": "ws1"}]
            return 200, {"data": {"affected_items": [one for one in agents if one["name"] == call.query["name"]]}, "error": 0}
        self.sent.append((call.query["agents_list"], call.json))
        return 200, {"data": {"affected_items": ["001"], "total_affected_items": self.affected, "failed_items": []}, "error": 0}


def test_wazuh_runs_a_script_on_an_agent_and_cannot_be_asked_what_came_of_it(product: Start, job: Job_) -> None:
    wazuh = Wazuh()
    server = product(wazuh)
    means = _means(server, "block_address", "wazuh", settings={"firewall_agent": "edge"})
    means.do(job("address", "203.0.113.9"))
    _means(server, "disable_account", "wazuh").do(job("user", "bob", arguments={"host": "ws1"}))
    assert wazuh.sent == [
        ("001", {"command": "!firewall-drop", "arguments": [], "alert": {"data": {"srcip": "203.0.113.9"}}}),
        ("002", {"command": "!disable-account", "arguments": [], "alert": {"data": {"dstuser": "bob"}}}),
    ]
    seen = means.check(job("address", "203.0.113.9"))
    assert (seen.outcome, "telemetry" in seen.said, means.undo) == ("unknown", True, None)
    with pytest.raises(ValueError, match="no active agent"):
        _means(server, "block_address", "wazuh").do(job("address", "203.0.113.9"))
    wazuh.affected = 0
    with pytest.raises(ValueError, match="was not sent the script"):
        means.do(job("address", "203.0.113.9"))


@dataclass
class Jira:
    """Issues: made, found by label once the index has them, and read."""

    issues: dict[str, Any] = field(default_factory=dict[str, Any])
    is_indexed: bool = True

    def __call__(self, call: Any) -> tuple[int, object]:
        if call.method == "POST":
            key = f"SOC-{len(self.issues) + 1}"
            self.issues[key] = call.json["fields"]
            return 201, {"id": "1", "key": key}
        if call.path.endswith("/search/jql"):
            label = re.fullmatch(r'labels = "([a-z0-9-]+)"', call.query["jql"])
            assert label
            fitting = [{"key": key, "fields": one} for key, one in self.issues.items() if label[1] in one["labels"]]
            return 200, {"issues": fitting if self.is_indexed else [], "isLast": True}
        found = self.issues.get(call.parts[-1])
        return (200, {"key": call.parts[-1], "fields": found}) if found else (404, {"errorMessages": ["no"]})


TOLD = {"title": "Credentials dumped\r\non ws1", "text": 'line 1\nline 2 "quoted" {key} <b>'}


def test_a_ticket_is_opened_once_whoever_asks_again(product: Start, job: Job_) -> None:
    jira = Jira()
    server = product(jira)
    means, asked = _means(server, "open_ticket", "jira", settings={"project": "SOC"}), job("host", "ws1", arguments=TOLD)
    assert means.check(asked).outcome == "not-in-force"
    assert [means.do(asked).reference, means.do(asked).reference] == ["SOC-1", "SOC-1"]
    assert len(jira.issues) == 1
    fields = jira.issues["SOC-1"]
    assert (fields["summary"], fields["project"], fields["labels"]) == (
        "Credentials dumped on ws1",
        {"key": "SOC"},
        ["watchkeeper", f"watchkeeper-{KEY}"],
    )
    assert fields["description"]["content"][0]["content"][0]["text"] == TOLD["text"]
    assert means.check(asked).outcome == "in-force"
    jira.is_indexed = False
    numbered = asked.model_copy(update={"reference": "SOC-1"})
    assert means.check(numbered).outcome == "in-force"
    del jira.issues["SOC-1"]
    assert means.check(numbered).outcome == "not-in-force"
    assert means.undo is None


def test_a_ticket_of_servicenow_is_found_by_what_it_is_for(product: Start, job: Job_) -> None:
    rows: list[dict[str, str]] = []

    def answering(call: Any) -> tuple[int, object]:
        if call.method == "POST":
            rows.append(call.json | {"sys_id": "s1", "number": "INC001"})
            return 201, {"result": rows[-1]}
        name, _, value = call.query["sysparm_query"].partition("=")
        return 200, {"result": [one for one in rows if one[name] == value]}

    means, asked = _means(product(answering), "open_ticket", "servicenow"), job("host", "ws1", arguments=TOLD)
    assert [means.do(asked).reference, means.do(asked).reference, len(rows)] == ["INC001", "INC001", 1]
    assert means.check(asked).outcome == "in-force"


OWN: dict[str, Any] = {
    "product": "Own", "source": "our wiki", "tried": True, "auth": {"by": "basic", "user": "wk", "password": "env:S"},
    "actions": {
        "kill_process": {
            "kinds": {"process": "process"}, "do": [{"request": "POST /kill/{target}", "body": {"who": "{target}"}, "ok": [202]}],
            "check": [
                {
                    "request": "GET /kill/{target}", "remember": {"state": {"path": "state"}},
                    "again": {"until": {"value": "{found.state}", "one_of": ["dead"]}, "times": 3, "every_seconds": 0.01},
                }
            ],
            "in_force": [{"value": "{found.state}", "one_of": ["dead"]}],
        }
    },
}  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.yml"
    path.write_text(yaml.safe_dump(OWN))
    return str(path)


def _own(server: Any, own: str, **otherwise: Any) -> Means:
    return _means(server, "kill_process", own, **{"auth": {}} | otherwise)


@pytest.mark.parametrize("value", ["a?b#c", "...x", "ws1:44 evil '\"{key}.exe", "a b é.exe", "&=+", "{argument.x}"])
def test_a_hostile_name_arrives_as_that_name_and_nothing_else(product: Start, job: Job_, own: str, value: str) -> None:
    server = product(lambda _: (202, {}))
    _own(server, own).do(job("process", value))
    [call] = server.calls
    assert (call.parts, call.query, call.json) == (["", "kill", value], {}, {"who": value})


@pytest.mark.parametrize(
    ("identity", "path"),
    [("m?x=y#z", "/api/machines/m%3Fx%3Dy%23z/isolate"), ("../../admin", ""), ("..", ""), ("", ""), ("a\r\nb", ""), ("m' or '1", None)],
)
def test_what_a_product_answers_is_data_too(product: Start, job: Job_, identity: str, path: str | None) -> None:
    server = product(Defender(machines=[{"id": identity, "computerDnsName": "ws1.corp.example"}]))
    means = _means(server, "isolate_host", settings=SUFFIX)
    if path == "":
        with pytest.raises(ValueError, match=r"empty or dots alone|cannot stand in a path|control characters|no machine"):
            means.do(job("host", "ws1"))
        return
    means.do(job("host", "ws1"))
    assert server.asked("POST")[-1].path == (path or "/api/machines/m%27%20or%20%271/isolate")
    assert server.asked("POST")[-1].parts[3] == identity


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((500, {}), ConnectionError, "status 500"), ((429, {}), ConnectionError, "status 429"), ((302, {}), ValueError, "redirect"),
        ((403, {"why": f"not with {SECRET}"}), ValueError, "not with …"), ((200, {}), ValueError, "status 200"),
        ((202, b"<html>"), ValueError, "no JSON"),
    ],
)  # fmt: skip
def test_an_answer_says_whether_to_try_again_and_shows_no_secret(
    product: Start, job: Job_, own: str, answer: tuple[int, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        _own(product(lambda _: answer), own).do(job("process", "x"))
    assert "'p'" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_what_is_asked_until_it_is_so_is_asked_so_often_and_no_more(product: Start, job: Job_, own: str) -> None:
    states = iter(["alive", "dead"])
    server = product(lambda _: (200, {"state": next(states)}))
    assert _own(server, own).check(job("process", "x")).outcome == "in-force"
    deaf = product(lambda _: (200, {"state": "alive"}))
    with pytest.raises(TimeoutError, match="after 3 looks"):
        _own(deaf, own).check(job("process", "x"))
    assert len(deaf.calls) == 3


def test_a_product_that_is_not_there_may_be_tried_again(job: Job_, own: str) -> None:
    place = {"name": "p", "by": "http", "actions": ["kill_process"], "definition": own, "base": "http://127.0.0.1:9"}
    with pytest.raises(ConnectionError, match="'p'"):
        HttpPlace.model_validate(place).means("kill_process", lambda _: SECRET).do(job("process", "x"))


def test_its_certificate_is_verified_by_the_authority_that_is_named(
    serve: Start, tls: SSLContext, certificate: Path, job: Job_, own: str
) -> None:
    server = serve(tls)
    server.answers["/kill/x"] = (202, {}, b"{}")
    with pytest.raises(ConnectionError, match="certificate"):
        _own(server, own).do(job("process", "x"))
    _own(server, own, certificates=str(certificate)).do(job("process", "x"))
    assert len(server.posted) == 1


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"definition": "nothing"}, "there is no description 'nothing'"),
        ({"base": "http://product.example"}, "must be an https address"),
        ({"actions": ["hold_mail"]}, "has no action 'hold_mail' here"),
        ({"settings": {"colour": "red"}}, "has none called 'colour'"),
        (
            {"auth": {"token_url": "https://login.example/", "client_id": "me", "client_secret": "hunter2-hunter2"}},
            "never the secret itself",
        ),
        ({"definition": "jira", "actions": ["open_ticket"], "auth": {"user": "u", "password": "env:S"}}, "no address that is everybody's"),
        (
            {"definition": "jira", "actions": ["open_ticket"], "auth": {"user": "u", "password": "env:S"}, "base": "https://j.example"},
            "Jira Cloud needs project",
        ),
    ],
)
def test_what_is_wrong_in_response_yml_is_named_without_a_secret(tmp_path: Path, told: dict[str, Any], said: str) -> None:
    auth = {"token_url": "https://login.example/token", "client_id": "me", "client_secret": "env:S"}
    place = {"name": "edr", "by": "http", "definition": "defender", "actions": ["isolate_host"], "auth": auth} | told
    (tmp_path / FILE).write_text(yaml.safe_dump({"places": [place]}))
    with pytest.raises(ValueError, match=said) as caught:
        read_places(tmp_path / FILE)
    assert "place 1" in str(caught.value)
    assert "hunter2" not in str(caught.value)
