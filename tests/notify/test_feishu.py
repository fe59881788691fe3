"""Feishu's format, by its published description; not tried on the product."""

import jsonschema
import pytest

from watchkeeper.model.message import Message
from watchkeeper.notify.feishu import payload, signature

DESCRIBED = {
    "type": "object",
    "required": ["msg_type", "content"],
    "properties": {
        "timestamp": {"type": "string", "pattern": "^[0-9]{10}$"},
        "sign": {"type": "string", "minLength": 1},
        "msg_type": {"const": "post"},
        "content": {
            "type": "object",
            "required": ["post"],
            "additionalProperties": False,
            "properties": {
                "post": {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"enum": ["zh_cn", "en_us"]},
                    "additionalProperties": {
                        "type": "object",
                        "required": ["title", "content"],
                        "additionalProperties": False,
                        "properties": {
                            "title": {"type": "string"},
                            "content": {"type": "array", "items": {"type": "array", "items": {"$ref": "#/$defs/tag"}}},
                        },
                    },
                },
            },
        },
    },
    "additionalProperties": False,
    "$defs": {
        "tag": {
            "oneOf": [
                {
                    "required": ["tag", "text"],
                    "properties": {"tag": {"const": "text"}, "text": {"type": "string"}},
                    "additionalProperties": False,
                },
                {
                    "required": ["tag", "text", "href"],
                    "properties": {"tag": {"const": "a"}, "text": {"type": "string"}, "href": {"type": "string", "pattern": "^https://"}},
                    "additionalProperties": False,
                },
            ]
        }
    },
}


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    assert signature("demo", 1_599_360_473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


@pytest.mark.parametrize("secret", ["", "demo"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_as_described(message: Message, hostile: Message, secret: str, language: str) -> None:
    for one in (message, hostile):
        made = payload(one.model_copy(update={"language": language}), secret, 1_599_360_473)
        jsonschema.validate(made, DESCRIBED)
        assert ("sign" in made) is bool(secret)
