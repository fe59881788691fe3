"""Transforms: what each gives, and that no text breaks one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.schema.transforms import TRANSFORMS


@pytest.mark.parametrize(
    ("name", "text", "given_back"),
    [
        ("account", r"CORP\ann", "ann"),
        ("account", "ann", "ann"),
        ("domain", r"CORP\ann", "CORP"),
        ("domain", "ann", None),
        ("address", "::ffff:10.0.0.1", "10.0.0.1"),
        ("address", "[2001:db8::1]", "2001:db8::1"),
        ("address", "ec2.amazonaws.com", None),
        ("not_address", "ec2.amazonaws.com", "ec2.amazonaws.com"),
        ("address_of_port", "10.0.0.1:443", "10.0.0.1"),
        ("address_of_port", "[2001:db8::1]:443", "2001:db8::1"),
        ("address_of_port", "2001:db8::1", "2001:db8::1"),
        ("base", r"C:\a\b.exe", "b.exe"),
        ("base", "/usr/bin/", "bin"),
        ("folder", r"C:\a\b.exe", r"C:\a"),
        ("folder", "b.exe", None),
        ("integer", "0x1F4", "500"),
        ("integer", "60.000000", "60"),
        ("integer", "http", None),
        ("milliseconds", "1.5", "1500"),
        ("clock", "1:01:07", "3667000"),
        ("epoch", "2024-01-01T00:00:00Z", "1704067200000"),
        ("epoch", "2024-01-01T01:00:00.0000000+01:00", "1704067200000"),
        ("epoch", "1704067200", "1704067200000"),
        ("epoch", "1704067200123", "1704067200123"),
        ("epoch", "yesterday", None),
        ("iso", "1704067200", "2024-01-01T00:00:00.000Z"),
        ("iso", "2024-01-01T01:00:00.000001+01:00", "2024-01-01T00:00:00.000001Z"),
        ("hash_algorithm", "SHA1=" + "a" * 40, "SHA-1"),
        ("hash_algorithm", "a" * 64, "SHA-256"),
        ("hash", "SHA1=" + "a" * 40, "a" * 40),
        ("mail_address", '"Ann" <ann@corp.example>', "ann@corp.example"),
        ("mail_address", "ann@corp.example", "ann@corp.example"),
        ("url_host", "https://u:p@a.example:8443/x?y=1", "a.example"),
        ("url_path", "https://a.example/x?y=1", "/x"),
        ("url_path", "/x/y?z", "/x/y"),
        ("url_query", "/x?y=1#z", "y=1"),
        ("url_scheme", "/x", None),
        ("whole_url", "http://a.example/x", "http://a.example/x"),
        ("whole_url", "/x/y?z=http://a.example", None),
        ("last_word", "user.session.start", "start"),
        ("title", "POST", "Post"),
    ],
)
def test_a_text_is_changed(name: str, text: str, given_back: str | None) -> None:
    assert TRANSFORMS[name](text) == given_back


@given(text=st.text(max_size=60) | st.from_regex(r"[0-9./:\-T \\@=]{0,40}", fullmatch=True))
@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_no_text_breaks_a_transform(name: str, text: str) -> None:
    changed = TRANSFORMS[name](text)
    assert changed is None or isinstance(changed, str)
