"""Formats of indicators, one file each. Owns their order, the more specific first."""

from watchkeeper.detection.intel.formats.entry import Ask, Entry, Format, Refused
from watchkeeper.detection.intel.formats.misp import misp
from watchkeeper.detection.intel.formats.openioc import openioc
from watchkeeper.detection.intel.formats.stix import stix
from watchkeeper.detection.intel.formats.table import csv_table
from watchkeeper.detection.intel.formats.text import text_list

__all__ = ["FORMATS", "Ask", "Entry", "Format", "Refused"]

FORMATS: tuple[Format, ...] = (stix, misp, openioc, csv_table, text_list)
