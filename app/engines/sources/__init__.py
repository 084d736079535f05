"""Where samples come from: files and databases, read without trust and within bounds.

Everything here only reads. A source that cannot be read is told in one line and the rest goes on.
"""
