import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.tokens import MAX_TOKEN_CHARS, token_of


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("Splunk abc", "abc"),
        ("splunk  abc ", "abc"),
        (f"Basic {_base64('anybody:abc')}", "abc"),
        (f"Basic {_base64('x:a:b')}", "a:b"),
        (f"ApiKey {_base64('id:abc')}", "abc"),
        ("ApiKey abc_d", "abc_d"),
        ("Basic !!!", ""),
        (f"Basic {_base64('abc')}", ""),
        ("Digest abc", ""),
        ("abc", ""),
        ("", ""),
        (f"Bearer {'a' * (MAX_TOKEN_CHARS + 1)}", ""),
    ],
)
def test_the_token_in_each_way_of_sending_one(header: str, token: str) -> None:
    assert token_of(header) == token


@given(st.sampled_from(["Basic ", "ApiKey ", "Bearer ", ""]), st.text())
def test_no_header_breaks_it(scheme: str, text: str) -> None:
    assert isinstance(token_of(scheme + text), str)
