"""The only package that imports Ray: sessions, trials, workers, searches and grids."""
