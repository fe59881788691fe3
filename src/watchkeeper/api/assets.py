"""`/api/assets`: what people told of hosts and accounts."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from watchkeeper.api.seat import REFUSALS, Administering, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.inventory import MOST_BYTES, asset_called, inventory, keep_inventory
from watchkeeper.model.asset import Asset
from watchkeeper.model.page import Page
from watchkeeper.model.uploaded import Uploaded

router = APIRouter(prefix="/api/assets", tags=["assets"], responses=REFUSALS)
Name = Annotated[str, Path(min_length=1, max_length=255, description="Its name, or an address of it.", examples=["srv2"])]
Inventory = Annotated[
    str,
    Body(
        media_type="application/yaml",
        max_length=MOST_BYTES,
        description="An `assets.yml`: a list under `assets:`, and `networks:` and `domains:` that are the organisation's own.",
        examples=["assets:\n  - name: srv2\n    owner: ann\n    criticality: 4\n"],
    ),
]


@router.get("", summary="List assets")
def assets(seat: Viewing, page: Paged) -> Page[Asset]:
    """List the hosts and accounts that people told of, by name."""
    return beside(inventory(seat.desk.store), page.after, page.limit)


@router.put("", summary="Upload an inventory")
def upload(seat: Administering, content: Inventory) -> Uploaded:
    """Keep an inventory in the place of the one before."""
    return Uploaded(assets=len(keep_inventory(seat.desk.store, content.encode())))


@router.get("/{name}", summary="One asset")
def one(seat: Viewing, name: Name) -> Asset:
    """Give what people told of a host, account or address."""
    return asset_called(seat.desk.store, name)
