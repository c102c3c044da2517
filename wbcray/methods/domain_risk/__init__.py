"""Domain risks: how per-image losses of several domains become one number."""
