"""CycloneDX 1.x as JSON. Owns its shape alone. Source: OWASP CycloneDX, JSON reference 1.6."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from watchkeeper.assets.inventory.listed import Row, Rows

_DEEPEST = 20


class _Maker(msgspec.Struct, frozen=True):
    name: str = ""


class _Component(msgspec.Struct, frozen=True):
    name: str = ""
    group: str = ""
    version: str = ""
    publisher: str = ""
    supplier: _Maker = _Maker()
    cpe: str = ""
    purl: str = ""
    components: tuple[_Component, ...] = ()


class _About(msgspec.Struct, frozen=True):
    component: _Component = _Component()


class _Bom(msgspec.Struct, frozen=True):
    format: str = msgspec.field(name="bomFormat")
    metadata: _About = _About()
    components: tuple[_Component, ...] = ()


def is_it(head: bytes) -> bool:
    """Say whether a file begins like one."""
    return b'"bomFormat"' in head and b"CycloneDX" in head


def rows(content: bytes) -> Rows:
    """Yield every component, nested ones too.

    Raises:
        ValueError: it is not of this shape.
    """
    for component in msgspec.json.decode(content, type=_Bom).components:
        yield from _all(component, 0)


def subject(content: bytes) -> str:
    """Give the name of what it describes; empty if it has none."""
    return msgspec.json.decode(content, type=_Bom).metadata.component.name


def _all(component: _Component, depth: int) -> Iterator[Row | str]:
    yield Row(
        component.name, component.version, component.supplier.name or component.publisher or component.group, component.cpe, component.purl
    )
    if depth >= _DEEPEST:
        yield from ("nested too deep" for _ in component.components)
        return
    for inner in component.components:
        yield from _all(inner, depth + 1)
