"""Logs: one line an event, and no secret in any of them."""

import io
import json
import logging
from collections.abc import Generator
from typing import Any

import pytest
import structlog

from watchkeeper.server.logs import Logs, chosen, configure


@pytest.fixture(autouse=True)
def _as_before() -> Generator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def _logged(form: Any = "json", level: str = "info") -> tuple[io.StringIO, Any]:
    out = io.StringIO()
    configure(Logs(form, level), out)
    return out, structlog.get_logger("watchkeeper")


def test_a_line_is_json_with_time_level_and_values() -> None:
    out, log = _logged()
    log.info("started", process="web", port=8080)
    log.debug("not asked for")
    [line] = out.getvalue().splitlines()
    found = json.loads(line)
    assert (found["event"], found["level"], found["process"], found["port"]) == ("started", "info", "web", 8080)
    assert found["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "values",
    [
        {"password": "hunter2"}, {"api_key": "hunter2"}, {"headers": {"Authorization": "Bearer hunter2hunter2"}},
        {"token": "wks_hunter2hunter2"},
        {"why": "database postgresql://wk:hunter2@db/x does not answer"}, {"said": "Authorization: Splunk hunter2-hunter2"},
        {"found": ["wks_hunter2hunter2", {"secret": "hunter2"}]}, {"error": ValueError("bad token wka_hunter2hunter2")},
    ],
)  # fmt: skip
def test_no_secret_gets_into_a_line(values: dict[str, Any]) -> None:
    for form in ("json", "console"):
        out, log = _logged(form)
        log.error("failed", **values)
        assert "hunter2" not in out.getvalue()
        assert "failed" in out.getvalue()


def _fail() -> None:
    raise ValueError("cannot reach https://u:hunter2@example.com")


def test_an_error_is_one_line_with_its_traceback_and_without_its_secret() -> None:
    out, log = _logged()
    try:
        _fail()
    except ValueError:
        log.exception("failed")
    [line] = out.getvalue().splitlines()
    assert "Traceback" in json.loads(line)["exception"]
    assert "hunter2" not in line


def test_what_libraries_warn_of_has_the_same_form_and_their_chatter_none() -> None:
    out, _ = _logged()
    logging.getLogger("uvicorn.error").info("chatter")
    logging.getLogger("uvicorn.error").warning("with Authorization: Bearer hunter2hunter2")
    [line] = out.getvalue().splitlines()
    assert json.loads(line)["level"] == "warning"
    assert "hunter2" not in line


def test_a_value_cannot_make_a_line_of_its_own_or_control_a_terminal() -> None:
    for form in ("json", "console"):
        out, log = _logged(form)
        log.warning("refused", name="a\r\n2026 error owned \x1b[31m")
        assert len(out.getvalue().splitlines()) == 1
        assert "\x1b[31m" not in out.getvalue()


def test_a_form_and_a_level_that_are_none_are_refused() -> None:
    assert chosen("console", "debug") == Logs("console", "debug")
    assert chosen("", "info").form in {"json", "console"}
    with pytest.raises(ValueError, match="none of debug, info, warning, error"):
        chosen("json", "loud")
    with pytest.raises(ValueError, match="choose json or console"):
        chosen("xml", "info")
