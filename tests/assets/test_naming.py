"""Names of products come to one spelling, whoever wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.naming import Purl, cpe_product, parse_purl, product_key, vendor_words, vendors_agree


@pytest.mark.parametrize(
    ("text", "vendor", "version", "key"),
    [
        ("Google Chrome", "Google LLC", "124.0.1", "chrome"),
        ("Mozilla Firefox (x64 en-US)", "Mozilla", "124.0", "firefox"),
        ("7-Zip 23.01 (x64)", "Igor Pavlov", "23.01", "7 zip"),
        ("7-Zip", "7-Zip", "", "7 zip"),
        ("Python 3.11.4 (64-bit)", "Python Software Foundation", "3.11.4150.0", "python"),
        ("Example C++ Runtime", "Example", "", "c++ runtime"),
        ("OpenSSL", "OpenSSL", "", "openssl"),
        ("n/a", "n/a", "", ""),
        ("Ｇａｔｅ", "", "", "gate"),
    ],
)
def test_a_product_has_one_spelling(text: str, vendor: str, version: str, key: str) -> None:
    assert product_key(text, vendor, version) == key


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Apache Software Foundation", "Apache", True),
        ("Google LLC", "google", True),
        ("Igor Pavlov", "7-Zip", False),
        ("n/a", "Example", False),
        ("Foundation", "Foundation", True),
    ],
)
def test_vendors_agree_by_what_tells_them_apart(one: str, other: str, agree: bool) -> None:
    assert vendors_agree(vendor_words(one), vendor_words(other)) == agree


def test_cpe_names_are_read() -> None:
    assert cpe_product(r"cpe:2.3:a:Example:lib\:gate:7.1:*:*:*:*:*:*:*") == ("example", "lib:gate", "7.1")
    assert cpe_product("cpe:/a:example:gate%21:7.1") == ("example", "gate!", "7.1")
    assert cpe_product("cpe:2.3:a:example:gate:*:*:*:*:*:*:*:*") == ("example", "gate", "")
    for wrong in ("", "cpe", "cpe:2.3:a", "cpe:2.3:a:*:*:1:*:*:*:*:*:*:*", "pkg:npm/a"):
        assert cpe_product(wrong) is None


@pytest.mark.parametrize(
    ("text", "purl"),
    [
        ("pkg:npm/%40angular/core@1.2?x=y#z", Purl("npm", "@angular/core", "1.2")),
        ("pkg:npm/@angular/core@1.2", Purl("npm", "@angular/core", "1.2")),
        ("pkg:npm/@angular/core", Purl("npm", "@angular/core", "")),
        ("pkg:deb/debian/curl@7.50.3-1?arch=i386", Purl("deb", "debian/curl", "7.50.3-1")),
        ("pkg:pypi/Foo_Bar@1", Purl("pypi", "foo-bar", "1")),
        ("pkg:maven/org.Example/Gate@1", Purl("maven", "org.Example/Gate", "1")),
        ("pkg:x", None),
        ("http://x/y", None),
    ],
)
def test_package_urls_are_read(text: str, purl: Purl | None) -> None:
    assert parse_purl(text) == purl


@given(st.text(max_size=600), st.text(max_size=100))
def test_any_text_is_a_name_or_none(text: str, vendor: str) -> None:
    key = product_key(text, vendor, vendor)
    assert key == " ".join(key.split())
    parse_purl("pkg:" + text)
    cpe_product("cpe:2.3:" + text)
