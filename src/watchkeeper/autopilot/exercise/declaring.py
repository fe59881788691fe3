"""Declaring an exercise: what a red team says before it begins, and its end. Owns reading it, and what cannot be declared."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from uuid import uuid4

import yaml
from pydantic import Field, ValidationError

from watchkeeper.autopilot.edits import Who
from watchkeeper.model.exercise import EVERYWHERE, Attackers, Exercise, Name, Names, PlanStep, Window
from watchkeeper.model.missing import MissingError
from watchkeeper.model.noun import Noun
from watchkeeper.store import Store

LONGEST = timedelta(days=90)
"""All windows of an exercise together."""
LARGEST = 4_000_000
"""Bytes of what is declared."""
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")


class Declared(Noun):
    """An exercise as a person writes it down."""

    name: Name
    """What people call it."""
    attackers: Attackers
    """Who attacks."""
    scope: Annotated[Names, Field(min_length=1)]
    """Hosts that may be attacked; `*` alone for all."""
    windows: Annotated[tuple[Window, ...], Field(min_length=1, max_length=100)]
    """When."""
    plan: tuple[PlanStep, ...] = ()
    """What they will do."""


def read(text: bytes) -> Declared:
    """Read what is declared from YAML.

    Raises:
        ValueError: it is none, or it says what cannot be declared; the message says what to change.
    """
    if len(text) > LARGEST:
        raise ValueError(f"an exercise of {len(text):,} bytes is not read; declare it in {LARGEST:,} at most")
    try:
        told = Declared.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"the exercise is no YAML: {' '.join(str(error).split())[:300]}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"the exercise's {'.'.join(map(str, first['loc'])) or 'document'}: {first['msg']}") from error
    return checked(told)


def checked(told: Declared) -> Declared:
    """Give what is declared in the form by which signals are compared with it.

    Raises:
        ValueError: nobody could be told apart by it.
    """
    attackers = _attackers(told.attackers)
    if not attackers.addresses and not attackers.hosts:
        raise ValueError("the exercise declares no address and no host that the attackers come from; nothing could be told to be theirs")
    if EVERYWHERE in told.scope and len(told.scope) > 1:
        raise ValueError(f"the scope names {EVERYWHERE!r} beside hosts; give it alone for all hosts, or leave it off")
    if sum((one.until - one.since for one in told.windows), timedelta()) > LONGEST:
        raise ValueError(f"the windows are longer than {LONGEST.days} days together; declare the times in which they really attack")
    plan = tuple(one.model_copy(update={"target": _host(one.target)}) for one in told.plan)
    for number, step in enumerate(plan, 1):
        _check_step(number, step, told.windows)
    scope = tuple(dict.fromkeys(one if one == EVERYWHERE else _host(one) for one in told.scope))
    return told.model_copy(update={"attackers": attackers, "scope": scope, "plan": plan})


def declare(store: Store, told: Declared, who: Who) -> Exercise:
    """Keep an exercise.

    Raises:
        ValueError: one of that name has not ended.
    """
    if any(one.name == told.name and _is_open(one, who.time) for one in store.exercises()):
        raise ValueError(
            f"an exercise {told.name!r} is declared already; end it with `watchkeeper exercise end`, or call this one otherwise"
        )
    made = Exercise(id=uuid4().hex, **dict(told), made=who.time, made_by=who.by, why=who.why)
    store.keep_exercise(made)
    return made


def end(store: Store, start: str, who: Who) -> Exercise:
    """End an exercise: nothing later is part of it; ended once, it stays so.

    Raises:
        MissingError: there is none of that name or beginning of an id, or more than one.
        ValueError: it was ended before.
    """
    found = called(store, start)
    if found.ended is not None:
        raise ValueError(f"exercise {found.name!r} was ended {found.ended:%Y-%m-%d %H:%M} UTC by {found.ended_by!r}; declare another one")
    ended = found.model_copy(update={"ended": who.time, "ended_by": who.by})
    store.keep_exercise(ended)
    return ended


def called(store: Store, start: str) -> Exercise:
    """Give the exercise of that name, or whose id begins so.

    Raises:
        MissingError: there is none, or more than one.
    """
    every = store.exercises()
    found = [one for one in every if one.name == start] or [one for one in every if start and one.id.startswith(start)]
    if len(found) != 1:
        raise MissingError(f"{len(found)} exercises are called {start!r}; `watchkeeper exercise list` gives their ids")
    return found[0]


def _is_open(one: Exercise, now: datetime) -> bool:
    return one.ended is None and any(window.until > now for window in one.windows)


def _attackers(told: Attackers) -> Attackers:
    return Attackers(
        addresses=tuple(dict.fromkeys(map(_address, told.addresses))),
        hosts=tuple(dict.fromkeys(map(_host, told.hosts))),
        accounts=tuple(dict.fromkeys(one.strip().lower() for one in told.accounts)),
        tools=tuple(dict.fromkeys(map(_hash, told.tools))),
    )


def _address(text: str) -> str:
    try:
        found = ip_address(text.strip())
        return str(getattr(found, "ipv4_mapped", None) or found)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address; name each address of the attackers by itself, no networks") from error


def _hash(text: str) -> str:
    if not _HASH.fullmatch(found := text.strip().lower()):
        raise ValueError(f"{text!r} is no MD5, SHA-1 or SHA-256; name each tool by its hash")
    return found


def _host(text: str) -> str:
    name = text.strip().lower().partition(".")[0]
    if not name or "*" in name:
        raise ValueError(f"{text!r} is no host; name each host by itself")
    return name


def _check_step(number: int, step: PlanStep, windows: tuple[Window, ...]) -> None:
    if step.until <= step.since:
        raise ValueError(f"step {number} ({step.name!r}) ends before it begins")
    if not any(one.since <= step.since and step.until <= one.until for one in windows):
        began = step.since.astimezone(UTC)
        raise ValueError(f"step {number} ({step.name!r}, {began:%Y-%m-%d %H:%M} UTC) lies in none of the windows; change one of them")
