"""The views hold the stored attributes under OCSF's and ECS's names, each as a plain column where it is one."""

from watchkeeper.lake.active import Chosen
from watchkeeper.lake.views import dotted, statements


def test_names_of_ecs_stand_for_attributes_that_are_stored() -> None:
    (ecs, field) = statements(Chosen((), 0, mixed=False), "true", ["ecs"], long=False)
    assert '"src_endpoint.ip" AS "source.ip"' in ecs
    assert 'coalesce("process.file.path", "actor.process.file.path") AS "process.executable"' in ecs
    assert '"query.hostname" AS "dns.question.name"' in ecs
    assert "cloud.region" not in ecs
    assert field.startswith("CREATE OR REPLACE TEMP MACRO field")


def test_a_path_with_a_quote_stays_a_path() -> None:
    (events, _) = statements(Chosen(("/a'b.parquet",), 1, mixed=True), "true", ["events"], long=True)
    assert "['/a''b.parquet']" in events
    assert "union_by_name = true" in events
    assert '"_raw"' in events


def test_paths_of_both_schemas_are_known() -> None:
    assert {"src_endpoint.ip", "source.ip", "file.hashes.value"} <= dotted()
