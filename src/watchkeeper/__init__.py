"""Watchkeeper: an autopilot for security operations."""
