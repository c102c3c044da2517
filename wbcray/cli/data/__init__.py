"""`wbcray data`: look at the images before training on them."""
