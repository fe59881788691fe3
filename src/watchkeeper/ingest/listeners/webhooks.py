"""The door for products that call a webhook with their alerts: Wazuh, Prometheus' Alertmanager, and any other with JSON. Owns their shapes.

Source: Wazuh documentation, "Integration with external APIs"; Prometheus documentation, Alertmanager, `webhook_config`.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.listeners.exchange import Answer, Exchange, TurnedAwayError
from watchkeeper.ingest.listeners.one_line import encoded, one_line
from watchkeeper.model.received import Listener

LISTENER: Final[Listener] = "webhook"
_OF_GROUP = ("receiver", "groupKey", "groupLabels", "externalURL")
"""What Alertmanager says of all alerts that it sends together."""


class _Alert(NamedTuple):
    line: bytes
    id: str
    """The product's own; empty if it gives none."""


async def answer(exchange: Exchange) -> Answer:
    """Keep the alerts of one call."""
    request = exchange.request
    product = request.segments[1] if len(request.segments) == 2 else ""
    alerts_of = _PRODUCTS.get(product)
    if alerts_of is None:
        raise TurnedAwayError("unknown_path", f"no webhook {product[:100]!r}; there are {', '.join(sorted(_PRODUCTS))}")
    if request.method != "POST":
        raise TurnedAwayError("wrong_method", f"{request.method} is not for a webhook; use POST")
    body = await exchange.body()
    ids: list[str] = []
    kept = await exchange.apart(len(body), lambda: exchange.gathered(_lines(_alerts(body, alerts_of), ids)))
    await exchange.keep(kept._replace(ids=tuple(ids) if any(ids) else ()))
    return Answer(200, msgspec.json.encode({"records": kept.number}))


def _lines(alerts: Iterator[_Alert], ids: list[str]) -> Iterator[bytes]:
    """Yield the line of each alert; ids are set aside."""
    for alert in alerts:
        ids.append(alert.id)
        yield alert.line


def _alerts(body: bytes, alerts_of: Callable[[Record], Iterator[_Alert]]) -> Iterator[_Alert]:
    """Yield the alerts of a body; a body is taken whole or not at all."""
    for one in records(io.BytesIO(body)):
        if not isinstance(one, Record):
            raise TurnedAwayError("malformed", f"the body is not made of JSON objects: {one.reason}")
        yield from alerts_of(one)


def _wazuh(record: Record) -> Iterator[_Alert]:
    """Wazuh's ids are those of one manager."""
    alert, manager = record.value, record.value.get("manager")
    name = manager.get("name") if isinstance(manager, dict) else ""
    known = alert.get("id")
    yield _Alert(one_line(record), f"wazuh/{name}/{known}" if isinstance(known, str) and known and "rule" in alert else "")


def _alertmanager(record: Record) -> Iterator[_Alert]:
    """One alert is one record; what is said again of it in the same state, as Alertmanager does every few hours, is the same."""
    alerts = record.value.get("alerts")
    if not isinstance(alerts, list):
        raise TurnedAwayError("malformed", "there is no list 'alerts' as Alertmanager writes it")
    group: dict[str, Json] = {name: record.value[name] for name in _OF_GROUP if name in record.value}
    for alert in alerts:
        if not isinstance(alert, dict):
            raise TurnedAwayError("malformed", "an entry of 'alerts' is no object")
        state = [alert.get(name) for name in ("fingerprint", "startsAt", "status")]
        known = "/".join(map(str, state)) if all(isinstance(one, str) and one for one in state) else ""
        yield _Alert(encoded({**alert, **group}), f"alertmanager/{known}" if known else "")


def _other(record: Record) -> Iterator[_Alert]:
    yield _Alert(one_line(record), "")


_PRODUCTS: Mapping[str, Callable[[Record], Iterator[_Alert]]] = {"wazuh": _wazuh, "alertmanager": _alertmanager, "json": _other}
