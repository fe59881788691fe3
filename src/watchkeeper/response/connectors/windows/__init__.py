"""Windows: what is done on a host over SSH, in PowerShell 5.1. Written from documentation and not tried on Windows."""

from watchkeeper.response.connectors.site import Way

WAYS: dict[str, Way] = {}
