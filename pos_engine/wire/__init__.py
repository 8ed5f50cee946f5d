"""Bytes and words that cross the border, to and from values. Pure."""
