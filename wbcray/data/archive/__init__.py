"""Unpack zip and tar archives of which nothing is believed."""
