"""DingTalk's format, by its published description; not tried on the product."""

from urllib.parse import parse_qs, urlsplit

import jsonschema

from watchkeeper.model.message import Message
from watchkeeper.notify.dingtalk import payload, signed

DESCRIBED = {
    "type": "object",
    "required": ["msgtype", "text"],
    "additionalProperties": False,
    "properties": {
        "msgtype": {"const": "text"},
        "text": {"type": "object", "required": ["content"], "properties": {"content": {"type": "string"}}, "additionalProperties": False},
        "at": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "atMobiles": {"type": "array", "maxItems": 0},
                "atUserIds": {"type": "array", "maxItems": 0},
                "isAtAll": {"const": False},
            },
        },
    },
}


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    address = signed("https://oapi.dingtalk.com/robot/send?access_token=t", "this is secret", 1_577_262_236_757)
    asked = parse_qs(urlsplit(address).query)
    assert asked == {"access_token": ["t"], "timestamp": ["1577262236757"], "sign": ["hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="]}


def test_it_is_as_described(message: Message, hostile: Message) -> None:
    for one in (message, hostile):
        jsonschema.validate(payload(one), DESCRIBED)
