"""SPDX 2.x as JSON. Owns its shape alone. Source: SPDX specification 2.3, clause 7."""

import msgspec

from watchkeeper.assets.inventory.listed import Row, Rows

_NOBODY = frozenset({"", "NOASSERTION", "NONE"})


class _Reference(msgspec.Struct, frozen=True):
    type: str = msgspec.field(default="", name="referenceType")
    locator: str = msgspec.field(default="", name="referenceLocator")


class _Package(msgspec.Struct, frozen=True):
    name: str = ""
    version: str = msgspec.field(default="", name="versionInfo")
    supplier: str = ""
    originator: str = ""
    references: tuple[_Reference, ...] = msgspec.field(default=(), name="externalRefs")


class _Document(msgspec.Struct, frozen=True):
    version: str = msgspec.field(name="spdxVersion")
    name: str = ""
    packages: tuple[_Package, ...] = ()


def is_it(head: bytes) -> bool:
    """Say whether a file begins like one."""
    return b'"spdxVersion"' in head or b'"SPDXID"' in head


def rows(content: bytes) -> Rows:
    """Yield every package.

    Raises:
        ValueError: it is not of this shape.
    """
    for package in msgspec.json.decode(content, type=_Document).packages:
        said = {reference.type: reference.locator for reference in package.references}
        cpe = said.get("cpe23Type") or said.get("cpe22Type") or ""
        yield Row(package.name, package.version, _maker(package.supplier) or _maker(package.originator), cpe, said.get("purl", ""))


def subject(content: bytes) -> str:
    """Give the name of what it describes; empty if it has none."""
    return msgspec.json.decode(content, type=_Document).name


def _maker(said: str) -> str:
    """Take a name out of `Organization: Example (mail@example.org)`."""
    if said in _NOBODY:
        return ""
    return said.partition(": ")[2].partition(" (")[0] or said
