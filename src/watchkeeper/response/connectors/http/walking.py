"""Walking through the steps of a description for one job. Owns their order, repeating and judging; who sends what stands in `place`."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.outbound.exchange import Method
from watchkeeper.response.connectors.http.description import HttpAction, Step
from watchkeeper.response.connectors.http.finding import holds, remembered
from watchkeeper.response.connectors.http.insertion import Value, Values, in_body, in_header, in_path, in_query, lacks
from watchkeeper.response.targets import HASHES, canonical
from watchkeeper.stix.objects import stamp

MOST_SECONDS = 300.0
"""How long the steps of one job may take together."""
_MOST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it is about to be made."""

    method: Method
    tail: str
    """Path and query, to be put behind the place's address."""
    headers: Mapping[str, str]
    body: bytes
    key: str
    """Idempotency key: the same request of the same job has the same."""


Send = Callable[[Asked, Step], object]
"""Makes a request and gives its answer as JSON; raises as `Means` says."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How steps are walked through."""

    send: Send
    until: float
    """When it has to be over, by the clock."""
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def through(self, steps: Iterable[Step], values: Values, key: str) -> dict[str, Value]:
        """Do the steps in order and give the values with what was found.

        Raises:
            OSError: the place does not answer, or not in time.
            ValueError: it refuses, or a value cannot be sent.
        """
        now = dict(values)
        for number, step in enumerate(steps):
            if _is_wanted(step, now):
                now = self._step(step, now, f"{key}-{number}")
                _assert_expected(step, now)
        return now

    def _step(self, step: Step, values: dict[str, Value], key: str) -> dict[str, Value]:
        times = step.again.times if step.again else 1
        for attempt in range(times):
            if self.clock() > self.until:
                raise TimeoutError(f"the steps together took more than {MOST_SECONDS:g} seconds")
            answer = self.send(asked(step, values, key), step)
            known = {name: value for name, value in values.items() if name.removeprefix("found.") not in step.remember}
            found = known | remembered(step.remember, answer, values)
            if step.again is None or holds(step.again.until, found):
                return found
            if attempt + 1 < times:
                self.pause(step.again.every_seconds)
        raise TimeoutError(f"after {times} looks it is not so yet: {step.request.partition(' ')[2][:100]}")


def asked(step: Step, values: Values, key: str) -> Asked:
    """Give the request of a step.

    Raises:
        ValueError: a value is missing, or cannot stand where it should.
    """
    query = [(name, in_query(template, values)) for name, template in step.query.items() if not lacks(template, values)]
    tail = in_path(step.path, values) + (f"?{urlencode(query)}" if query else "")
    headers = {name: in_header(template, values) for name, template in step.headers.items() if not lacks(template, values)}
    body = b"" if step.body is None else json.dumps(in_body(step.body, values), separators=(",", ":")).encode("ascii")
    if len(body) > _MOST_BODY:
        raise ValueError(f"what is to be sent has more than {_MOST_BODY >> 20} MiB")
    return Asked(step.method, tail, headers, body, key)


def values_of(job: Job, action: HttpAction, settings: Mapping[str, str]) -> Iterator[dict[str, Value]]:
    """Yield the values of a job for each of its targets.

    Raises:
        ValueError: it has too many targets, or one that the action does not take.
    """
    if len(job.targets) > action.most_targets:
        raise ValueError(f"{len(job.targets)} targets are more than the {action.most_targets} that it takes in one job")
    targets = [(canonical(one), *_kind(one, action)) for one in job.targets]
    shared: dict[str, Value] = {
        "key": job.key, "tenant": job.tenant, "incident": job.incident, "action": job.action,
        "targets": tuple(one for one, _, _ in targets),
        **({"expires": stamp(job.expires)} if job.expires else {}),
        **({"reference": job.reference} if job.reference else {}),
        **{f"argument.{name}": value for name, value in job.arguments.items() if value},
        **{f"setting.{name}": value for name, value in settings.items()},
    }  # fmt: skip
    for value, entity, kind in targets:
        yield shared | {"target": value, "entity": entity, "kind": kind}


def assert_sendable(steps: Iterable[Step], values: Values) -> None:
    """See before anything is asked that the job has what every step needs.

    Raises:
        ValueError: something is missing.
    """
    missing = {
        name for step in steps for name in step.needed() if name not in values and name.startswith("argument.") and name not in step.given
    }
    if missing:
        told = ", ".join(repr(name.removeprefix("argument.")) for name in sorted(missing))
        raise ValueError(f"it needs {told} beside its target, and the job does not say it")


def _kind(target: Entity, action: HttpAction) -> tuple[str, str]:
    name = HASHES.get(len(target.value), "hash") if target.kind == "hash" else target.kind
    called = action.kinds.get(name)
    if called is None:
        raise ValueError(f"it takes {', '.join(sorted(action.kinds))}, not the {name} {target.value[:100]!r}")
    return name, called


def _is_wanted(step: Step, values: Values) -> bool:
    return all(name in values for name in step.given) and not any(name in values for name in step.not_given)


def _assert_expected(step: Step, values: Values) -> None:
    for one in step.expect:
        if not holds(one, values):
            raise ValueError(f"{step.otherwise or 'its answer is not what was expected'} ({one.value})")
