"""Penalties: what is added to the risk to make domains or classes alike or apart."""
