"""What is known of ATT&CK, told as nouns. Owns the telling; the catalogue is `knowledge`'s."""

from collections.abc import Iterable
from pathlib import Path

from watchkeeper.attack import Catalogue, current_id, parent, version
from watchkeeper.attack import technique as known_technique
from watchkeeper.autopilot.knowledge import attack_spoken
from watchkeeper.model.known import GroupTold, Kind, Named, TechniqueTold
from watchkeeper.model.missing import MissingError


def technique_told(key: str, content: Path) -> TechniqueTold:
    """Say what an id means, and who is known to use it.

    Raises:
        MissingError: ATT&CK has no such technique in use.
        OSError: the installed catalogue cannot be read.
    """
    with attack_spoken(content) as found:
        known = known_technique(key)
        if known is None:
            raise MissingError(f"ATT&CK {version()} has no technique {key[:40]!r} in use")

        def using(what: str) -> tuple[Named, ...]:
            every = getattr(found, what) if found else ()
            return tuple(Named(id=one.id, name=one.name) for one in every if known.id in map(current_id, one.techniques))

        above = known_technique(parent(known.id) or "")
        return TechniqueTold(
            id=known.id,
            name=known.name,
            parent=Named(id=above.id, name=above.name) if above else None,
            tactics=known.tactics,
            version=version(),
            groups=using("groups"),
            campaigns=using("campaigns"),
            software=using("software"),
        )


def group_told(name: str, content: Path) -> GroupTold:
    """Say what is known of a group, campaign or software.

    Raises:
        MissingError: nothing is imported, or nothing in it is called so.
        OSError: the installed catalogue cannot be read.
    """
    with attack_spoken(content) as found:
        one = found.named(name) if found else None
        if found is None or one is None:
            said = f"ATT&CK {found.version} knows" if found else "no ATT&CK is imported here, which would know"
            raise MissingError(f"{said} no group, campaign or software {name[:200]!r}")
        kind: Kind = "group" if one in found.groups else "campaign" if one in found.campaigns else "software"
        return GroupTold(
            id=one.id,
            name=one.name,
            kind=kind,
            aliases=one.aliases,
            groups=_named(one.groups, found),
            software=_named(one.software, found),
            techniques=tuple(_technique(key) for key in sorted(dict.fromkeys(map(current_id, one.techniques)))),
        )


def _named(ids: Iterable[str], found: Catalogue) -> tuple[Named, ...]:
    names = {one.id: one.name for one in (*found.groups, *found.software, *found.campaigns)}
    return tuple(Named(id=one, name=names.get(one, one)) for one in ids)


def _technique(key: str) -> Named:
    known = known_technique(key)
    return Named(id=key, name=known.name if known else key)
