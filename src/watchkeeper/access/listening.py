"""Where the platform may listen: nowhere beyond this machine until TLS and somebody to let in are set. Owns that rule."""

import ipaddress


def may_listen(host: str, *, tls: bool, ready: bool, insecure: bool) -> None:
    """Return if a server may listen at an address.

    Args:
        host: address or name that it would listen at.
        tls: whether a certificate and its key are set.
        ready: whether there is a user or token, so that somebody can be let in and others refused.
        insecure: whether a person said `--insecure`: passwords, tokens and telemetry may cross the network as plain text.

    Raises:
        ValueError: it may not; the message says what to set.
    """
    if is_loopback(host) or (tls and ready):
        return
    if not ready:
        raise ValueError(f"nobody could be let in at {host!r}: make a user with `watchkeeper users add`, or listen at 127.0.0.1")
    if not insecure:
        raise ValueError(
            f"at {host!r} passwords, tokens and telemetry would cross the network as plain text: set a certificate and its key, "
            "listen at 127.0.0.1, or say --insecure if something in front of it does TLS"
        )


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address; a name counts as reachable, whatever it leads to, except `localhost`."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
