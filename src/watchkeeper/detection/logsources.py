"""Log sources: which events a Sigma log source means, and what its fields are called there.

Owns reading `content/logsources.yml` and what a person adds to it, and the lookup. Evaluating rules on the events stands in `detector`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec
import yaml

from watchkeeper.content import document
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

ANY = "any"
"""Section of the table that holds for every product."""

_EMPTY: Mapping[str, str] = MappingProxyType({})
_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Derived:
    """A field made of others: a template filled with their values, then translated."""

    template: str
    """Text with `{Field}` places; an event that lacks one of the fields lacks this one."""
    values: Mapping[str, str] = field(default_factory=lambda: _EMPTY, hash=False)
    """Whole values to replace."""
    prefixes: Mapping[str, str] = field(default_factory=lambda: _EMPTY, hash=False)
    """Beginnings to replace, the first that fits."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Native fields it is made of."""
        return tuple(_PLACE.findall(self.template))

    def fill(self, row: Mapping[str, Value]) -> str | None:
        """Give the value for one event; none if it lacks a field or has several values in one."""
        found = [row.get(name) for name in self.sources]
        texts = iter([value for value in found if isinstance(value, str)])
        if not all(isinstance(value, str) for value in found):
            return None
        text = _PLACE.sub(lambda _: next(texts), self.template)
        for old, new in self.prefixes.items():
            if text.lower().startswith(old.lower()):
                return new + text[len(old) :]
        return self.values.get(text, text)


@dataclass(frozen=True)
class Route:
    """One way from a Sigma log source to events: where they stand and how Sigma's fields are found there."""

    product: str = ""
    """Native product, compared without case; empty for the one under which the route is listed."""
    service: str = ""
    """Native service, compared without case; empty for any."""
    event_types: frozenset[str] = frozenset()
    """Native event types; empty for all."""
    fields: Mapping[str, str] = field(default_factory=lambda: _EMPTY, hash=False)
    """Sigma field to native field; where no event has the native one, the Sigma field keeps its name."""
    derived: Mapping[str, Derived] = field(default_factory=dict[str, Derived], hash=False)
    """Sigma field to what it is made of."""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]], hash=False)
    """Native fields that must have one of these values, compared as Sigma compares them."""
    having: frozenset[str] = frozenset()
    """Native fields that an event must have; events without one of them are not meant."""

    def takes(self, source: LogSource, listed_under: str) -> bool:
        """Say whether events of that source can be meant, where the route is listed under a product."""
        return (
            (self.product or listed_under).lower() == source.product.lower()
            and (not self.service or self.service.lower() == source.service.lower())
            and (not self.event_types or source.event_type in self.event_types)
        )


@dataclass(frozen=True)
class LineNames:
    """What the fields of an event are called that comes as a line of JSON."""

    inside: frozenset[str] = frozenset()
    """Paths of containers that add nothing to the names of what is in them; `X.*` is every container in X."""
    names: Mapping[str, str] = field(default_factory=lambda: _EMPTY, hash=False)
    """Path as written, with dots, to native name; a native name in the line itself wins, then the earlier entry."""


@dataclass(frozen=True)
class Product:
    """What is known of one product's logs."""

    fixed: Mapping[str, str]
    """Fields whose value is the batch's `service` or `event_type`."""
    services: Mapping[str, tuple[Route, ...]]
    """Sigma service to its routes."""
    categories: Mapping[str, tuple[Route, ...]]
    """Sigma category to its routes."""
    lines: LineNames = LineNames()
    """How events in lines of JSON are read."""

    def routes(self) -> Iterator[Route]:
        """Yield each route that is listed."""
        for table in (self.services, self.categories):
            for routes in table.values():
                yield from routes


@dataclass(frozen=True)
class LogSources:
    """Every product's logs; a source that is not listed is taken by its own name."""

    products: Mapping[str, Product]
    shared: Mapping[str, tuple[Route, ...]] = field(default_factory=dict[str, tuple[Route, ...]], hash=False)
    """Sigma category to the routes by which events of any product are reached, unless the product lists the category itself."""

    def routes(self, wanted: SigmaSource, source: LogSource) -> Iterator[Route]:
        """Yield each way in which events of `source` are what a rule wants; nothing if they are not."""
        for name in (source.product.lower(), *self._guests.get(source.product.lower(), ())):
            if wanted.product and wanted.product.lower() != name:
                continue
            product = self.products.get(name, _UNKNOWN)
            services = self._by_service(wanted, product)
            for route in self._by_category(wanted, product):
                if route.takes(source, name) and (not services or any(other.takes(source, name) for other in services)):
                    yield route

    @cached_property
    def telling(self) -> frozenset[str]:
        """Native fields by which some route tells which events are meant."""
        listed = (route for product in self.products.values() for route in product.routes())
        shared = (route for routes in self.shared.values() for route in routes)
        return frozenset(name for route in (*listed, *shared) for name in route.having)

    def fixed(self, source: LogSource) -> dict[str, str]:
        """Give the native fields whose value is the same in every event of the source."""
        product = self.products.get(source.product.lower(), _UNKNOWN)
        known = {"service": source.service, "event_type": source.event_type}
        return {name: known[part] for name, part in product.fixed.items() if known[part]}

    @cached_property
    def _guests(self) -> Mapping[str, tuple[str, ...]]:
        """Products to the others under which routes to their events are listed."""
        found: dict[str, dict[str, None]] = {}
        for name, product in self.products.items():
            for route in product.routes():
                if route.product and route.product.lower() != name:
                    found.setdefault(route.product.lower(), {})[name] = None
        return {guest: tuple(names) for guest, names in found.items()}

    def _by_category(self, wanted: SigmaSource, product: Product) -> tuple[Route, ...]:
        """Give the category's routes; a category unknown to a product that is named says nothing more than the product and service do."""
        if not wanted.category:
            return product.services.get(wanted.service.lower(), (Route(service=wanted.service),))
        name = wanted.category.lower()
        known = product.categories.get(name, self.shared.get(name, ()))
        return known or ((Route(),) if wanted.product and not product.categories else ())

    @staticmethod
    def _by_service(wanted: SigmaSource, product: Product) -> tuple[Route, ...]:
        """Give the service's routes; none if the rule names no service."""
        return product.services.get(wanted.service.lower(), (Route(service=wanted.service),)) if wanted.service else ()


_UNKNOWN = Product(fixed=_EMPTY, services={}, categories={})


class _DerivedFile(msgspec.Struct, forbid_unknown_fields=True):
    template: str
    values: dict[str, str] = {}
    prefixes: dict[str, str] = {}


class _RouteFile(msgspec.Struct, forbid_unknown_fields=True):
    product: str = ""
    service: str = ""
    event_types: list[int | str] = []
    fields: dict[str, str] = {}
    derived: dict[str, str | _DerivedFile] = {}
    when: dict[str, str | list[str]] = {}
    having: list[str] = []


_Words = dict[str, list[str | _RouteFile]]


class _LinesFile(msgspec.Struct, forbid_unknown_fields=True):
    wrapped: list[str] = []
    inside: list[str] = []
    names: dict[str, str] = {}


class _ProductFile(msgspec.Struct, forbid_unknown_fields=True):
    fixed: dict[str, Literal["service", "event_type"]] = {}
    services: _Words = {}
    categories: _Words = {}
    lines: _LinesFile = msgspec.field(default_factory=_LinesFile)


def log_sources(*extra: Path) -> LogSources:
    """Read what we know of log sources, and files of the same form that add to it; where two name one thing, the later file wins.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file is not of that form; the message says where.
    """
    return _table(extra) if extra else _shipped()


@cache
def _shipped() -> LogSources:
    return _table(())


def _table(extra: Sequence[Path]) -> LogSources:
    table = msgspec.convert(document("logsources.yml"), dict[str, _ProductFile])
    for path in extra:
        for name, more in _own(path).items():
            table[name.lower()] = _merged(table.get(name.lower(), _ProductFile()), more)
    products = {name: _product(product) for name, product in table.items()}
    anyone = products.pop(ANY, Product(fixed=_EMPTY, services={}, categories={}))
    return LogSources(products, anyone.categories)


def _own(path: Path) -> dict[str, _ProductFile]:
    try:
        return msgspec.convert(yaml.safe_load(path.read_text("utf-8-sig")), dict[str, _ProductFile])
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"log sources {path}: it is not YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise ValueError(f"log sources {path}: {error}; see docs/sigma.md for what it may hold") from error


def _merged(ours: _ProductFile, theirs: _ProductFile) -> _ProductFile:
    """Give both: their routes beside ours, their names before ours."""
    names = theirs.lines.names | {path: name for path, name in ours.lines.names.items() if path not in theirs.lines.names}
    lines = _LinesFile([*theirs.lines.wrapped, *ours.lines.wrapped], [*theirs.lines.inside, *ours.lines.inside], names)
    return _ProductFile(
        {**ours.fixed, **theirs.fixed}, _beside(ours.services, theirs.services), _beside(ours.categories, theirs.categories), lines
    )


def _beside(ours: _Words, theirs: _Words) -> _Words:
    lower = {name.lower(): routes for name, routes in theirs.items()}
    return {name: [*lower.get(name, ()), *ours.get(name, ())] for name in {**ours, **lower}}


def _product(parsed: _ProductFile) -> Product:
    return Product(
        fixed=parsed.fixed,
        services={name: _routes(routes) for name, routes in parsed.services.items()},
        categories={name: _routes(routes) for name, routes in parsed.categories.items()},
        lines=_lines(parsed.lines),
    )


def _lines(parsed: _LinesFile) -> LineNames:
    """Read what lines are called, once for the bare event and once for each container that may be around it."""
    around = ["", *(f"{name}." for name in parsed.wrapped)]
    inside = [prefix + path for prefix in around for path in parsed.inside]
    names = {prefix + path: native for prefix in around for path, native in parsed.names.items()}
    return LineNames(frozenset([*inside, *parsed.wrapped]), names)


def _routes(parsed: list[str | _RouteFile]) -> tuple[Route, ...]:
    return tuple(Route(service=one) if isinstance(one, str) else _route(one) for one in parsed)


def _route(parsed: _RouteFile) -> Route:
    return Route(
        product=parsed.product,
        service=parsed.service,
        event_types=frozenset(str(one) for one in parsed.event_types),
        fields=parsed.fields,
        derived={name: _derived(one) for name, one in parsed.derived.items()},
        when={name: (values,) if isinstance(values, str) else tuple(values) for name, values in parsed.when.items()},
        having=frozenset(parsed.having),
    )


def _derived(parsed: str | _DerivedFile) -> Derived:
    return Derived(parsed) if isinstance(parsed, str) else Derived(parsed.template, parsed.values, parsed.prefixes)
