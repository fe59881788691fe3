"""Templates fail loudly on a wrong name, and every value passes the format's own door."""

import pytest
from jinja2 import UndefinedError

from watchkeeper.reporting.templating import environment


def shouted(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def test_an_unknown_name_is_an_error() -> None:
    template = environment("en", shouted, {}, {}, html=True).from_string("{{ nobody }}")
    with pytest.raises(UndefinedError):
        template.render()


def test_values_pass_the_door_and_are_escaped_as_html() -> None:
    template = environment("en", shouted, {}, {}, html=True).from_string("{{ value }} {{ 'level.high' | word }}")
    assert template.render(value="<b>") == "&lt;B&gt; HIGH"
    assert environment("en", shouted, {}, {}, html=False).from_string("{{ value }}").render(value="<b>") == "<B>"
