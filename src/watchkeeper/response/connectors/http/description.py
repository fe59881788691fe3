"""Descriptions: a product's actions as requests, in YAML. Owns the format and what is wrong with one; docs/response.md describes it."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, model_validator

from watchkeeper.content import folder
from watchkeeper.model.noun import Noun
from watchkeeper.outbound.exchange import Method
from watchkeeper.response.connectors.http.finding import Expect, Find
from watchkeeper.response.connectors.http.insertion import Template, placeholders

NOT_TRIED = "not tried on the product"
"""What is said of a description that was written from what its maker publishes, wherever it shows."""
_MOST_BYTES = 1 << 18
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&()*+,;=:@-]|\{[a-z_.0-9:?]+\})*)+")
_RESERVED = {"authorization", "host", "content-length", "content-type", "idempotency-key", "transfer-encoding", "connection", "cookie"}
_OF_THE_JOB = {"key", "tenant", "incident", "action", "target", "targets", "entity", "kind", "expires", "reference"}
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


class Again(Noun):
    """How often a request is made until something is so."""

    until: Expect
    """What has to be so."""
    times: Annotated[int, Field(ge=2, le=60)]
    """How often at most; then it counts as not answered in time."""
    every_seconds: Annotated[float, Field(gt=0, le=30)]
    """How long between two requests."""


class Step(Noun):
    """One request, and what becomes of its answer."""

    request: Template
    """Method and path below the place's address, such as `POST /api/machines/{found.machine}/isolate`."""
    query: dict[str, Template] = Field(default_factory=dict[str, Template])
    """Parameters of the query."""
    headers: dict[str, Template] = Field(default_factory=dict[str, Template])
    """Further headers."""
    body: Any = None
    """What is sent as JSON; texts in it are templates."""
    ok: tuple[Annotated[int, Field(ge=200, le=499)], ...] = ()
    """Statuses that are success; none: every one from 200 to 299."""
    gone: tuple[Annotated[int, Field(ge=400, le=499)], ...] = ()
    """Statuses that say it is not there, which is an answer too."""
    remember: dict[str, Find] = Field(default_factory=dict[str, Find])
    """What of the answer is remembered, as `found.NAME`."""
    expect: tuple[Expect, ...] = ()
    """What has to be so then; otherwise the place refused."""
    otherwise: str = ""
    """What is said if it is not."""
    given: tuple[str, ...] = ()
    """It is done only if all of these values are there, such as `found.ticket` or `reference`."""
    not_given: tuple[str, ...] = ()
    """It is done only if none of these values is there."""
    again: Again | None = None
    """Whether it is asked until something is so."""

    @model_validator(mode="after")
    def _whole(self) -> "Step":
        if not _PATH.fullmatch(self.path) or "//" in self.path or self.method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            raise ValueError(f"{self.request[:100]!r} is no request; write a method and a path, such as GET /api/things/{{found.thing}}")
        if self.method == "GET" and self.body is not None:
            raise ValueError(f"{self.request[:100]!r} has a body, which a GET has not")
        for name in self.headers:
            if not _HEADER_NAME.fullmatch(name) or name.lower() in _RESERVED:
                raise ValueError(f"{name[:64]!r} is no header that a description may set")
        list(placeholders(self.body))
        return self

    @property
    def method(self) -> Method:
        """How it is asked."""
        return self.request.partition(" ")[0]  # pyright: ignore[reportReturnType] -- checked when it is read

    @property
    def path(self) -> str:
        """Where, as a template."""
        return self.request.partition(" ")[2]

    def names(self) -> Iterator[str]:
        """Yield the names of every value that it uses, in the order of what is sent first."""
        for template in (self.request, *self.query.values(), *self.headers.values(), self.body):
            yield from (one.name for one in placeholders(template))
        for find in self.remember.values():
            yield from (one.name for text in (*find.where.values(), *find.has.values()) for one in placeholders(text))

    def expected(self) -> Iterator[str]:
        """Yield the names of what is looked at after it."""
        for one in (*self.expect, *([self.again.until] if self.again else ())):
            yield from names_of(one)

    def needed(self) -> Iterator[str]:
        """Yield the names of values without which it cannot be sent."""
        for template in (self.request, *self.query.values(), *self.headers.values(), self.body):
            yield from (one.name for one in placeholders(template) if not one.is_optional)


class HttpAction(Noun):
    """One action at a product."""

    kinds: Annotated[dict[str, str], Field(min_length=1)]
    """Kinds of targets that it takes, each with what the product calls it (`kind` in templates); hashes are md5, sha1 and sha256."""
    most_targets: Annotated[int, Field(ge=1, le=500)] = 1
    """How many targets one job may have; every step is done for each."""
    do: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    """How it is done; again with the same job it changes nothing more."""
    undo: Annotated[tuple[Step, ...], Field(max_length=20)] = ()
    """How it is taken back; none where the product has no way."""
    check: Annotated[tuple[Step, ...], Field(max_length=20)] = ()
    """How it is looked at."""
    in_force: Annotated[tuple[Expect, ...], Field(max_length=20)] = ()
    """What has to be so after that, all of it, for it to be in force."""
    unchecked: str = ""
    """Why the product cannot be asked, where it cannot."""
    reference: Template = ""
    """What the product calls it; for undo and check of a job with one target."""

    @model_validator(mode="after")
    def _whole(self) -> "HttpAction":
        if bool(self.check and self.in_force) == bool(self.unchecked):
            raise ValueError("an action needs `check` and `in_force`, or `unchecked` with the reason why the product cannot be asked")
        for steps, then in ((self.do, _in(self.reference)), (self.undo, ()), (self.check, _named(self.in_force))):
            _assert_found_before(steps, then)
        return self


class Setting(Noun):
    """What `response.yml` says of a product beside its address and login."""

    says: str
    """What it is."""
    default: str | None = None
    """What holds if nothing is said; none: it has to be said."""


class Definition(Noun):
    """A product: how it is signed on to, and its actions."""

    product: str
    """What it is called."""
    source: str
    """What was read to write it: titles of the maker's documentation."""
    tried: bool
    """Whether it was ever run against the product itself."""
    note: str = ""
    """What has to be known of it."""
    limits: str = ""
    """What it cannot do, and why."""
    base: str = ""
    """The product's address, where there is one for everybody."""
    auth: dict[str, str] = Field(default_factory=dict[str, str])
    """How it is signed on to; `response.yml` adds what is secret or one's own."""
    settings: dict[str, Setting] = Field(default_factory=dict[str, Setting])
    """What else has to be said of it."""
    actions: Annotated[dict[str, HttpAction], Field(min_length=1)]
    """Its actions, by their names in the catalogue."""

    @model_validator(mode="after")
    def _honest(self) -> "Definition":
        if not self.tried and self.note != NOT_TRIED:
            raise ValueError(f"a description that was not tried says so: note: {NOT_TRIED}")
        for name, action in self.actions.items():
            for used in _used(action):
                family, _, rest = used.partition(".")
                known = used in _OF_THE_JOB or family in {"argument", "found"} or (family == "setting" and rest in self.settings)
                if not known:
                    raise ValueError(f"action {name!r} uses {used!r}, which is nothing that a job, its settings or an answer has")
        return self


@cache
def shipped() -> tuple[str, ...]:
    """Give the names of the descriptions that come with it."""
    return tuple(sorted(path.stem for path in folder("response").glob("*.yml")))


def read_definition(name: str) -> Definition:
    """Read a description: one that is shipped, by its name, or a file of one's own, by its path.

    Raises:
        ValueError: there is none, or it is not what docs/response.md describes; the message says where.
    """
    if name.startswith("/"):
        return _read(Path(name))
    if not _NAME.fullmatch(name) or name not in shipped():
        raise ValueError(f"there is no description {name[:64]!r}; there are {', '.join(shipped())}, or give a path that begins with /")
    return _shipped(name)


@cache
def _shipped(name: str) -> Definition:
    return _read(folder("response") / f"{name}.yml")


def _read(path: Path) -> Definition:
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise ValueError(f"{path.name!r} has more than {_MOST_BYTES >> 10} KiB")
        return Definition.model_validate(yaml.safe_load(body))
    except OSError as error:
        raise ValueError(f"the description {path.name!r} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"{path.name!r} is no YAML{f', line {mark.line + 1}' if mark else ''}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ValueError(f"{path.name!r}: {'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}") from error


def names_of(expect: Expect) -> Iterator[str]:
    """Yield the names of the values that something is asked of."""
    for template in (expect.value, *expect.one_of, expect.has):
        yield from _in(template)


def _named(expected: Sequence[Expect]) -> tuple[str, ...]:
    return tuple(name for one in expected for name in names_of(one))


def _in(template: str) -> tuple[str, ...]:
    return tuple(one.name for one in placeholders(template))


def _used(action: HttpAction) -> Iterator[str]:
    for step in (*action.do, *action.undo, *action.check):
        yield from step.names()
        yield from step.expected()
    yield from _in(action.reference)
    yield from _named(action.in_force)


def _assert_found_before(steps: Sequence[Step], then: Sequence[str]) -> None:
    known: set[str] = set()
    for step in steps:
        _assert_known([*step.names(), *step.given, *step.not_given], known, step.request)
        known |= {f"found.{name}" for name in step.remember}
        _assert_known(list(step.expected()), known, step.request)
    if steps:
        _assert_known(list(then), known, "what is looked at in the end")


def _assert_known(names: Sequence[str], known: set[str], where: str) -> None:
    for name in names:
        if name.startswith("found.") and name not in known:
            raise ValueError(f"{where[:100]!r} uses {name!r}, which no step before it remembers")
