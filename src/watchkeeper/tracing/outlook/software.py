"""Which of ATT&CK's software the evidence names: in titles of rules and alerts, and as names of programs. Owns what counts as naming it.

Careful rather than complete: whole words, spelt as ATT&CK spells them; what comes with the system and ordinary words never count.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypedDict, cast

from watchkeeper.attack import Catalogue, Known
from watchkeeper.content import document
from watchkeeper.model.incident import Incident

_SHORTEST = 4
_ENDING = re.compile(r"\.(exe|dll|ps1|py|elf|sys)$")


class _Names(TypedDict):
    comes_with_the_system: list[str]
    ordinary_words: list[str]


def software_in(incident: Incident, catalogue: Catalogue) -> dict[str, str]:
    """Give the ids of software that an incident names, each with the title or file name that names it first."""
    titles = tuple(dict.fromkeys(fold.title for fold in incident.folds))
    items = incident.watchlist.items if incident.watchlist else ()
    files = tuple(item.entity.value for item in items if item.entity.kind == "file")
    names = _telling(catalogue)
    found: dict[str, str] = {}
    for key, seen in (*_in_titles(titles, names), *_in_files(files, names)):
        found.setdefault(key, seen)
    return found


def _telling(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Give the names that count, each with the id of its software."""
    names = cast("_Names", document("attack_software_names.yml"))
    system, ordinary = frozenset(names["comes_with_the_system"]), frozenset(word.casefold() for word in names["ordinary_words"])
    return tuple(
        (name, one.id)
        for one in catalogue.software
        if one.id not in system
        for name in _names(one)
        if len(name) >= _SHORTEST and name.casefold() not in ordinary
    )


def _names(one: Known) -> Iterator[str]:
    yield one.name
    yield from one.aliases


def _in_titles(titles: Iterable[str], names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    text = "\n".join(titles)
    present = [(name, key) for name, key in names if name in text]
    for title in titles:
        for name, key in present:
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title):
                yield key, title


def _in_files(files: Iterable[str], names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    by_name = {_ENDING.sub("", name.casefold()): key for name, key in names}
    for file in files:
        key = by_name.get(_ENDING.sub("", file.casefold()))
        if key:
            yield key, file
