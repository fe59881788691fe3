"""Event XML: names, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.event_xml import event_fields
from watchkeeper.markup.strict_xml import UnsafeXmlError, XmlError

SYSTEM = '<System><Provider Name="P" Guid="{1}"/><EventID>7</EventID><Channel>C</Channel></System>'


def test_system_and_data_are_named_flat() -> None:
    fields = event_fields(
        f"<Event>{SYSTEM}<EventData><Data Name='Image'>/bin/a&amp;b</Data><Data>x</Data><Data>y</Data></EventData></Event>"
    )
    assert fields == {
        "Provider_Name": "P",
        "Provider_Guid": "{1}",
        "EventID": "7",
        "Channel": "C",
        "Image": "/bin/a&b",
        "Data": ["x", "y"],
    }


def test_user_data_is_named_by_its_elements_and_namespaces_do_not_matter() -> None:
    fields = event_fields(
        '<e:Event xmlns:e="urn:x"><e:UserData><e:Cleared><e:SubjectUserName>maria</e:SubjectUserName></e:Cleared></e:UserData></e:Event>'
    )
    assert fields == {"SubjectUserName": "maria"}


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE Event [<!ENTITY a "aaaa">]><Event>{SYSTEM}<EventData><Data Name="x">&a;</Data></EventData></Event>',
        f'<!DOCTYPE Event SYSTEM "http://127.0.0.1/x.dtd"><Event>{SYSTEM}</Event>',
        "<Event>" + "<a>" * 100 + "</a>" * 100 + "</Event>",
        "<Event><EventData>" + "<Data>x</Data>" * 10_000 + "</EventData></Event>",
    ],
)
def test_what_was_made_to_harm_is_refused(text: str) -> None:
    with pytest.raises(UnsafeXmlError):
        event_fields(text)


@pytest.mark.parametrize(
    "text", ["", "x", "<Event>", "<Other/>", "<Event>&undefined;</Event>", "<Event>\ud800</Event>", "<Event>\0</Event>"]
)
def test_what_is_no_event_says_so(text: str) -> None:
    with pytest.raises(XmlError):
        event_fields(text)


@given(st.text())
def test_any_text_is_an_event_or_refused(text: str) -> None:
    for written in (text, f"<Event>{text}</Event>", f'<Event><EventData><Data Name="x">{text}</Data></EventData></Event>'):
        try:
            assert isinstance(event_fields(written), dict)
        except XmlError:
            continue
