"""The server: the processes of the platform, what they say of themselves, and the check-up of all of it."""
