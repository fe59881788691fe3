"""A product that is reached by HTTP as a description says. Owns what of `response.yml` it needs, and what its answers mean for a job."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.outbound.exchange import Answer, Limits, Request, checked_url, exchange, unseen
from watchkeeper.response.connectors.http.description import Definition, HttpAction, Step, read_definition
from watchkeeper.response.connectors.http.finding import holds, parsed
from watchkeeper.response.connectors.http.insertion import Value, in_text, lacks
from watchkeeper.response.connectors.http.sign_on import Carried, Door, SignOn, carried, forget, read_sign_on
from watchkeeper.response.connectors.http.walking import MOST_SECONDS, Asked, Walk, assert_sendable, values_of
from watchkeeper.response.connectors.place import Place
from watchkeeper.settings.references import Reveal, masked

MOST_ANSWER = 1 << 20
_LATER = {408, 425, 429}
_FEW = 3


class HttpPlace(Place):
    """A product that answers HTTP."""

    by: Literal["http"]
    """This kind of place."""
    definition: str
    """Name of a description that is shipped, or the path of one's own."""
    base: str = ""
    """The product's https address; empty: the one of the description."""
    auth: dict[str, str] = Field(default_factory=dict[str, str])
    """How it is signed on to, beside what the description says; secrets as env:NAME or file:/path."""
    settings: dict[str, str] = Field(default_factory=dict[str, str])
    """What the description asks for."""
    certificates: Path | None = None
    """Authorities to trust in the place of the system's, as PEM."""

    @model_validator(mode="after")
    def _whole(self) -> "HttpPlace":
        told = read_definition(self.definition)
        if not self._base(told):
            raise ValueError(f"base: {told.product} has no address that is everybody's; say yours")
        checked_url(self._base(told))
        read_sign_on({**told.auth, **self.auth})
        if unknown := sorted(set(self.settings) - set(told.settings)):
            raise ValueError(f"settings: {told.product} has none called {', '.join(map(repr, unknown))}")
        if missing := sorted(name for name, one in told.settings.items() if one.default is None and name not in self.settings):
            raise ValueError(f"settings: {told.product} needs {', '.join(f'{name} ({told.settings[name].says})' for name in missing)}")
        if strange := [name for name in self.actions if name not in told.actions]:
            raise ValueError(f"{told.product} has no action {strange[0]!r} here; it has {', '.join(sorted(told.actions))}")
        return self

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how an action of the description is carried out.

        Raises:
            ValueError: the description has no such action any more.
        """
        told = read_definition(self.definition)
        described = told.actions.get(action)
        if described is None:
            raise ValueError(f"{self.name!r}: {told.product} has no action {action!r}; it has {', '.join(sorted(told.actions))}")
        door = Door(self._base(told), reveal, Limits(answer_bytes=MOST_ANSWER, certificates=self.certificates))
        settings = {name: one.default for name, one in told.settings.items() if one.default is not None} | self.settings
        doing = _Doing(self.name, told, described, read_sign_on({**told.auth, **self.auth}), door, settings)
        return Means(self.name, action, doing.do, doing.undo if described.undo else None, doing.check)

    def _base(self, told: Definition) -> str:
        return self.base or told.base


@dataclass(frozen=True, slots=True)
class _Doing:
    """One action at one place."""

    place: str
    told: Definition
    action: HttpAction
    sign_on: SignOn
    door: Door
    settings: dict[str, str]

    def do(self, job: Job) -> Done:
        ended = self._through(self.action.do, job, "do")
        is_named = len(ended) == 1 and not lacks(self.action.reference, ended[0])
        reference = in_text(self.action.reference, ended[0]) if is_named else ""
        return Done(said=self._said("took it"), reference=reference[:500])

    def undo(self, job: Job) -> Done:
        self._through(self.action.undo, job, "undo")
        return Done(said=self._said("took it back"), reference=job.reference)

    def check(self, job: Job) -> Seen:
        now = datetime.now(UTC)
        if self.action.unchecked:
            return Seen(where="target", outcome="unknown", time=now, said=f"{self.place}: {self.action.unchecked}")
        ended = self._through(self.action.check, job, "check")
        missing = [values for values in ended if not all(holds(one, values) for one in self.action.in_force)]
        if not missing:
            return Seen(where="target", outcome="in-force", time=now, said=self._said("shows it in force"))
        named = ", ".join(str(values["target"])[:100] for values in missing[:_FEW]) + (" …" if len(missing) > _FEW else "")
        return Seen(where="target", outcome="not-in-force", time=now, said=self._said(f"does not show it in force: {named}"))

    def _said(self, what: str) -> str:
        return f"{self.place}: {self.told.product} {what}" + ("" if self.told.tried else f" (description {self.told.note})")

    def _through(self, steps: Sequence[Step], job: Job, phase: str) -> list[dict[str, Value]]:
        walk = Walk(self._send, time.monotonic() + MOST_SECONDS)
        try:
            values = list(values_of(job, self.action, self.settings))
            for one in values:
                assert_sendable(steps, one)
            many = len(values) > 1
            keys = [f"{job.key}-{phase}" + (f"-{number}" if many else "") for number in range(len(values))]
            return [walk.through(steps, one, key) for one, key in zip(values, keys, strict=True)]
        except TimeoutError as error:
            raise TimeoutError(f"{self.place!r}: {error}") from error
        except OSError as error:
            raise ConnectionError(f"{self.place!r}: {error}") from error
        except ValueError as error:
            raise ValueError(f"{self.place!r} cannot {phase} this: {error}") from error

    def _send(self, asked: Asked, step: Step) -> object:
        answer, request, carry = self._exchanged(asked)
        if answer.status == 401 and carry.is_kept:
            forget(self.sign_on, self.door)
            answer, request, _ = self._exchanged(asked)
        return _judged(answer, request, step)

    def _exchanged(self, asked: Asked) -> tuple[Answer, Request, Carried]:
        carry = carried(self.sign_on, self.door, asked.key, asked.body)
        headers = {"accept": "application/json", **({"content-type": "application/json"} if asked.body else {}), **asked.headers}
        headers |= carry.headers | ({} if asked.method == "GET" else {"idempotency-key": asked.key})
        secrets = (*carry.secrets, *(json.dumps(one, ensure_ascii=False)[1:-1] for one in carry.secrets))
        request = Request(self.door.base.rstrip("/") + asked.tail, asked.body, headers, secrets, asked.method)
        return exchange(request, self.door.limits), request, carry


def _judged(answer: Answer, request: Request, step: Step) -> object:
    status, where = answer.status, f"{masked(request.url)} answers with status {answer.status}"
    if status in step.gone:
        return {}
    if status in step.ok or (not step.ok and 200 <= status < 300):
        return parsed(answer.body)
    if 300 <= status < 400:
        raise ValueError(f"{where}, a redirect, which is not followed; give the address it leads to")
    if status in _LATER or status >= 500:
        raise ConnectionError(where + (f" and wants to be asked again in {answer.wait_seconds} s" if answer.wait_seconds else ""))
    raise ValueError(f"{where} to {step.request[:100]!r}: {unseen(_words(answer.body), request)[:200]!r}")


def _words(body: bytes) -> str:
    """Give what a product says of its refusal as text; escapes in JSON are undone, so that a secret in it is recognised."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return body[:2_000].decode("utf-8", "replace")
