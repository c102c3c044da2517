"""What the losses cost: time against the pairwise forms, share of a step, memory."""
