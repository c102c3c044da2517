"""Samplers: which training images are seen how often."""
