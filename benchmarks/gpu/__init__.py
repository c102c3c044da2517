"""What a GPU makes of wbcray's training step, loader and losses."""
