"""Intelligence: what is known to be bad and what is known not to be, compared with events. Owns indicators from import to match."""
