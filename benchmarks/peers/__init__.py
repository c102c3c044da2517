"""Whole training steps, from image files to weights, beside DomainBed's and MDLT's public codes."""
