import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.content import document
from watchkeeper.detection.intel.observables import MOST_PIECES, fields_of, kinds_in, observables
from watchkeeper.model.logsource import LogSource

_KINDS = ["address", "domain", "host", "url", "hash", "mailbox", "process", "file", "user", "account", "fingerprint", "answers", "entity"]
_MD5, _SHA256 = "d" * 32, "e" * 64


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("address", "::ffff:203.0.113.7", [("address", "203.0.113.7")]),
        ("address", "203.0.113.7:443, 203.0.113.8", [("address", "203.0.113.7"), ("address", "203.0.113.8")]),
        ("address", "[2001:db8::1]:443", [("address", "2001:db8::1")]),
        ("address", "-", []),
        ("domain", "Bad.Example:443", [("domain", "bad.example")]),
        ("domain", "203.0.113.7", [("address", "203.0.113.7")]),
        ("host", "WWW.Bad.Example", [("host", "www"), ("domain", "www.bad.example")]),
        ("url", "http://bad.example/x?y=1",
         [("url", "http://bad.example/x?y=1"), ("url", "http://bad.example/x"), ("domain", "bad.example")]),
        ("url", "203.0.113.7/x", [("url", "http://203.0.113.7/x"), ("address", "203.0.113.7")]),
        ("url", "http://203.0.113.7/x", [("url", "http://203.0.113.7/x"), ("address", "203.0.113.7")]),
        ("hash", f"MD5={_MD5},SHA256={_SHA256.upper()},IMPHASH={'f' * 32}", [("hash", _MD5), ("hash", _SHA256)]),
        ("mailbox", '"Boss" <Boss@Bad.example>, x', [("mailbox", "boss@bad.example"), ("domain", "bad.example")]),
        ("process", "C:\\Temp\\Evil.exe", [("file", "c:\\temp\\evil.exe"), ("file", "evil.exe")]),
        ("file", "/opt/evil", [("file", "/opt/evil"), ("file", "evil")]),
        ("user", "CORP\\ann", [("user", "ann")]),
        ("user", "ann@corp.example", [("user", "ann"), ("mailbox", "ann@corp.example"), ("domain", "corp.example")]),
        ("account", "AKIA1", [("account", "akia1"), ("user", "akia1")]),
        ("answers", "type:  5 cdn.bad.example;::ffff:203.0.113.7;", [("domain", "cdn.bad.example"), ("address", "203.0.113.7")]),
    ],
)  # fmt: skip
def test_a_text_is_taken_apart(kind: str, text: str, found: list[tuple[str, str]]) -> None:
    assert observables(kind, text) == found


@given(st.sampled_from(_KINDS), st.text(max_size=200))
def test_what_is_taken_out_is_of_the_kinds_that_are_promised_and_bounded(kind: str, text: str) -> None:
    found = observables(kind, text)
    assert {one for one, _ in found} <= kinds_in(kind)
    assert len(found) <= MOST_PIECES


def test_every_product_has_the_usual_names_and_its_own() -> None:
    assert fields_of(LogSource(product="some firewall", service="", event_type=""))["src_ip"] == "address"
    assert fields_of(LogSource(product="windows", service="", event_type=""))["QueryResults"] == "answers"
    assert fields_of(LogSource(product="windows", service="", event_type=""))["src_ip"] == "address"
    assert fields_of(LogSource(product="zeek", service="http", event_type=""))["host"] == "domain"


def test_every_text_that_is_only_compared_can_be_taken_apart() -> None:
    assert set(document("schema/types.yml")["compared"].values()) <= set(_KINDS)


def test_a_proxy_that_nobody_mapped_has_its_urls_compared() -> None:
    kind = fields_of(LogSource(product="squid", service="access", event_type=""))["c-uri"]
    assert observables(kind, "http://bad.example/x") == [("url", "http://bad.example/x"), ("domain", "bad.example")]
