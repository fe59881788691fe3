"""TAXII 2.1: api roots, their collections, and the objects of one. Owns the protocol; transport stands in `asking`.

Source: OASIS TAXII 2.1, sections 1.6 (versions), 3.4 (pages), 4 (discovery and api roots), 5 (collections).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urljoin

import msgspec

from watchkeeper.detection.intel.asking import Answer, Asker
from watchkeeper.detection.intel.formats.entry import moment

MEDIA_TYPE = "application/taxii+json;version=2.1"
MOST_PAGES = 10_000
MOST_ROOTS = 64
_LAST = "X-TAXII-Date-Added-Last"
_Shape = TypeVar("_Shape", bound=msgspec.Struct)


class Collection(msgspec.Struct, frozen=True):
    """A set of objects that a server has."""

    id: str
    title: str | None = None
    can_read: bool = False
    alias: str | None = None


class Root(NamedTuple):
    """A part of a server that has collections of its own."""

    url: str
    """Ends in a slash."""
    collections: tuple[Collection, ...]


class Page(NamedTuple):
    """Some objects of a collection."""

    objects: list[msgspec.Raw]
    last: str
    """When the last of them was added, as the server says; empty if it does not."""


class _Top(msgspec.Struct):
    """What stands at an address: a server's discovery, or an api root."""

    api_roots: list[str] = []
    versions: list[str] = []


class _Collections(msgspec.Struct):
    collections: list[Collection] = []


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw] = []
    more: bool = False
    next: str | None = None


def roots(asker: Asker, url: str) -> list[Root]:
    """Give the api roots at an address, which is that of a server's discovery or of one root, with their collections.

    Raises:
        OSError: the server cannot be reached.
        ValueError: it answers with an error, or with something else than TAXII 2.1.
    """
    url = url if url.endswith("/") else f"{url}/"
    top = _shaped(asker.ask(url, MEDIA_TYPE), url, _Top)
    if not top.api_roots and not top.versions:
        raise ValueError(f"{url!r} is neither a TAXII server's discovery nor an api root")
    if len(top.api_roots) > MOST_ROOTS:
        raise ValueError(f"{url!r} lists more than {MOST_ROOTS} api roots; ask one of them by its own address")
    found = [urljoin(url, name if name.endswith("/") else f"{name}/") for name in top.api_roots] or [url]
    return [Root(root, _collections(asker, root)) for root in found]


def named(found: list[Root], name: str) -> tuple[Root, Collection]:
    """Give the collection of an id, an alias or a title that is there once.

    Raises:
        ValueError: there is none or more than one, or it may not be read; the message says which there are.
    """
    every = [(root, one) for root in found for one in root.collections]
    chosen = [pair for pair in every if name == pair[1].id] or [pair for pair in every if name in (pair[1].alias, pair[1].title)]
    if len(chosen) != 1:
        there = ", ".join(f"{one.id} ({(one.title or '')[:60]})" for _, one in every[:20]) or "none"
        raise ValueError(f"{len(chosen) or 'no'} collections are called {name!r}; there are: {there!r}")
    if not chosen[0][1].can_read:
        raise ValueError(f"collection {name!r} may not be read by whoever asks; --login FILE says who does")
    return chosen[0]


def pages(
    asker: Asker, root: Root, collection: Collection, added_after: datetime | None = None, limit: int | None = None
) -> Iterator[Page]:
    """Yield the objects of a collection in the order in which they were added, page by page.

    Raises:
        OSError: the server cannot be reached.
        ValueError: it answers with an error, with something else than TAXII 2.1, or without end.
    """
    where = f"{root.url}collections/{quote(collection.id, safe='')}/objects/"
    asked = {"added_after": f"{added_after:%Y-%m-%dT%H:%M:%S.%fZ}"} if added_after else {}
    asked |= {"limit": str(limit)} if limit else {}
    seen: set[tuple[str, str]] = set()
    for _ in range(MOST_PAGES):
        url = f"{where}?{urlencode(asked)}" if asked else where
        answer = asker.ask(url, MEDIA_TYPE)
        envelope = _shaped(answer, url, _Envelope)
        last = answer.headers.get(_LAST, "")
        yield Page(envelope.objects, last if moment(last) else "")
        if not envelope.more:
            return
        following = ("next", envelope.next) if envelope.next else ("added_after", last)
        if not following[1] or following in seen:
            raise ValueError(f"{where!r} says that there is more, and not where; nothing was imported")
        seen.add(following)
        asked = {name: text for name, text in asked.items() if name != "next"} | dict([following])
    raise ValueError(f"{where!r} has more than {MOST_PAGES:,} pages; --added-after asks for less")


def _collections(asker: Asker, root: str) -> tuple[Collection, ...]:
    url = f"{root}collections/"
    return tuple(_shaped(asker.ask(url, MEDIA_TYPE), url, _Collections).collections)


def _shaped(answer: Answer, url: str, shape: type[_Shape]) -> _Shape:
    if answer.headers.get_content_type() != "application/taxii+json" or answer.headers.get_param("version", "2.1") != "2.1":
        said = answer.headers.get("Content-Type", "nothing")
        raise ValueError(f"{url!r} answers with {said[:100]!r}, which is not TAXII 2.1; is it the address of a TAXII server?")
    try:
        return msgspec.json.decode(answer.content, type=shape)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"{url!r} answers with something that is not as TAXII defines it: {error}") from error
