"""Playbooks: what to do for which kind of incident. Owns reading, choosing and walking them; `content/playbooks` has those that ship."""
