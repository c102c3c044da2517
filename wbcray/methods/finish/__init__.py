"""Finishes: what happens to a trained network before it is judged."""
