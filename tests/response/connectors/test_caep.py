"""The event that ends sessions reaches a real receiver, which verifies it with the public key and reads what the standards say."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import ValidationError

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.caep import CaepPlace

EVENT = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
TOKEN = "t0ken-of-the-receiver"  # noqa: S105 -- of a server that lives as long as a test
_MAKE: dict[str, Callable[[], Any]] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
}


def _keys(algorithm: str) -> tuple[str, str]:
    """Private and public key as PEM."""
    key = _MAKE[algorithm]()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _means(url: str, private: str = "", **otherwise: object) -> Means:
    told = {
        "by": "caep", "name": "provider", "actions": ("end_sessions",), "url": f"{url}/events", "issuer": "https://watchkeeper.corp.example",
        "audience": "https://idp.corp.example", "key": "file:/keys/caep.pem", "key_id": "k1", "domain": "corp.example", "token": "env:CAEP",
    }  # fmt: skip
    return CaepPlace.model_validate(told | otherwise).means("end_sessions", lambda name: TOKEN if name == "env:CAEP" else private)


def _job(name: str = "bob") -> Job:
    return Job(
        key="0123456789abcdef" * 2, tenant="default", incident="i1", action="end_sessions", targets=(Entity(kind="user", value=name),),
        arguments={}, expires=None,
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", list(_MAKE))
def test_a_receiver_verifies_the_event_and_who_it_is_about(serve: Callable[..., Any], algorithm: str) -> None:
    server, (private, public) = serve(), _keys(algorithm)
    server.answers["/events"] = (202, {}, b"")
    means = _means(server.url, private, algorithm=algorithm)
    assert means.undo is None
    assert means.do(_job()).reference == _job().key
    assert means.do(_job()).reference == _job().key
    first, second = (
        jwt.decode(
            body, public, algorithms=[algorithm], audience="https://idp.corp.example", issuer="https://watchkeeper.corp.example",
            options={"require": ["iss", "aud", "iat", "jti"]},
        )
        for body in server.posted
    )  # fmt: skip
    assert first["jti"] == second["jti"]
    assert "exp" not in first
    assert "sub" not in first
    assert first["sub_id"] == {"format": "email", "email": "bob@corp.example"}
    assert first["txn"] == "i1"
    assert list(first["events"]) == [EVENT]
    assert first["events"][EVENT]["initiating_entity"] == "policy"
    assert first["events"][EVENT]["event_timestamp"] == first["iat"]
    head = jwt.get_unverified_header(server.posted[0])
    assert head == {"typ": "secevent+jwt", "alg": algorithm, "kid": "k1"}
    headers = {name.lower(): value for name, value in server.asked[0][1].items()}
    assert (headers["content-type"], headers["authorization"]) == ("application/secevent+jwt", f"Bearer {TOKEN}")
    assert means.check(_job()).outcome == "unknown"


@pytest.mark.parametrize(
    ("otherwise", "name", "subject"),
    [
        ({}, "eve@other.example", {"format": "email", "email": "eve@other.example"}),
        ({"subject": "account"}, "bob", {"format": "account", "uri": "acct:bob@corp.example"}),
        ({"subject": "opaque"}, "bob", {"format": "opaque", "id": "bob"}),
        (
            {"subject": "iss_sub", "subject_issuer": "https://x.example"},
            "bob",
            {"format": "iss_sub", "iss": "https://x.example", "sub": "bob"},
        ),
    ],
)
def test_people_are_named_as_the_receiver_knows_them(
    serve: Callable[..., Any], otherwise: dict[str, str], name: str, subject: dict[str, str]
) -> None:
    server, (private, public) = serve(), _keys("EdDSA")
    server.answers["/events"] = (202, {}, b"")
    _means(server.url, private, **otherwise).do(_job(name))
    told = jwt.decode(server.posted[0], public, algorithms=["EdDSA"], audience="https://idp.corp.example")
    assert told["sub_id"] == subject


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (400, b'{"err": "invalid_audience", "description": "not me"}', ValueError, "invalid_audience; not me"),
        (400, b"\xff not json", ValueError, "status 400"),
        (200, b"", ValueError, "instead of 202"),
        (302, b"", ValueError, "status 302"),
        (401, f'{{"err": "access_denied", "description": "{TOKEN}"}}'.encode(), ValueError, "access_denied"),
        (429, b"", ConnectionError, "status 429"),
        (503, b"", ConnectionError, "status 503"),
    ],
)
def test_only_what_was_accepted_is_done(serve: Callable[..., Any], status: int, body: bytes, error: type[Exception], said: str) -> None:
    server = serve()
    server.answers["/events"] = (status, {}, body)
    with pytest.raises(error, match=said) as caught:
        _means(server.url, _keys("EdDSA")[0]).do(_job())
    assert TOKEN not in str(caught.value)


def test_nothing_is_sent_about_nobody_or_with_a_wrong_key(serve: Callable[..., Any]) -> None:
    server, private = serve(), _keys("EdDSA")[0]
    for name in ("", "a b", "a\r\nb", "x" * 300):
        with pytest.raises(ValueError, match="no name of an account"):
            _means(server.url, private).do(_job(name))
    with pytest.raises(ValueError, match="has none; say the `domain`"):
        _means(server.url, private, domain="").do(_job())
    with pytest.raises(ValueError, match="one person at a time"):
        _means(server.url, private).do(_job().model_copy(update={"targets": ()}))
    for key, algorithm in ((private, "ES256"), ("no key", "EdDSA"), (_keys("EdDSA")[1], "EdDSA")):
        with pytest.raises(ValueError, match="cannot sign") as caught:
            _means(server.url, key, algorithm=algorithm).do(_job())
        assert key not in str(caught.value)
    assert server.posted == []


def test_a_receiver_that_is_not_there_may_be_tried_again(port: int) -> None:
    with pytest.raises(ConnectionError):
        _means(f"http://127.0.0.1:{port}", _keys("EdDSA")[0]).do(_job())


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"at": "http://idp.corp.example"}, "https"),
        ({"key": "env:KEY"}, "pattern"),
        ({"subject": "iss_sub"}, "needs `subject_issuer`"),
        ({"subject_issuer": "https://x.example"}, "no other form"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_named(otherwise: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        _means(otherwise.pop("at", "https://idp.corp.example"), **otherwise)
