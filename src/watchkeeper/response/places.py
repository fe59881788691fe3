"""Places: `response.yml`, where each action is carried out. Owns reading it and finding the means for a proposal."""

from pathlib import Path
from typing import Annotated, Any, cast

import yaml
from pydantic import Field, ValidationError

from watchkeeper.model.means import Means
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.proposal import Proposal
from watchkeeper.response.connectors.caep import CaepPlace
from watchkeeper.response.connectors.http.place import HttpPlace
from watchkeeper.response.connectors.imap import ImapPlace
from watchkeeper.response.connectors.ldap import LdapPlace
from watchkeeper.response.connectors.lists import ListPlace
from watchkeeper.response.connectors.nftables import NftablesPlace
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.connectors.postfix import PostfixPlace
from watchkeeper.response.connectors.ticket_mail import TicketMailPlace
from watchkeeper.settings.references import Reveal

FILE = "response.yml"
"""Name of the file in the state folder."""
_MOST_BYTES = 1 << 20
_MOST_PLACES = 500
CONNECTORS: dict[str, type[Place]] = {
    "nftables": NftablesPlace,
    "http": HttpPlace,
    "list": ListPlace,
    "mail": TicketMailPlace,
    "caep": CaepPlace,
    "imap": ImapPlace,
    "ldap": LdapPlace,
    "postfix": PostfixPlace,
}
"""Every kind of place, by what `by` says of it."""


class Entry(Noun):
    """One entry of the file: a place, and whose things and which targets it is for."""

    place: Place
    """How it is reached, as its own kind of place."""
    tenants: Annotated[tuple[str, ...], Field(min_length=1)] = (EVERY_TENANT,)
    """Tenants whose actions are carried out there; `*` is all of them."""
    only: tuple[str, ...] = ()
    """Only these targets, or targets on these hosts; empty: any."""

    def fits(self, proposal: Proposal) -> bool:
        """Say whether a proposal is carried out there."""
        if proposal.action not in self.place.actions:
            return False
        if EVERY_TENANT not in self.tenants and proposal.tenant not in self.tenants:
            return False
        named = {*(target.value for target in proposal.targets), proposal.arguments.get("host", "")}
        return not self.only or bool(named.intersection(self.only))


def read_places(path: Path) -> tuple[Entry, ...]:
    """Read the file; without one there is no place, and every action waits for people to do it by hand.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not what docs/response.md describes; the message names the place in it and no secret.
    """
    if not path.exists():
        return ()
    with path.open("rb") as file:
        body = file.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise ValueError(f"{path.name!r} has more than {_MOST_BYTES >> 20} MiB; a place is a few lines")
    try:
        found: Any = yaml.safe_load(body)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"{path.name!r} is no YAML{f', line {mark.line + 1}' if mark else ''}") from error
    listed: Any = cast("dict[str, Any]", found).get("places") if isinstance(found, dict) else None
    if not isinstance(listed, list) or len(cast("list[Any]", listed)) > _MOST_PLACES:
        raise ValueError(f"{path.name!r} needs `places:` with a list of at most {_MOST_PLACES} places")
    return tuple(_entry(path, number, one) for number, one in enumerate(cast("list[Any]", listed), 1))


def means_of(entries: tuple[Entry, ...], proposal: Proposal, reveal: Reveal) -> Means | None:
    """Give how a proposal is carried out: at the first place that fits; none if there is none."""
    entry = next((entry for entry in entries if entry.fits(proposal)), None)
    return entry.place.means(proposal.action, reveal) if entry else None


def _entry(path: Path, number: int, found: Any) -> Entry:
    where = f"{path.name!r}, place {number}"
    told: dict[str, Any] = dict(cast("dict[str, Any]", found)) if isinstance(found, dict) else {}
    beside = {name: told.pop(name) for name in ("tenants", "only") if name in told}
    kind = CONNECTORS.get(str(told.get("by", "")))
    if kind is None:
        raise ValueError(f"{where}: `by` is {str(told.get('by'))[:40]!r}; there are {', '.join(sorted(CONNECTORS))}")
    try:
        return Entry(place=kind.model_validate(told, context={"state": path.parent}), **beside)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {place or 'it'}: {first['msg']}") from error
