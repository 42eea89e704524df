"""How much of a data file is read, and the word for what goes on beyond; it leaves what is then told to each format."""

MAX_BYTES = 256 * 1024 * 1024
"""Of a text that is read value by value, about three seconds' worth."""
MAX_ROW_BYTES = 1024 * 1024
"""Longest row, line or single value that is held in memory."""
MAX_ROWS = 5_000_000
SAMPLED_ROWS = 1000
"""Rows whose values tell the types of columns."""


class BeyondBound(Exception):
    """There is more than we read. Its message is a warning for the sender; it says nothing against the file."""
