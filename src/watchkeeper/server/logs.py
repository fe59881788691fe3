"""Logs of the platform: one line an event, as JSON for programs or plain for people. Owns the one configuration of all of them.

Rotation is the journal's of systemd, or the container's. Values of telemetry are never logged at `info`; secrets never at all.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal, TextIO, cast, get_args

import structlog

Form = Literal["json", "console"]
FORMS: tuple[Form, ...] = get_args(Form)
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_SECRET_NAME = re.compile(r"(?i)pass(word|wd|phrase)?$|secret|token|authorization|cookie|credential|api_?key|signature")
_SECRET_TEXT = re.compile(
    r"(?P<token>\bwk[a-z]_[A-Za-z0-9_-]{8,})"
    r"|(?P<bearer>(?i:\b(?:bearer|basic|splunk)) +)[A-Za-z0-9._~+/=-]{8,}"
    r"|(?P<url>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)"
)
HIDDEN = "…"
_MOST_TEXT = 2_000
_MOST_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Logs:
    """How logs are written."""

    form: Form
    level: str
    """Least severity: debug, info, warning or error; libraries are heard from `warning` on."""


def chosen(form: str, level: str) -> Logs:
    """Give how logs are written, as a person says it; without a form it is plain on a terminal and JSON elsewhere.

    Raises:
        ValueError: the form or the level is not known.
    """
    wanted = form or ("console" if sys.stderr.isatty() else "json")
    if wanted not in FORMS:
        raise ValueError(f"logs are not written as {form[:40]!r}; choose {' or '.join(FORMS)}")
    if level not in LEVELS:
        raise ValueError(f"log level {level[:40]!r} is none of {', '.join(LEVELS)}")
    return Logs(wanted, level)


def configure(logs: Logs, stream: TextIO | None = None) -> None:
    """Set logging up for this process."""
    out = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    last = _renderer(logs.form, out)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[logs.level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared], processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logging.basicConfig(level=max(LEVELS[logs.level], logging.WARNING), handlers=[handler], force=True)


def _renderer(form: Form, out: TextIO) -> structlog.types.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=True)
    return structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=0)


def hide_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put a dot in the place of secrets: by the name under which they stand, and by what they look like within a text."""
    return {name: _hidden(name, value, _MOST_DEPTH) for name, value in event.items()}


def _hidden(name: str, value: object, depth: int) -> object:
    if _SECRET_NAME.search(name) and value not in (None, "", False, True):
        return HIDDEN
    match value:
        case str():
            return _SECRET_TEXT.sub(_kept, value[:_MOST_TEXT].replace("\r", "\\r").replace("\x1b", "\\x1b"))
        case Mapping() if depth:
            inner = cast("Mapping[object, object]", value)
            return {str(key): _hidden(str(key), item, depth - 1) for key, item in inner.items()}
        case list() | tuple() if depth:
            return [_hidden("", item, depth - 1) for item in cast("list[object]", value)]
        case bool() | int() | float() | None:
            return value
        case _:
            return _hidden("", str(value), 0)


def _kept(match: re.Match[str]) -> str:
    return (match["bearer"] or match["url"] or "") + HIDDEN
