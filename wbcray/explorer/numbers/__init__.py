"""What is computed from the tables of a run; nothing here is drawn."""
