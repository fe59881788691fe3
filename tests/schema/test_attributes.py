"""Attributes: the longest end of a path that is described speaks for it."""

import pyarrow as pa
import pytest

from watchkeeper.content import document
from watchkeeper.schema.attributes import attribute, is_list_of_objects
from watchkeeper.schema.classes import event_class


@pytest.mark.parametrize(
    ("path", "plain", "several"),
    [
        ("src_endpoint.port", pa.int64(), False),
        ("answers.rdata", pa.string(), True),
        ("answers.ttl", pa.int64(), True),
        ("process.file.hashes.algorithm_id", pa.int64(), True),
        ("src_endpoint.location.lat", pa.float64(), False),
        ("actor.session.is_mfa", pa.bool_(), False),
        ("never.heard.of", pa.string(), False),
    ],
)
def test_a_path_has_the_type_of_its_longest_known_end(path: str, plain: pa.DataType, several: bool) -> None:
    assert (attribute(path).plain, attribute(path).several) == (plain, several)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src_endpoint.hostname", "host"),
        ("query.hostname", "domain"),
        ("http_request.url.hostname", "domain"),
        ("actor.user.name", "user"),
        ("process.file.path", "process"),
        ("module.file.path", "file"),
        ("api.service.name", ""),
        ("severity", ""),
    ],
)
def test_a_path_names_a_kind_of_entity_or_none(path: str, kind: str) -> None:
    assert attribute(path).kind == kind


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("dst_endpoint.ip", "address", "address"),
        ("actor.process.file.name", "", "file"),
        ("src_endpoint.domain", "", "domain"),
        ("user.domain", "", ""),
        ("actor.user.uid", "", "account"),
        ("email.smtp_to", "", "mailbox"),
    ],
)
def test_what_names_an_entity_is_compared_and_some_more_is(path: str, kind: str, text: str) -> None:
    assert (attribute(path).kind, attribute(path).compared) == (kind, text)


def test_several_captions_may_have_one_number() -> None:
    assert (attribute("status").captions["Success"], attribute("status").captions["New"]) == (1, 1)
    assert attribute("compliance.status").captions["Fail"] == 3


def test_only_what_is_listed_is_several() -> None:
    assert (is_list_of_objects("answers"), is_list_of_objects("query")) == (True, False)


def test_a_class_has_a_category_and_what_every_class_has() -> None:
    value = event_class("registry_value_activity")
    assert (value.uid, value.category, value.activities["Set"], value.activities["Other"], value.activities["Unknown"]) == (
        201002, "System Activity", 2, 99, 0,
    )  # fmt: skip


def test_classes_have_different_numbers() -> None:
    numbers = [one["uid"] for one in document("schema/classes.yml")["classes"].values()]
    assert len(numbers) == len(set(numbers))
