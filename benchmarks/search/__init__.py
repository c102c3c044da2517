"""How much compute a search needs to reach a validation target, against random search."""
