"""Where a rule can be reached is known before any event is seen."""

import pytest

from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.routing import Places, asked_in_words, in_words
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.model.logsource import LogSource


def _places(product: str = "", category: str = "", service: str = "") -> list[tuple[str, str]]:
    return [(place.source.service, place.source.event_type) for place in Places(log_sources()).of(SigmaSource(product, category, service))]


def test_a_category_leads_to_its_event_types() -> None:
    assert ("Microsoft-Windows-Sysmon/Operational", "1") in _places("windows", "process_creation")
    assert ("Security", "4688") in _places("windows", "process_creation")
    assert _places("windows", "process_creation")[2:] == [("ProcessRollup2", "")], "events of another product come last"


def test_a_service_leads_to_its_log_first_whatever_the_event_type() -> None:
    assert _places("windows", "", "security")[0] == ("Security", "")


def test_a_product_may_be_left_out() -> None:
    assert {place.source.product for place in Places(log_sources()).of(SigmaSource(category="proxy"))} >= {"zeek", "suricata"}


@pytest.mark.parametrize("wanted", [("windows", "no_such_category", ""), ("", "no_such_category", "")])
def test_what_leads_nowhere_has_no_place(wanted: tuple[str, str, str]) -> None:
    assert _places(*wanted) == []


def test_words() -> None:
    assert in_words(LogSource(product="windows", service="Security", event_type="4688")) == "windows Security 4688"
    assert asked_in_words(SigmaSource("windows", "process_creation")) == "product windows, category process_creation"
    assert asked_in_words(SigmaSource()) == "any log source"


def test_a_category_of_any_product_is_named_once_and_not_for_every_product() -> None:
    found = {place.source.product for place in Places(log_sources()).of(SigmaSource(category="authentication"))}
    assert "any" in found
    assert "linux" not in found
    assert {"any", "webserver", "zeek"} <= {place.source.product for place in Places(log_sources()).of(SigmaSource(category="webserver"))}
