"""Reading playbooks: one YAML file each. Owns the file's form and what is refused; what the graph has to be is `checking`'s."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError

from watchkeeper.autopilot.playbooks.checking import faults
from watchkeeper.content import document, folder
from watchkeeper.model.playbook import Playbook
from watchkeeper.response import CATALOGUE

FOLDER = "playbooks"
"""Name of the folder in the content, in a content folder of one's own, and in the state folder."""
MOST_BYTES = 256 << 10
MOST_PLAYBOOKS = 500
MOST_PARTS = 20_000
"""Values of one file, with those that YAML repeats by name counted each time."""
_MOST_DEEP = 40
ACTIONS = frozenset(entry.name for entry in CATALOGUE)
"""Names of the actions that a playbook may ask for."""


def playbooks(own: Iterable[Path] = ()) -> tuple[Playbook, ...]:
    """Give the shipped playbooks with a person's own, by priority and name; of one name the last folder's is taken.

    Raises:
        OSError: a file cannot be read.
        ValueError: one is no sound playbook; the message names the file and every fault.
    """
    found = dict(_shipped())
    for place in own:
        found |= {one.name: one for one in _of_folder(place)}
    return tuple(sorted(found.values(), key=lambda one: (-one.priority, one.name)))


@cache
def _shipped() -> Mapping[str, Playbook]:
    return {
        path.stem: sound_playbook(document(f"{FOLDER}/{path.name}"), path.stem, f"playbook {path.name!r}")
        for path in sorted(folder(FOLDER).glob("*.yml"))
    }


def _of_folder(place: Path) -> Iterable[Playbook]:
    paths = sorted(place.glob("*.yml")) if place.is_dir() else []
    if len(paths) > MOST_PLAYBOOKS:
        raise ValueError(f"{str(place)!r} has {len(paths):,} playbooks; at most {MOST_PLAYBOOKS} are read from a folder")
    return (read_playbook(path) for path in paths)


def read_playbook(path: Path) -> Playbook:
    """Read one playbook; its name is the file's.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no sound playbook; the message names the file and every fault.
    """
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(f"playbook {str(path)!r} has more than {MOST_BYTES >> 10} KiB; split it")
    try:
        found: Any = yaml.safe_load(body)
        bounded(found)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"playbook {str(path)!r} is no YAML{f', line {mark.line + 1}' if mark else ''}") from error
    except ValueError as error:
        raise ValueError(f"playbook {str(path)!r} {error}") from error
    return sound_playbook(found, path.stem, f"playbook {str(path)!r}")


def sound_playbook(found: object, name: str, where: str, actions: Collection[str] = ACTIONS) -> Playbook:
    """Give what a file says as a playbook, if it is a sound one.

    Raises:
        ValueError: it is not; the message begins with `where` and names every fault.
    """
    if not isinstance(found, Mapping):
        raise ValueError(f"{where} is no mapping with `title`, `start` and `steps`")  # noqa: TRY004 -- one error for whatever is wrong in a file
    told: dict[str, Any] = dict(cast("Mapping[str, Any]", found))
    if told.setdefault("name", name) != name:
        raise ValueError(f"{where} calls itself {str(told['name'])[:60]!r}; it is called as its file is, {name!r}")
    try:
        playbook = Playbook.model_validate(told)
    except ValidationError as error:
        raise ValueError(f"{where}: {_told(error)}") from error
    if wrong := faults(playbook, actions):
        raise ValueError(f"{where}: {'; '.join(wrong)}")
    return playbook


def _told(error: ValidationError) -> str:
    """Say what is wrong at which place, without repeating what stands there: it may be long and is the author's."""
    found = error.errors(include_input=False, include_url=False)
    said = [f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in found[:10]]
    return "; ".join(said) + (f"; and {len(found) - 10} more" if len(found) > 10 else "")


def in_yaml(playbook: Playbook) -> str:
    """Write a playbook as its file holds it; its name is the file's."""
    told = playbook.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"name"})
    for name, step in playbook.steps.items():
        told["steps"][name] = {"kind": step.kind, **told["steps"][name]}
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=140)


def bounded(found: object) -> None:
    """Refuse what is larger or deeper than any playbook, repeated parts of it counted each time they stand somewhere.

    Raises:
        ValueError: it is; the message goes on from the name of the file.
    """
    left = MOST_PARTS
    waiting: list[tuple[object, int]] = [(found, 0)]
    while waiting:
        one, deep = waiting.pop()
        left -= 1
        if left < 0 or deep > _MOST_DEEP:
            raise ValueError(f"holds more than {MOST_PARTS:,} values or goes deeper than {_MOST_DEEP}; a playbook is a page or two")
        if isinstance(one, Mapping):
            waiting.extend((part, deep + 1) for part in cast("Mapping[object, object]", one).values())
        elif isinstance(one, list):
            waiting.extend((part, deep + 1) for part in cast("list[object]", one))
