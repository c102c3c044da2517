"""Scores and comparisons: pure numpy functions of the counts [domain, true, predicted]."""
