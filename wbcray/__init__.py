"""Tune and compare domain-generalisation methods for white-blood-cell images."""

__version__ = "0.1.0"
