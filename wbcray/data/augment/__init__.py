"""Augmentation of a whole batch at once, on the device."""
