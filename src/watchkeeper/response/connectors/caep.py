"""CAEP: tell an identity provider or a product that a person's sessions are over. Owns the event and its signature; `outbound` sends it.

Sources: OpenID CAEP 1.0, "Session Revoked"; OpenID Shared Signals Framework 1.0; RFC 8417 (SET), RFC 8935 (push), RFC 9493 (subjects).
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

import jwt
from pydantic import Field, field_validator, model_validator

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.outbound.exchange import Answer, Limits, Request, checked_url, exchange, unseen
from watchkeeper.response.connectors.place import Place
from watchkeeper.settings.references import Reference, Reveal, masked

_ACTION = "end_sessions"
_EVENT = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,256}")
_ACCEPTED = 202
_LATER = {408, 425, 429}
Uri = Annotated[str, Field(pattern=r"^[!-~]{1,500}$")]


class CaepPlace(Place):
    """A receiver of security events."""

    by: Literal["caep"]
    """This connector."""
    url: str
    """Where events are pushed to."""
    issuer: Uri
    """Who we are to the receiver (`iss`)."""
    audience: Uri
    """Who the receiver is (`aud`)."""
    key: Annotated[Reference, Field(pattern="^file:")]
    """File with the private key that events are signed with, as PEM."""
    key_id: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
    """By what the receiver finds the public key (`kid`)."""
    algorithm: Literal["EdDSA", "ES256", "RS256"] = "EdDSA"
    """How they are signed; the key has to be of that kind."""
    subject: Literal["email", "account", "iss_sub", "opaque"] = "email"
    """In which form the receiver knows people."""
    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{0,255}$")] = ""
    """Domain of names that have none, for the forms `email` and `account`."""
    subject_issuer: Annotated[str, Field(pattern=r"^[!-~]{0,500}$")] = ""
    """Whose name it is, for the form `iss_sub`."""
    token: Reference | None = None
    """Bearer token that the receiver asks for."""
    certificates: Path | None = None
    """Authorities to trust in the place of the system's, as PEM."""

    @field_validator("url")
    @classmethod
    def _secure(cls, url: str) -> str:
        return checked_url(url)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.subject == "iss_sub") != bool(self.subject_issuer):
            raise ValueError("the form `iss_sub` needs `subject_issuer`, and no other form has it")
        return self

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how sessions are ended there; that cannot be taken back.

        Raises:
            ValueError: it is another action.
        """
        if action != _ACTION:
            raise ValueError(f"{self.name!r} has no {action!r}; a receiver of events has {_ACTION!r}")
        receiver = _Receiver(self, reveal)
        return Means(self.name, action, receiver.do, None, receiver.check)


@dataclass(frozen=True, slots=True)
class _Receiver:
    place: CaepPlace
    reveal: Reveal

    def do(self, job: Job) -> Done:
        token = self.reveal(self.place.token) if self.place.token else ""
        headers = {"content-type": "application/secevent+jwt", "accept": "application/json"}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        request = Request(self.place.url, self._signed(job).encode("ascii"), headers, (token,))
        answer = exchange(request, Limits(certificates=self.place.certificates))
        if answer.status != _ACCEPTED:
            raise _refused(self.place, request, answer)
        return Done(said=f"{self.place.name}: {masked(self.place.url)} took the event", reference=job.key)

    def check(self, job: Job) -> Seen:
        said = f"{self.place.name}: a receiver of events cannot be asked what became of {job.key}; the record of events has to show it"
        return Seen(where="target", outcome="unknown", time=datetime.now(UTC), said=said)

    def _signed(self, job: Job) -> str:
        """Sign the event; the same job again is the same event to the receiver, because its `jti` is the job's key."""
        place, key, now = self.place, self.reveal(self.place.key), int(datetime.now(UTC).timestamp())
        told: dict[str, Any] = {
            "iss": place.issuer,
            "aud": place.audience,
            "iat": now,
            "jti": job.key,
            "txn": job.incident or job.key,
            "sub_id": _subject(place, job),
            "events": {
                _EVENT: {
                    "event_timestamp": now,
                    "initiating_entity": "policy",
                    "reason_admin": {"en": f"Part of the response to incident {job.incident or job.key}"},
                }
            },
        }
        try:
            return jwt.encode(told, key, algorithm=place.algorithm, headers={"typ": "secevent+jwt", "kid": place.key_id})
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:  # a public key has no way to sign
            raise ValueError(f"{place.name!r}: the key in {place.key!r} cannot sign with {place.algorithm}") from error


def _subject(place: CaepPlace, job: Job) -> dict[str, str]:
    """Give the person in the form that the receiver knows."""
    if len(job.targets) != 1 or job.targets[0].kind not in ("user", "account", "mailbox"):
        raise ValueError(f"{_ACTION!r} is for one person at a time, not for {len(job.targets)} things")
    name = job.targets[0].value
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:256]!r} is no name of an account")
    if place.subject == "opaque":
        return {"format": "opaque", "id": name}
    if place.subject == "iss_sub":
        return {"format": "iss_sub", "iss": place.subject_issuer, "sub": name}
    address = name if "@" in name else f"{name}@{place.domain}"
    if address.endswith("@"):
        raise ValueError(f"{place.name!r} knows people by their address, and {name!r} has none; say the `domain` of such names")
    return {"format": "email", "email": address} if place.subject == "email" else {"format": "account", "uri": f"acct:{address}"}


def _refused(place: CaepPlace, request: Request, answer: Answer) -> OSError | ValueError:
    """Say what the receiver says: RFC 8935 has an error code and a description in the body."""
    said = f"{place.name!r}: {masked(place.url)} answers with status {answer.status} instead of 202"
    if answer.status in _LATER or answer.status >= 500:
        return ConnectionError(said)
    try:
        body: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ValueError(said)
    told = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    words = "; ".join(str(told[name]) for name in ("err", "description") if name in told)
    return ValueError(f"{said}: {unseen(words, request)!r}" if words else said)
