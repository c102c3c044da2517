"""Mixings: what an image takes from another image of its batch."""
