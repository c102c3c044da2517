"""The one-file report, and pages made like it."""
