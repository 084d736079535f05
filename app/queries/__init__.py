"""Questions that read; frozen dataclasses out, never rows."""
