"""Classification losses: how wrong each image's logits are."""
