"""No value leaves its place: whatever it is, it is read back as exactly that value, or nothing is sent."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.response.connectors.http.description import Step
from watchkeeper.response.connectors.http.insertion import MissingError, in_body, in_header, in_path, in_query, placeholders
from watchkeeper.response.connectors.http.walking import asked

HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(
        [
            "..",
            ".",
            "",
            "../../admin",
            "a/b",
            "a?b=c",
            "a#b",
            "%2e%2e",
            "a\r\nX-Evil: 1",
            "' or 1 eq 1 or '",
            '","admin":true,"x":"',
            "{key}",
        ]
    ),
    st.sampled_from(["{argument.x}", "a&b=c", "\x00", "\ud800", "http://evil.example/", "//evil.example/", "@evil", ";x", "\\..\\"]),
    st.text("./%?#&='\"{}\r\n \\", max_size=6),
)
MANY = settings(max_examples=500)
STEP = Step.model_validate(
    {
        "request": "POST /api/things/{argument.x}/parts/{key}",
        "query": {"free": "{argument.x}", "quoted": "name eq '{argument.x:odata}'"},
        "headers": {"X-Thing": "{argument.x}"},
        "body": {"alone": "{argument.x}", "beside": "a {argument.x} b", "deep": [{"x": "{argument.x}"}], "fixed": 7},
    }
)


@MANY
@given(HOSTILE)
def test_a_request_holds_a_value_as_data_or_is_not_made(value: str) -> None:
    try:
        made = asked(STEP, {"argument.x": value, "key": "k1"}, "key")
    except ValueError:
        return
    where = urlsplit(f"https://product.example{made.tail}")
    assert where.netloc == "product.example"
    assert [unquote(part) for part in where.path.split("/")] == ["", "api", "things", value, "parts", "k1"]
    assert value.strip(".")
    doubled = value.replace("'", "''")
    assert parse_qsl(where.query, keep_blank_values=True) == [("free", value), ("quoted", f"name eq '{doubled}'")]
    assert made.headers == {"X-Thing": value}
    assert value.isascii()
    assert value.isprintable()
    assert json.loads(made.body) == {"alone": value, "beside": f"a {value} b", "deep": [{"x": value}], "fixed": 7}


@MANY
@given(HOSTILE)
def test_in_a_path_a_value_is_one_segment_of_its_own(value: str) -> None:
    try:
        made = in_path("/a/{target}/b", {"target": value})
    except ValueError:
        return
    assert made.isascii()
    for decoded in (made, unquote(made), unquote(unquote(made))):
        assert decoded.split("/") == ["", "a", decoded.split("/")[2], "b"]
    assert unquote(made).split("/")[2] == value
    assert value.strip(".")


@MANY
@given(HOSTILE)
def test_in_a_body_a_value_is_a_text_whatever_is_in_it(value: str) -> None:
    made = json.dumps(in_body({"a": "{target}", "b": ["x{target}"]}, {"target": value})).encode("ascii")
    assert json.loads(made) == {"a": value, "b": [f"x{value}"]}


@MANY
@given(HOSTILE)
def test_beside_other_text_of_a_query_a_value_is_plain_or_refused(value: str) -> None:
    try:
        made = in_query("correlation_id={target}^active=true", {"target": value})
    except ValueError:
        return
    assert made == f"correlation_id={value}^active=true"
    assert value.isascii()
    assert all(letter.isalnum() or letter in "._:@-" for letter in value)


@MANY
@given(HOSTILE)
def test_a_quoted_value_cannot_end_its_quotes(value: str) -> None:
    try:
        made = in_query("name eq '{target:odata}' and x eq 'y'", {"target": value})
    except ValueError:
        return
    inner = made.removeprefix("name eq '").removesuffix("' and x eq 'y'")
    assert "'" not in inner.replace("''", "")
    assert inner.replace("''", "'") == value


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\x00b", "Ω", "\x7f"])
def test_what_no_header_may_have_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"header|control"):
        in_header("thing {target}", {"target": value})


def test_a_body_keeps_the_type_of_a_value_and_leaves_out_what_may_be_missing() -> None:
    values = {"targets": ("a", "b"), "argument.n": 7}
    body: Any = {"all": "{targets}", "n": "{argument.n}", "until": "{expires?}", "rest": ["{expires?}", 1, None, True]}
    assert in_body(body, values) == {"all": ["a", "b"], "n": 7, "rest": [1, None, True]}
    with pytest.raises(MissingError, match="the argument 'host' is needed"):
        in_body({"x": "{argument.host}"}, values)
    with pytest.raises(ValueError, match="is a list"):
        in_body("all {targets}", values)


def test_a_text_can_be_made_one_line_and_harmless_in_html() -> None:
    assert in_body("{argument.t:line}", {"argument.t": " a\r\n\tb\x1b[31m " + "c" * 300}) == ("a b [31m " + "c" * 300)[:200]
    assert in_body("<p>{argument.t:html}</p>", {"argument.t": "<script>'\""}) == "<p>&lt;script&gt;&#x27;&quot;</p>"


@pytest.mark.parametrize("template", ["{", "}", "{Name}", "{key:jql}", "{a b}", "{{key}}", "{key:odata:html}"])
def test_a_brace_that_belongs_to_nothing_is_found_when_it_is_read(template: str) -> None:
    with pytest.raises(ValueError, match="belongs to no placeholder"):
        list(placeholders({"a": [template]}))


def test_a_name_in_a_body_is_never_made_of_a_value() -> None:
    with pytest.raises(ValueError, match="no fixed text"):
        list(placeholders({"{target}": 1}))
