import datetime as dt
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from watchkeeper.detection.intel import asking
from watchkeeper.detection.intel.asking import asker, read_login

Serve = Callable[..., Any]


def test_the_answer_comes_with_what_was_asked(serve: Serve) -> None:
    server = serve()
    server.answers["/a?b=1"] = (200, {"X-Said": "so"}, b"content")
    answer = asker(server.url, "basic ann:pass:word").ask(f"{server.url}/a?b=1", "application/x")
    assert (answer.content, answer.headers["X-Said"]) == (b"content", "so")
    ((_, headers),) = server.asked
    assert (headers["Accept"], headers["Authorization"]) == ("application/x", "Basic YW5uOnBhc3M6d29yZA==")
    asker(server.url, "bearer abc").ask(f"{server.url}/a?b=1", "x")
    asker(server.url).ask(f"{server.url}/a?b=1", "x")
    assert [headers.get("Authorization") for _, headers in server.asked[1:]] == ["Bearer abc", None]


def test_a_redirect_is_followed_on_the_same_server_and_nowhere_else(serve: Serve) -> None:
    server, other = serve(), serve()
    server.answers["/here"] = (302, {"Location": "/there"}, b"")
    server.answers["/there"] = (200, {}, b"content")
    server.answers["/away"] = (302, {"Location": f"{other.url}/there"}, b"")
    server.answers["/file"] = (302, {"Location": "file:///etc/hostname"}, b"")
    server.answers["/round"] = (302, {"Location": "/round"}, b"")
    asks = asker(server.url, "bearer secret")
    assert asks.ask(f"{server.url}/here", "x").content == b"content"
    with pytest.raises(ValueError, match="redirects to another server"):
        asks.ask(f"{server.url}/away", "x")
    for path in ("file", "round"):
        with pytest.raises(ValueError, match="302"):
            asks.ask(f"{server.url}/{path}", "x")
    with pytest.raises(ValueError, match="another server"):
        asks.ask(f"{other.url}/there", "x")
    assert other.asked == []


@pytest.mark.parametrize(
    ("status", "said"), [(401, "user and password"), (403, "may not read"), (404, "nothing at"), (406, "TAXII"), (500, "why not")]
)
def test_an_error_says_what_it_means(serve: Serve, status: int, said: str) -> None:
    server = serve()
    server.answers["/a"] = (status, {}, b"why not")
    with pytest.raises(ValueError, match=rf"{status}: .*{said}"):
        asker(server.url).ask(f"{server.url}/a", "x")


def test_what_is_too_large_too_slow_encoded_or_broken_is_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    server.answers["/gzip"] = (200, {"Content-Encoding": "gzip"}, b"abc")
    server.answers["/large"] = (200, {}, b"abcd")
    server.answers["/chunked"] = (200, {"Transfer-Encoding": "chunked", "Connection": "close"}, b"zz\r\n")
    asks = asker(server.url)
    with pytest.raises(ValueError, match="encoding"):
        asks.ask(f"{server.url}/gzip", "x")
    with pytest.raises(OSError, match="does not answer as a server does"):
        asks.ask(f"{server.url}/chunked", "x")
    monkeypatch.setattr(asking, "MOST_SECONDS", -1)
    with pytest.raises(TimeoutError, match="took longer"):
        asks.ask(f"{server.url}/large", "x")
    monkeypatch.setattr(asking, "MOST_BYTES", 3)
    with pytest.raises(ValueError, match="more than"):
        asks.ask(f"{server.url}/large", "x")


def test_a_server_that_is_not_there_is_said(serve: Serve) -> None:
    with pytest.raises(ConnectionError, match="cannot ask"):
        asker("http://127.0.0.1:1").ask("http://127.0.0.1:1/a", "x")


def test_a_certificate_must_be_vouched_for(serve: Serve, tmp_path: Path) -> None:
    _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = serve(context)
    server.answers["/a"] = (200, {}, b"content")
    with pytest.raises(ConnectionError, match="certificate verify failed"):
        asker(server.url).ask(f"{server.url}/a", "x")
    assert asker(server.url, certificates=tmp_path / "cert.pem").ask(f"{server.url}/a", "x").content == b"content"


@pytest.mark.parametrize(
    ("url", "login", "said"),
    [
        ("http://taxii.example/", "", "not encrypted"), ("ftp://taxii.example/", "", "no address"), ("taxii.example", "", "no address"),
        ("https://ann:pw@taxii.example/", "", "do not belong"), ("https://taxii.example/", "secret", "not understood"),
        ("https://taxii.example/", "bearer a\nb", "not understood"), ("https://taxii.example/", "basic ann", "no password"),
    ],
)  # fmt: skip
def test_what_may_not_be_asked_is_said_and_no_secret_with_it(url: str, login: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        asker(url, login)
    assert "pw" not in str(raised.value).replace("password", "")
    assert not login or login not in str(raised.value)


def test_the_file_wins_over_the_environment(tmp_path: Path) -> None:
    (tmp_path / "login").write_text("bearer abc\nrest\n")
    assert (read_login(tmp_path / "login", "bearer other"), read_login(None, " bearer other\n"), read_login(None, "")) == (
        "bearer abc", "bearer other", "",
    )  # fmt: skip


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
