"""`/taxii2`: lists as read-only collections of TAXII 2.1. Owns the protocol: pages, filters, headers; what is in one stands in `autopilot`.

Source: OASIS TAXII 2.1, sections 3.4 (filtering), 3.5 (pagination), 4 (discovery, api roots) and 5 (collections).
"""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from watchkeeper.api.list_guard import Readable
from watchkeeper.api.platform import The
from watchkeeper.autopilot.lists import Page, ServedList, Wanted
from watchkeeper.stix.objects import stamp

TAXII_TYPE = "application/taxii+json;version=2.1"
STIX_TYPE = "application/stix+json;version=2.1"
MOST_OBJECTS = 5_000
"""Objects of one page."""
_TAKEN = ("application/taxii+json", "application/*", "*/*")
_ROOT = "/taxii2/lists/"


class Filter(BaseModel):
    """What a client asks for, as the query says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    added_after: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1)] = MOST_OBJECTS
    next: Annotated[str, Field(max_length=500)] = ""
    ids: Annotated[str, Field(alias="match[id]", max_length=10_000)] = ""
    types: Annotated[str, Field(alias="match[type]", max_length=1_000)] = ""
    versions: Annotated[str, Field(alias="match[version]", max_length=1_000)] = "last"
    spec_versions: Annotated[str, Field(alias="match[spec_version]", max_length=100)] = "2.1"


Asked = Annotated[Filter, Query()]


def _understood(request: Request) -> None:
    """Refuse who wants another format.

    Raises:
        HTTPException: 406.
    """
    wanted = [one.split(";", 1) for one in request.headers.get("accept", "*/*").split(",")]
    versions = [f"{kind.strip()};{rest[0].replace(' ', '') if rest else ''}" for kind, *rest in wanted]
    if not any(one.split(";")[0] in _TAKEN and ("version=" not in one or "version=2.1" in one) for one in versions):
        raise HTTPException(406, f"this speaks {TAXII_TYPE}")


router = APIRouter(prefix="/taxii2", include_in_schema=False, dependencies=[Depends(_understood)])


@router.get("/")
def discovery(_: Readable) -> Response:
    """Say which api roots there are: one."""
    return _answer({"title": "Watchkeeper", "description": "Lists of indicators", "default": _ROOT, "api_roots": [_ROOT]})


@router.get("/lists/")
def api_root(the: The, _: Readable) -> Response:
    """Say what the api root speaks."""
    return _answer({"title": "Lists", "versions": [TAXII_TYPE], "max_content_length": the.bounds.body_bytes})


@router.get("/lists/collections/")
def collections(lists: Readable) -> Response:
    """Give the lists that the token opens."""
    return _answer({"collections": [_collection(one) for one in lists]})


@router.get("/lists/collections/{collection}/")
def collection(collection: str, lists: Readable) -> Response:
    """Give one of them."""
    return _answer(_collection(_named(lists, collection)))


@router.get("/lists/collections/{collection}/manifest/")
def manifest(the: The, collection: str, asked: Asked, lists: Readable) -> Response:
    """Say which objects it has, and since when."""
    page = _page(_named(lists, collection), asked, the)
    listed = [
        {"id": one.id, "date_added": stamp(one.changed), "version": told["modified"], "media_type": STIX_TYPE}
        for one, told in zip(page.records, page.objects, strict=True)
    ]
    return _paged(page, listed)


@router.get("/lists/collections/{collection}/objects/")
def objects(the: The, collection: str, asked: Asked, lists: Readable) -> Response:
    """Give its objects, a page at a time."""
    page = _page(_named(lists, collection), asked, the)
    return _paged(page, page.objects)


@router.get("/lists/collections/{collection}/objects/{name}/")
def one_object(the: The, collection: str, name: str, asked: Asked, lists: Readable) -> Response:
    """Give one object."""
    page = _one(the, _named(lists, collection), name, asked)
    return _paged(page, page.objects)


@router.get("/lists/collections/{collection}/objects/{name}/versions/")
def versions(the: The, collection: str, name: str, asked: Asked, lists: Readable) -> Response:
    """Give the versions of one object: the newest, for no other is kept."""
    page = _one(the, _named(lists, collection), name, asked)
    return _answer({"versions": [one["modified"] for one in page.objects]} if page.objects else {}, page)


def _one(the: The, found: ServedList, name: str, asked: Filter) -> Page:
    if not found.page(Wanted(most=1, ids=frozenset({name})), the.clock()).records:
        raise HTTPException(404, "there is no such object in this collection")
    return _page(found, asked.model_copy(update={"ids": name, "types": ""}), the)


def _page(found: ServedList, asked: Filter, the: The) -> Page:
    wanted = Wanted(min(asked.limit, MOST_OBJECTS), asked.added_after, _behind(asked.next), _split(asked.ids), _split(asked.types))
    page = found.page(wanted, the.clock())
    asks_for_version = _split(asked.versions) & {"last", "first", "all"} or not asked.versions
    kept = [
        (one, told)
        for one, told in zip(page.records, page.objects, strict=True)
        if "2.1" in _split(asked.spec_versions) and (asks_for_version or told["modified"] in _split(asked.versions))
    ]
    return Page(tuple(one for one, _ in kept), [told for _, told in kept], page.end)


def _collection(one: ServedList) -> dict[str, Any]:
    return {
        "id": one.collection, "title": one.title, "alias": one.name, "can_read": True, "can_write": False, "media_types": [STIX_TYPE],
    }  # fmt: skip


def _named(lists: tuple[ServedList, ...], name: str) -> ServedList:
    found = next((one for one in lists if name in (one.collection, one.name)), None)
    if found is None:
        raise HTTPException(404, "there is no such collection for this token")
    return found


def _paged(page: Page, listed: list[dict[str, Any]]) -> Response:
    following = {"more": True, "next": _cursor(page.end)} if page.end else {}
    return _answer({**following, "objects": listed} if listed else following, page)


def _answer(told: dict[str, Any], page: Page | None = None) -> Response:
    records = page.records if page else ()
    times = (
        {"X-TAXII-Date-Added-First": stamp(records[0].changed), "X-TAXII-Date-Added-Last": stamp(records[-1].changed)} if records else {}
    )
    return Response(json.dumps(told), media_type=TAXII_TYPE, headers=times)


def _split(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _cursor(end: tuple[datetime, str]) -> str:
    return base64.urlsafe_b64encode(f"{end[0].isoformat()} {end[1]}".encode()).decode()


def _behind(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    try:
        time, _, name = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        parsed = datetime.fromisoformat(time)
    except (binascii.Error, ValueError) as error:
        raise HTTPException(400, "`next` is none that this server gave") from error
    if parsed.tzinfo is None:
        raise HTTPException(400, "`next` is none that this server gave")
    return parsed, name
