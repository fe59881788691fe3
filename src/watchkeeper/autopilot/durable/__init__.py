"""Durable flows: an incident's way from verdict to report, over restarts and deaths of processes. The only importer of `dbos`.

Nothing here is imported by what runs inline: loading DBOS takes a second, which the process that walks flows alone pays.
"""
