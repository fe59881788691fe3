"""Log sources: which events a rule's words mean, and what its fields are called there."""

import pytest

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
    ],
)
def test_a_rule_reaches_the_events_it_means(wanted: SigmaSource, source: tuple[str, str, str], expected: bool) -> None:
    assert reached(wanted, *source) is expected


def test_what_the_batch_tells_is_fixed() -> None:
    event = LogSource(product="windows", service="Security", event_type="4688")
    assert log_sources().fixed(event) == {"Channel": "Security", "EventID": "4688"}
    assert log_sources().fixed(LogSource(product="windows", service="Security")) == {"Channel": "Security"}
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
