"""Lists that others fetch: which there are, who may fetch each, and what they get. Owns joining them; serving is the API's."""

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid5

from watchkeeper.response.connectors.lists import ListPlace
from watchkeeper.response.list_stix import WHO, Told, objects, told, whole
from watchkeeper.response.lists import text
from watchkeeper.response.places import FILE, read_places
from watchkeeper.settings.references import Reveal, reveal
from watchkeeper.stix.objects import Object

LEAST_TOKEN = 16
"""Characters of a token, so that it cannot be guessed."""
_LOG = logging.getLogger(__name__)
_IDS = UUID("b3a7c6d0-5f0e-4d55-8f0c-6a2f8f6f0b1d")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which values of a list are asked for."""

    most: int
    after: datetime | None = None
    """Only what changed later."""
    behind: tuple[datetime, str] | None = None
    """Only what comes behind this time and id, where a page before ended."""
    ids: frozenset[str] = frozenset()
    """Only these objects; empty: any."""
    types: frozenset[str] = frozenset()
    """Only these types of objects; empty: any."""

    def fits(self, one: Told) -> bool:
        """Say whether a value is asked for."""
        if self.after is not None and one.changed <= self.after:
            return False
        if self.behind is not None and (one.changed, one.id) <= self.behind:
            return False
        return (not self.ids or one.id in self.ids) and (not self.types or one.id.partition("--")[0] in self.types)


@dataclass(frozen=True, slots=True)
class Page:
    """Some values of a list."""

    records: tuple[Told, ...]
    objects: list[Object]
    """The same as STIX objects."""
    end: tuple[datetime, str] | None
    """Behind what the next page begins; none if this is the last."""


@dataclass(frozen=True, slots=True)
class ServedList:
    """One list as somebody who may fetch it sees it."""

    place: ListPlace

    @property
    def name(self) -> str:
        """What it is called in addresses."""
        return self.place.name

    @property
    def title(self) -> str:
        """What it is called where people choose one."""
        return self.place.title or self.place.name

    @property
    def collection(self) -> str:
        """Id of its collection, which follows from its name."""
        return str(uuid5(_IDS, self.place.name))

    def text(self, now: datetime) -> str:
        """Give what is on it, one value a line.

        Raises:
            OSError: it cannot be read.
        """
        return text(self.place.kept().entries(), now)

    def bundle(self, now: datetime) -> Object:
        """Give what is on it as a STIX bundle.

        Raises:
            OSError: it cannot be read.
        """
        return whole(self.name, self.place.kept().entries(), now)

    def page(self, wanted: Wanted, now: datetime) -> Page:
        """Give some of its values, and of those that left it lately, in the order in which they changed.

        Raises:
            OSError: it cannot be read.
        """
        records = [one for one in (WHO, *told(self.name, self.place.kept().entries(), now)) if wanted.fits(one)]
        page, rest = records[: wanted.most], records[wanted.most :]
        return Page(tuple(page), objects(self.name, page), (page[-1].changed, page[-1].id) if rest else None)


def lists_for(state: Path, token: str, reveal: Reveal = reveal) -> tuple[ServedList, ...]:
    """Give the lists that whoever shows a token may fetch; none if it opens none, or `response.yml` cannot be read."""
    shown = token.encode("utf-8", "replace")
    opened = [place for place in _places(state) if hmac.compare_digest(shown, _secret(place, reveal))]
    return tuple(ServedList(place) for place in opened if len(shown) >= LEAST_TOKEN)


def _places(state: Path) -> tuple[ListPlace, ...]:
    path = state / FILE
    try:
        about = path.stat()
        return _read(path, about.st_mtime_ns, about.st_size)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        _LOG.error("no list is given out: %s", error)
        return ()


@lru_cache(maxsize=4)
def _read(path: Path, written: int, size: int) -> tuple[ListPlace, ...]:
    """Read the places once for each time the file was written."""
    del written, size
    return tuple(entry.place for entry in read_places(path) if isinstance(entry.place, ListPlace))


def _secret(place: ListPlace, reveal: Reveal) -> bytes:
    """Give what has to be shown; nothing that anybody could show if it cannot be looked up or is too short."""
    try:
        secret = reveal(place.token)
    except ValueError as error:
        _LOG.error("list %r is given to nobody: %s", place.name, error)
        return b""
    if len(secret) < LEAST_TOKEN:
        _LOG.error("list %r is given to nobody: its token has fewer than %d characters", place.name, LEAST_TOKEN)
        return b""
    return secret.encode()
