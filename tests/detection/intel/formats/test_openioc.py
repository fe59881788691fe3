import io

import pytest

from watchkeeper.detection.intel.formats import Ask
from watchkeeper.detection.intel.formats.openioc import entries

BOMB = b'<!DOCTYPE ioc [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><ioc id="1"><short_description>&b;</short_description></ioc>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "made to harm"),
        (b'<!DOCTYPE ioc SYSTEM "file:///etc/passwd"><ioc id="1"/>', "made to harm"),
        (b"<ioc id='1'>" + b"<Indicator>" * 100, "nested deeper"),
        (b"<ioc id='1'><definition>", "not well-formed"),
    ],
)
def test_what_is_made_to_harm_or_broken_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        list(entries(io.BytesIO(content), Ask()))
