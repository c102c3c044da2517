"""Colour: what is done about stain before anything else sees an image."""
