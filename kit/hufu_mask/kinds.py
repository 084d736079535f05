"""Kinds of value this module knows; their names are those of Hufu's identifiers."""

from .partial import WAYS

KINDS = frozenset(WAYS)
