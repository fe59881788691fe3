import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.values import KINDS, canonical, host_of, is_file_name, recognised, refanged, suffixes


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("address", " ::FFFF:203.0.113.7 ", "203.0.113.7"),
        ("address", "2001:DB8:0::1", "2001:db8::1"),
        ("address", "203.0.113.7.example", ""),
        ("network", "203.0.113.9/24", "203.0.113.0/24"),
        ("network", "0.0.0.0/0", ""),
        ("network", "203.0.113.9", ""),
        ("domain", "*.Bad.Example.", "bad.example"),
        ("domain", "bücher.example", "xn--bcher-kva.example"),
        ("domain", "localhost", ""),
        ("domain", "1.2.3.4", ""),
        ("url", "HTTP://user:pw@Bad.example:80/%7Ea%2f?Q=%41#frag", "http://bad.example/~a%2F?Q=A"),
        ("url", "https://bad.example", "https://bad.example/"),
        ("url", "http://[2001:db8:0::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("url", "https://bad.example:443?x", "https://bad.example/?x"),
        ("url", "bad.example/x", ""),
        ("hash", "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
        ("hash", "d41d8cd98f00b204e9800998ecf8427", ""),
        ("mailbox", "mailto:Boss@Bad.example", "boss@bad.example"),
        ("mailbox", "boss@localhost", ""),
        ("user", "CORP\\Ann.Lee", "ann.lee"),
        ("host", "PC1.corp.example", "pc1"),
        ("file", '"C:\\Temp\\A.exe"', "c:\\temp\\a.exe"),
    ],
)
def test_equal_things_have_one_form(kind: str, text: str, value: str) -> None:
    assert canonical(kind, text) == value


@pytest.mark.parametrize(
    "text", ["hxxp://bad[.]example/x", "hXXp[:]//bad(.)example/x", "http[://]bad[dot]example/x", "http://bad[.example/x"]
)
def test_what_people_do_against_clicks_is_undone(text: str) -> None:
    assert refanged(text) == "http://bad.example/x"


def test_a_mailbox_is_refanged_and_an_address_in_brackets_stays() -> None:
    assert refanged("boss[at]bad{.}example") == "boss@bad.example"
    assert refanged("http://[2001:db8::1]/") == "http://[2001:db8::1]/"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("203.0.113.7", "address"), ("203.0.113.0/24", "network"), ("bad.example", "domain"), ("a@bad.example", "mailbox"),
        ("http://bad.example", "url"), ("bad.example/x", "url"), ("a" * 32, "hash"), ("hello", ""), ("", ""), ("x" * 10_000, ""),
    ],
)  # fmt: skip
def test_a_value_shows_what_it_is(text: str, kind: str) -> None:
    assert recognised(text)[0] == kind


def test_a_domain_has_those_above_it_but_no_top_level() -> None:
    assert suffixes("a.b.example.org") == ["a.b.example.org", "b.example.org", "example.org"]


def test_the_host_of_a_url_is_a_domain_or_an_address() -> None:
    assert (host_of("http://bad.example/x"), host_of("http://[2001:db8::1]:8080/x")) == ("bad.example", "2001:db8::1")


def test_a_file_name_has_an_ending() -> None:
    assert is_file_name("a.exe")
    assert not is_file_name("a/b.exe")


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=60) | st.from_regex(r"https?://[a-z.%0-9:@/?#A-F\[\]]{0,40}", fullmatch=True))
def test_the_canonical_form_is_its_own_canonical_form(kind: str, text: str) -> None:
    value = canonical(kind, text)
    assert not value or canonical(kind, value) in (value, value.strip('"'), value.strip())
