"""Cells of tables that people open in a spreadsheet. Owns that no value of a log runs there."""

import re

import msgspec

_SIGNS = "[=+@＝＋＠－﹢﹣﹦﹫−-]"
"""What a formula begins with, in full width and small forms too: some spreadsheets read these as the plain ones."""
_AT_FRONT = re.compile(rf"\s*{_SIGNS}|[\t\r]")
_INSIDE = re.compile(rf"((?:;|(?<=.)[\t\r\n])[\s\"]*)(?={_SIGNS})", re.DOTALL)
"""What comes after a sign at which a spreadsheet of another country, or one that was told so, begins the next cell."""


def cell(value: object) -> str:
    """Give a cell's text; what a spreadsheet would run as a formula gets a `'` before it, what is no text is JSON, nothing is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return msgspec.json.encode(value, enc_hook=str).decode().strip('"')
    quiet = _INSIDE.sub(r"\1'", value)
    return f"'{quiet}" if _AT_FRONT.match(value) else quiet
