"""From image folders to batches: catalog, splits, decoded pixels, draws, augmentation."""
