"""Connectors: how a place outside is reached, one file each. Owns nothing of when: ethics decides, and calls them by their `Means`."""
