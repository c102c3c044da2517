"""Audit: what is wrong with a set of images before anything is learned from it."""
