"""The text process: Presidio over our recognizers, answering the web of the same machine.

The only place beside command lines where Presidio runs. It reads no database and keeps no text.
"""
