"""One module a view: the question, how to read its answer, and the figure."""
