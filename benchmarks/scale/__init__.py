"""How a search scales: overhead, growth, nodes, workers, and a plan on paper."""
