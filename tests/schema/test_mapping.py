"""The mappings: every one is whole, and names only classes, activities and attributes that mean something."""

import pytest

from watchkeeper.model.logsource import LogSource
from watchkeeper.schema.mapping import products, shapes_of


def test_the_last_shape_takes_every_event() -> None:
    for product in (*products(), "unheard of"):
        assert shapes_of(LogSource(product=product, service="log of nothing"))[-1].when is None


def test_a_log_is_found_whatever_its_case() -> None:
    names = [shape.of.name for shape in shapes_of(LogSource(product="windows", service="security", event_type="4624"))]
    assert names == ["Authentication"]


def test_a_product_without_a_mapping_has_the_general_one() -> None:
    assert "HTTP Activity" in [shape.of.name for shape in shapes_of(LogSource(product="web server of tomorrow"))]


@pytest.mark.parametrize("product", [*products(), "unheard of"])
def test_activities_that_mappings_name_are_the_classes_own(product: str) -> None:
    for service in ("cloudtrail", "conn", "http", "audit", "Security", "okta", "AuditLogs", "alert", "sysmon", "access"):
        for shape in shapes_of(LogSource(product=product, service=service)):
            for step in shape.activity:
                named = {*(step.values or {}).values(), *(step.prefixes or {}).values(), *([step.constant] if step.constant else [])} - {""}
                assert named <= shape.of.activities.keys(), (product, service, shape.of.name)
