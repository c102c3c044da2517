"""Normalisation: which layers the network has, and what they know when it is judged."""
