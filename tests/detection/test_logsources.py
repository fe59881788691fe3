"""Log sources: which events a rule's words mean, and what its fields are called there."""

from pathlib import Path
from typing import Any

import pytest

from watchkeeper.detection import Detector
from watchkeeper.detection.detector import Engine
from watchkeeper.detection.logsources import Derived, LogSources, Product, Route, log_sources
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.model.logsource import LogSource

SYSMON = "Microsoft-Windows-Sysmon/Operational"


def reached(wanted: SigmaSource, product: str, service: str = "", event_type: str = "") -> bool:
    return any(log_sources().routes(wanted, LogSource(product=product, service=service, event_type=event_type)))


@pytest.mark.parametrize(
    ("wanted", "source", "expected"),
    [
        (SigmaSource("windows", "process_creation"), ("windows", SYSMON, "1"), True),
        (SigmaSource("windows", "process_creation"), ("windows", "Security", "4688"), True),
        (SigmaSource("windows", "process_creation"), ("windows", SYSMON, "3"), False),
        (SigmaSource("windows", "process_creation"), ("linux", "sysmon", "1"), False),
        (SigmaSource("linux", "process_creation"), ("linux", "sysmon", "1"), True),
        (SigmaSource("", "process_creation"), ("linux", "sysmon", "1"), True),
        (SigmaSource("windows", "process_creation"), ("crowdstrike", "ProcessRollup2", ""), True),
        (SigmaSource("macos", "process_creation"), ("crowdstrike", "ProcessRollup2", ""), True),
        (SigmaSource("", "process_creation"), ("crowdstrike", "ProcessRollup2", ""), True),
        (SigmaSource("windows", "process_creation"), ("crowdstrike", "DnsRequest", ""), False),
        (SigmaSource("windows", "process_creation", "security"), ("crowdstrike", "ProcessRollup2", ""), False),
        (SigmaSource("windows"), ("crowdstrike", "ProcessRollup2", ""), False),
        (SigmaSource("windows", "", "sysmon"), ("crowdstrike", "ProcessRollup2", ""), False),
        (SigmaSource("crowdstrike"), ("crowdstrike", "ProcessRollup2", ""), True),
        (SigmaSource("", "authentication"), ("azure", "SigninLogs", ""), True),
        (SigmaSource("", "authentication"), ("azure", "AuditLogs", ""), False),
        (SigmaSource("windows", "", "security"), ("windows", "security", "4624"), True),
        (SigmaSource("windows", "", "system"), ("windows", "Security", "4624"), False),
        (SigmaSource("windows", "", "security"), ("linux", "Security", ""), False),
        (SigmaSource("windows", "process_creation", "sysmon"), ("windows", "Security", "4688"), False),
        (SigmaSource("windows"), ("windows", "Anything", "1"), True),
        (SigmaSource("windows", "", "Custom/Channel"), ("windows", "custom/channel", "1"), True),
        (SigmaSource("windows", "unheard_of"), ("windows", SYSMON, "1"), False),
        (SigmaSource("", "webserver"), ("zeek", "http", ""), True),
        (SigmaSource("", "", "apache"), ("syslog", "apache", ""), True),
        (SigmaSource("okta", "", "okta"), ("okta", "okta", ""), True),
        (SigmaSource("opencanary", "application"), ("opencanary", "", ""), True),
        (SigmaSource("", "application"), ("opencanary", "", ""), False),
        (SigmaSource("kubernetes", "application", "audit"), ("kubernetes", "audit", ""), True),
        (SigmaSource("azure", "", "auditlogs"), ("azure", "AuditLogs", ""), True),
        (SigmaSource("aws", "", "cloudtrail"), ("aws", "cloudtrail", ""), True),
        (SigmaSource("aws", "", "cloudtrail"), ("aws", "", ""), True),
        (SigmaSource("github", "", "audit"), ("github", "", ""), True),
        (SigmaSource("github", "", "audit"), ("bitbucket", "", ""), False),
        (SigmaSource("gcp", "", "google_workspace.admin"), ("gcp", "audit", ""), True),
        (SigmaSource("m365", "", "threat_management"), ("m365", "audit", ""), True),
        (SigmaSource("linux", "", "sshd"), ("linux", "syslog", ""), True),
        (SigmaSource("linux", "", "sshd"), ("linux", "auditd", ""), False),
        (SigmaSource("macos", "process_creation"), ("macos", "", ""), True),
        (SigmaSource("paloalto", "file_event", "globalprotect"), ("paloalto", "", ""), True),
        (SigmaSource("", "webserver"), ("nginx", "", ""), True),
        (SigmaSource("", "webserver"), ("webserver", "", ""), True),
        (SigmaSource("", "proxy"), ("proxy", "squid", ""), True),
        (SigmaSource("", "proxy"), ("firewall", "", ""), False),
        (SigmaSource("", "antivirus"), ("antivirus", "", ""), True),
        (SigmaSource("", "dns"), ("suricata", "dns", ""), True),
        (SigmaSource("", "dns"), ("bind", "named", "query"), True),
        (SigmaSource("", "firewall"), ("paloalto", "pan_os", "TRAFFIC"), True),
        (SigmaSource("", "firewall"), ("paloalto", "pan_os", "SYSTEM"), False),
        (SigmaSource("", "firewall"), ("juniper", "junos", ""), True),
        (SigmaSource("linux", "", "auth"), ("linux", "su", "refused"), True),
        (SigmaSource("linux", "", "syslog"), ("linux", "cron", "command"), True),
        (SigmaSource("cisco", "", "aaa"), ("cisco", "ios", ""), True),
        (SigmaSource("", "", "netflow"), ("zeek", "conn", ""), True),
    ],
)
def test_a_rule_reaches_the_events_it_means(wanted: SigmaSource, source: tuple[str, str, str], expected: bool) -> None:
    assert reached(wanted, *source) is expected


FALCON = {
    "event_simpleName": "ProcessRollup2",
    "event_platform": "Win",
    "ImageFileName": r"\Device\HarddiskVolume3\Windows\System32\cmd.exe",
    "CommandLine": "cmd.exe /c whoami",
    "ParentBaseFileName": "WINWORD.EXE",
    "IntegrityLevel": "12288",
    "SHA256HashData": "ab" * 32,
    "MD5HashData": "cd" * 16,
}


@pytest.mark.parametrize("engine", ["fused", "reference"])
@pytest.mark.parametrize(
    ("product", "platform", "detection", "fires"),
    [
        ("windows", "Win", {"Image": r"C:\Windows\System32\cmd.exe", "ParentImage|endswith": r"\winword.exe"}, True),
        ("windows", "Win", {"IntegrityLevel": "High", "Hashes|contains": "SHA256=" + "AB" * 32}, True),
        ("windows", "Win", {"ParentImage|endswith": r"\excel.exe"}, False),
        ("windows", "Lin", {"CommandLine|contains": "whoami"}, False),
        ("linux", "Lin", {"CommandLine|contains": "whoami", "ParentImage|endswith": "/winword.exe"}, True),
        ("macos", "Mac", {"CommandLine|contains": "whoami"}, True),
        ("macos", "Win", {"CommandLine|contains": "whoami"}, False),
    ],
)
def test_processes_that_crowdstrike_saw_are_process_creation_of_their_platform(
    batch: Any, rules: Any, engine: Engine, product: str, platform: str, detection: dict[str, str], *, fires: bool
) -> None:
    ruleset = rules({"a": detection, "condition": "a"}, logsource={"product": product, "category": "process_creation"})
    seen = batch([FALCON | {"event_platform": platform}], product="crowdstrike", service="ProcessRollup2")
    assert Detector(ruleset, engine=engine).signals(seen).num_rows == fires


def _sign_ins(code: str) -> list[tuple[str, dict[str, str]]]:
    return [
        ("SigninLogs", {"ResultType": code, "IPAddress": "198.51.100.7", "UserPrincipalName": "anna@corp.example"}),
        ("NonInteractiveUserSignInLogs", {"ResultType": code, "IPAddress": "198.51.100.7", "UserPrincipalName": "anna@corp.example"}),
        ("SigninLogs", {"resultType": code, "properties.ipAddress": "198.51.100.7", "properties.userPrincipalName": "anna@corp.example"}),
        ("SigninLogs", {"status.errorCode": code, "ipAddress": "198.51.100.7", "userPrincipalName": "anna@corp.example"}),
    ]


@pytest.mark.parametrize(
    ("code", "result", "fires"),
    [("50126", "failed", True), ("0", "accepted", True), ("50076", "failed", False), ("50126", "accepted", False)],
)
def test_sign_ins_are_authentication_however_they_were_exported(batch: Any, rules: Any, code: str, result: str, *, fires: bool) -> None:
    wanted = {"auth_result": result, "src_ip": "198.51.100.7", "user|startswith": "anna@"}
    detector = Detector(rules({"a": wanted, "condition": "a"}, logsource={"category": "authentication"}))
    assert [detector.signals(batch([row], product="azure", service=service)).num_rows for service, row in _sign_ins(code)] == [fires] * 4


def test_what_the_batch_tells_is_fixed() -> None:
    event = LogSource(product="windows", service="Security", event_type="4688")
    assert log_sources().fixed(event) == {"Channel": "Security", "EventID": "4688"}
    assert log_sources().fixed(LogSource(product="windows", service="Security")) == {"Channel": "Security"}
    assert log_sources().fixed(LogSource(product="zeek", service="conn")) == {"_path": "conn"}
    assert log_sources().fixed(LogSource(product="unheard-of", service="x")) == {}


def test_a_derived_field_is_made_of_others() -> None:
    user = Derived(r"{Domain}\{Name}")
    assert user.fill({"Domain": "LAB", "Name": "{Domain}"}) == r"LAB\{Domain}"
    assert user.fill({"Domain": "LAB"}) is None
    assert user.fill({"Domain": "LAB", "Name": ["a", "b"]}) is None


def test_a_derived_field_is_translated() -> None:
    assert Derived("{F}", values={"%%1": "true"}).fill({"F": "%%1"}) == "true"
    assert Derived("{F}", values={"%%1": "true"}).fill({"F": "%%2"}) == "%%2"
    assert Derived("{F}", prefixes={r"\REGISTRY\MACHINE": "HKLM"}).fill({"F": r"\Registry\Machine\Software"}) == r"HKLM\Software"


def test_other_log_sources_can_be_given() -> None:
    product = Product(fixed={}, services={"audit": (Route(service="trail"),)}, categories={})
    sources = LogSources({"shop": product})
    assert any(sources.routes(SigmaSource("shop", "", "audit"), LogSource(product="shop", service="trail")))
    assert not any(sources.routes(SigmaSource("shop", "", "audit"), LogSource(product="shop", service="audit")))


@pytest.mark.parametrize(
    ("path", "native"),
    [
        ("Hostname", "Computer"),
        ("System.EventID.#text", "EventID"),
        ("Event.System.EventID.#text", "EventID"),
        ("Event.System.Provider.#attributes.Name", "Provider_Name"),
        ("_source.winlog.channel", "Channel"),
        ("Event.EventData.Computer", "EventData_Computer"),
    ],
)
def test_lines_of_windows_events_get_native_names(path: str, native: str) -> None:
    assert log_sources().products["windows"].lines.names[path] == native


def test_containers_of_windows_events_add_nothing_to_names() -> None:
    inside = {"Event", "Event.System", "Event.EventData", "EventData", "Event.UserData.*", "winlog.event_data", "_source.winlog.event_data"}
    assert inside <= log_sources().products["windows"].lines.inside
    assert log_sources().products["zeek"].lines.names == {}


OWN = """
windows:
  categories:
    process_creation:
      - {service: MyEDR, fields: {Image: process_path, CommandLine: process_cmd}}
  lines:
    names: {node: Computer, Hostname: OtherName}
    inside: [payload]
Acme:
  fixed: {kind: event_type}
  services: {Audit: [trail]}
"""


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "logsources.yml"
    path.write_text(text, "utf-8")
    return path


def test_a_person_adds_to_the_table(tmp_path: Path) -> None:
    sources = log_sources(own(tmp_path, OWN))
    wanted = SigmaSource("windows", "process_creation")
    (route,) = sources.routes(wanted, LogSource(product="windows", service="MyEDR"))
    assert route.fields == {"Image": "process_path", "CommandLine": "process_cmd"}
    assert any(sources.routes(wanted, LogSource(product="windows", service=SYSMON, event_type="1")))
    lines = sources.products["windows"].lines
    assert list(lines.names)[:2] == ["node", "Hostname"]
    assert (lines.names["Hostname"], lines.names["ComputerName"]) == ("OtherName", "Computer")
    assert {"payload", "_source.payload", "EventData"} <= lines.inside
    assert any(sources.routes(SigmaSource("acme", "", "audit"), LogSource(product="acme", service="trail")))
    assert not reached(wanted, "windows", "MyEDR")


def test_the_later_of_two_files_wins(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    one, two = own(tmp_path / "one", "acme: {fixed: {a: service, b: service}}"), own(tmp_path, "acme: {fixed: {a: event_type}}")
    event = LogSource(product="acme", service="s", event_type="e")
    assert log_sources(one, two).fixed(event) == {"a": "e", "b": "s"}
    assert log_sources(two, one).fixed(event) == {"a": "s", "b": "s"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("windows: [", "it is not YAML"),
        ("windows: {servces: {}}", "unknown field `servces`"),
        ("windows: {services: {a: {service: b}}}", "Expected `array`"),
        ("windows: {fixed: {EventID: kind}}", "Invalid enum value 'kind'"),
        ("- windows", "Expected `object`"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        log_sources(own(tmp_path, text))


@pytest.mark.parametrize("product", ["linux", "windows", "webserver", "shop-nobody-knows"])
def test_a_category_of_any_product_reaches_products_that_do_not_list_it(product: str) -> None:
    assert reached(SigmaSource("", "authentication"), product, "any-log")
    assert reached(SigmaSource(product, "authentication"), product, "any-log")
    assert not reached(SigmaSource("other", "authentication"), product, "any-log")


def test_a_product_that_lists_a_category_itself_is_reached_by_its_own_routes_alone() -> None:
    routes = list(log_sources().routes(SigmaSource("", "dns"), LogSource(product="zeek", service="dns")))
    assert [route.service for route in routes] == ["dns"]
    assert not reached(SigmaSource("", "dns"), "zeek", "conn")
    assert not reached(SigmaSource("", "webserver"), "squid", "squid")


def test_what_holds_for_any_product_says_what_an_event_must_have() -> None:
    shared = log_sources().shared
    assert {"authentication", "webserver"} <= shared.keys()
    assert all(route.having for routes in shared.values() for route in routes)
    assert "any" not in log_sources().products
