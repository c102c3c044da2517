"""Synthetic images as files of published data sets: the same folders, names, formats and traps."""
