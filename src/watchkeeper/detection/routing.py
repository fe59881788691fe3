"""Where a rule can be reached: every log source that a rule may mean, known before any event is seen. Owns the listing, not the table."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from watchkeeper.detection.logsources import ANY, LogSources, Route
from watchkeeper.detection.plan import MOST_KEPT, Plan, make_plan, routed
from watchkeeper.detection.sigma import Rule, SigmaSource
from watchkeeper.model.logsource import LogSource


@dataclass(frozen=True, slots=True)
class Place:
    """One log source that a rule may mean, and the way there."""

    source: LogSource
    route: Route


class Places:
    """The places of rules, by what they say of their log source."""

    def __init__(self, sources: LogSources) -> None:
        """Take what is known of log sources."""
        self._sources = sources
        self._known = lru_cache(maxsize=MOST_KEPT)(self._listed)

    def of(self, wanted: SigmaSource) -> tuple[Place, ...]:
        """Give every known place, those first that any event type of theirs will do; empty if nothing leads to any event."""
        return self._known(wanted)

    def named(self, wanted: SigmaSource) -> tuple[str, ...]:
        """Give the places in words, an event type only where not the whole log is one."""
        places = self.of(wanted)
        whole = {
            (place.source.product, place.source.service) for place in places if not (place.source.event_type or place.route.event_types)
        }
        found: dict[str, None] = {}
        for place in places:
            kinds = [place.source.event_type] if place.source.event_type else sorted(place.route.event_types)
            for kind in [""] if (place.source.product, place.source.service) in whole else kinds:
                having = f" with {' and '.join(sorted(place.route.having))}" if place.route.having else ""
                found[in_words(place.source.model_copy(update={"event_type": kind})) + having] = None
        return tuple(found)

    def plan(self, rule: Rule, place: Place) -> Plan:
        """Plan a rule for events of a place that have every field the rule could ask for."""
        one = routed(rule, place.route)
        return make_plan([one], self._sources.fixed(place.source), one.fields)

    def _listed(self, wanted: SigmaSource) -> tuple[Place, ...]:
        return tuple(Place(source, route) for source in self._candidates(wanted) for route in self._sources.routes(wanted, source))

    def _candidates(self, wanted: SigmaSource) -> Iterator[LogSource]:
        """Yield each log source once that the table names for the products a rule may mean."""
        found: dict[tuple[str, str, str], None] = {}
        for name in [wanted.product.lower()] if wanted.product else self._products(wanted.category.lower()):
            product = self._sources.products.get(name)
            routes = list(product.routes()) if product else []
            spelt = {route.service.lower(): route.service for route in routes} | {"": ""}
            named = {(name, spelt.get(wanted.service.lower(), wanted.service), ""): None}
            named |= {(route.product or name, route.service, kind): None for route in routes for kind in ("", *sorted(route.event_types))}
            found |= dict.fromkeys(sorted(named, key=lambda one: (one[0] != name, one[2])))
        for product_name, service, kind in found:
            yield LogSource(product=product_name, service=service, event_type=kind)

    def _products(self, category: str) -> list[str]:
        """Give the products that may be meant; where any may be, one that stands for them and those that list the category themselves."""
        if category not in self._sources.shared:
            return list(self._sources.products)
        return [ANY, *(name for name, product in self._sources.products.items() if category in product.categories)]


def in_words(source: LogSource) -> str:
    """Write a log source as one line: product, then log, then event type, as far as they are known."""
    return " ".join(part for part in (source.product, source.service, source.event_type) if part)


def asked_in_words(wanted: SigmaSource) -> str:
    """Write what a rule says of its log source."""
    said = (("product", wanted.product), ("category", wanted.category), ("service", wanted.service))
    return ", ".join(f"{name} {value}" for name, value in said if value) or "any log source"
