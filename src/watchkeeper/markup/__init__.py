"""Markup of strangers: parsed without anything that could harm its reader. Owns the refusal; what a document says is its reader's."""
