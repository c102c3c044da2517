"""What a training step costs: precision, memory format, threads, compilation, sharing."""
