"""Bundles: rules, intelligence and lists in one signed file. Owns the format and its signature; what is done with it is the autopilot's."""
