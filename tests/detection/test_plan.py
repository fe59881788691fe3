"""Plans: only rules that can hold are kept, with the event's own names."""

from collections.abc import Callable

from watchkeeper.detection import RuleSet
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.plan import Plan, Plans, Router, make_plan
from watchkeeper.detection.sigma.condition import fields
from watchkeeper.model.logsource import LogSource

Rules = Callable[..., RuleSet]
AUDIT = LogSource(product="windows", service="Security", event_type="4688")


def plan(ruleset: RuleSet, source: LogSource, *columns: str) -> Plan:
    routed = tuple(Router(ruleset.rules, log_sources()).routed(source))
    return make_plan(routed, log_sources().fixed(source), frozenset(columns))


def test_a_rule_for_another_event_is_left_out(rules: Rules) -> None:
    ruleset = rules({"selection": {"EventID": 4624, "F": "a"}, "condition": "selection"})
    assert plan(ruleset, AUDIT, "F").ready == ()
    assert len(plan(ruleset, AUDIT.model_copy(update={"event_type": "4624"}), "F").ready) == 1


def test_a_rule_that_needs_a_field_nobody_has_is_left_out(rules: Rules) -> None:
    ruleset = rules({"selection": {"F": "a"}, "filter": {"G": "b"}, "condition": "selection and not filter"})
    assert plan(ruleset, AUDIT, "G").ready == ()
    assert len(plan(ruleset, AUDIT, "F").ready) == 1


def test_fields_take_the_names_of_the_event(rules: Rules) -> None:
    detection = {"selection": {"Image|endswith": "x", "ProcessId": 4, "IntegrityLevel": "High"}, "condition": "selection"}
    ruleset = rules(detection, logsource={"product": "windows", "category": "process_creation"})
    found = plan(ruleset, AUDIT, "NewProcessName", "NewProcessId", "ProcessId", "MandatoryLabel")
    assert fields(found.ready[0].condition) == {"NewProcessName", "NewProcessId", "IntegrityLevel = {MandatoryLabel}"}
    assert list(found.derived) == ["IntegrityLevel = {MandatoryLabel}"]


def test_a_field_without_its_native_name_keeps_its_own(rules: Rules) -> None:
    ruleset = rules(
        {"selection": {"Image|endswith": "x"}, "condition": "selection"}, logsource={"product": "windows", "category": "process_creation"}
    )
    assert fields(plan(ruleset, AUDIT, "Image").ready[0].condition) == {"Image"}


def test_what_a_route_wants_is_asked_of_each_event(rules: Rules) -> None:
    ruleset = rules(
        {"selection": {"FileName|contains": "x"}, "condition": "selection"}, logsource={"product": "windows", "category": "file_access"}
    )
    source = AUDIT.model_copy(update={"event_type": "4663"})
    assert fields(plan(ruleset, source, "ObjectName", "ObjectType").ready[0].condition) == {"ObjectName", "ObjectType"}
    assert plan(ruleset, source, "ObjectName").ready == ()


def test_a_route_without_a_field_that_an_event_must_have_is_left_out(rules: Rules) -> None:
    ruleset = rules({"words": ["attack"], "condition": "words"}, logsource={"category": "webserver"})
    source = LogSource(product="shop", service="log")
    assert plan(ruleset, source, "message").routed == ()
    assert len(plan(ruleset, source, "cs-method").ready) == 1


def test_whether_an_event_has_a_field_that_it_must_have_decides_its_plan(rules: Rules) -> None:
    plans = Plans(
        rules({"selection": {"auth_result": "failed"}, "condition": "selection"}, logsource={"category": "authentication"}).rules,
        log_sources(),
    )
    source = LogSource(product="shop", service="log")
    assert plans.deciding(source) == {"auth_result", "user_is_valid"}
    assert plans.plan(source, []).routed == ()
    assert len(plans.plan(source, ["auth_result"]).ready) == 1
