"""ECS's names: each leads to something that the view can hold."""

from watchkeeper.content import document, folder
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema.ecs import names
from watchkeeper.schema.mapping import products, shapes_of
from watchkeeper.schema.spec import Spec

ALWAYS = {"class_name", "category_name", "activity_name", "severity_id", "status", "_time", "_host", "severity"}


def _paths(steps: Spec) -> set[str]:
    return {name for step in steps for name in (*step.natives(), *(name for name, _ in (step.when.wanted if step.when else ())))}


def test_every_name_leads_to_an_attribute_that_some_mapping_fills() -> None:
    filled: set[str] = set(ALWAYS)
    for path in folder("schema").glob("*.yml"):
        written = document(f"schema/{path.name}")
        if "fields" in written:
            filled |= set(written["fields"])
            for event in written.get("events", ()):
                filled |= set(event.get("fields", {}))
    assert {name: _paths(steps) - filled for name, steps in names().items() if _paths(steps) - filled} == {}


def test_the_names_are_those_of_any_product() -> None:
    assert all(shapes_of(LogSource(product=product)) for product in products())
    assert {"source.ip", "user.name", "process.command_line", "dns.question.name"} <= names().keys()
