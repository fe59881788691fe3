"""Slack's format, by its published description; not tried on the product."""

from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.message import Message
from watchkeeper.notify.slack import _plain, payload

DESCRIBED = {
    "type": "object",
    "required": ["text", "blocks"],
    "properties": {
        "text": {"type": "string", "maxLength": 4_000},
        "blocks": {"type": "array", "maxItems": 50, "items": {"oneOf": [{"$ref": "#/$defs/header"}, {"$ref": "#/$defs/section"}]}},
    },
    "$defs": {
        "plain": {
            "required": ["type", "text"],
            "properties": {"type": {"const": "plain_text"}, "text": {"type": "string", "minLength": 1}, "emoji": {"type": "boolean"}},
            "additionalProperties": False,
        },
        "header": {
            "required": ["type", "text"],
            "properties": {
                "type": {"const": "header"},
                "text": {"allOf": [{"$ref": "#/$defs/plain"}, {"properties": {"text": {"maxLength": 150}}}]},
            },
            "additionalProperties": False,
        },
        "section": {
            "required": ["type", "text"],
            "properties": {
                "type": {"const": "section"},
                "text": {
                    "oneOf": [
                        {"allOf": [{"$ref": "#/$defs/plain"}, {"properties": {"text": {"maxLength": 3_000}}}]},
                        {
                            "properties": {"type": {"const": "mrkdwn"}, "text": {"maxLength": 3_000}, "verbatim": {"const": True}},
                            "additionalProperties": False,
                        },
                    ]
                },
            },
            "additionalProperties": False,
        },
    },
}


def test_it_is_as_described(message: Message) -> None:
    made: Any = payload(message)
    jsonschema.validate(made, DESCRIBED)
    assert made["blocks"][1]["text"]["text"] == f"<{message.link}|Open the incident>"


def test_a_hostile_message_is_as_described_and_only_our_link_is_markup(hostile: Message) -> None:
    made: Any = payload(hostile.model_copy(update={"link_words": "a|b>c"}))
    jsonschema.validate(made, DESCRIBED)
    marked = [block["text"]["text"] for block in made["blocks"] if block["text"]["type"] == "mrkdwn"]
    assert marked == [f"<{hostile.link}|a/b&gt;c>"]
    assert sum(len(block["text"]["text"]) for block in made["blocks"]) <= 13_000


@given(words=st.text(alphabet="a&<>", max_size=400), most=st.integers(20, 150))
def test_no_escape_is_cut_in_two(words: str, most: int) -> None:
    text: Any = _plain(words, most)["text"]
    assert len(text) <= most
    bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set("&<>") & set(bare)
