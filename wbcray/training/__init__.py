"""One trial: networks trained fold by fold, on a laptop or as one of several workers."""
