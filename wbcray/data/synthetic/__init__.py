"""Synthetic white-blood-cell images: a labelled stand-in for data that cannot be passed on."""
