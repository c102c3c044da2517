"""The results explorer in a browser: one run, served read-only on this machine, live."""
