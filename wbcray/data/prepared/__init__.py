"""A domain's decoded images as a folder on disk: its format, how it is filled, checked and kept."""
