"""Verbs that write; each opens exactly one act."""
