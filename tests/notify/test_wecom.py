"""WeCom's format, by its published description; not tried on the product."""

from typing import Any

import jsonschema

from watchkeeper.model.message import Message
from watchkeeper.notify.wecom import payload

DESCRIBED = {
    "type": "object",
    "required": ["msgtype", "text"],
    "additionalProperties": False,
    "properties": {
        "msgtype": {"const": "text"},
        "text": {
            "type": "object",
            "required": ["content"],
            "additionalProperties": False,
            "properties": {
                "content": {"type": "string"},
                "mentioned_list": {"type": "array", "maxItems": 0},
                "mentioned_mobile_list": {"type": "array", "maxItems": 0},
            },
        },
    },
}


def test_it_is_as_described_and_the_link_survives_cutting(message: Message, hostile: Message) -> None:
    for one in (message, hostile.model_copy(update={"subject": "很长的标题" * 30, "link_words": "打开事件"})):
        made: Any = payload(one)
        jsonschema.validate(made, DESCRIBED)
        assert len(made["text"]["content"].encode()) <= 2_048
        assert message.link in made["text"]["content"]
