"""How figures look: colours and marks, legends, facets, axes."""
