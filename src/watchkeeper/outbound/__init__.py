"""Outbound: how something outside is reached, and what no reaching may exceed. Owns limits and secrecy; what is said stands elsewhere."""
