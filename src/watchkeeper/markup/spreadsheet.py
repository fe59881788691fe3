"""Cells of tables that people open in a spreadsheet. Owns that no value of a log runs there."""

import msgspec


def cell(value: object) -> str:
    """Give a cell's text; a text that a spreadsheet would run as a formula is prefixed, what is no text is JSON, nothing is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return msgspec.json.encode(value, enc_hook=str).decode().strip('"')
    return f"'{value}" if value[:1] in {"=", "+", "@", "-", "\t", "\r"} else value
