"""Who is let in: passwords, second factors, tokens, sessions, and how attempts are slowed. Pure: rows come through functions."""
