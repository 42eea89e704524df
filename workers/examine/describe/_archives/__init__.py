"""The families of archive formats, one reader each, and what holds them all to the limits; archive.py asks them."""
