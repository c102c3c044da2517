"""What is searched and how: search spaces as data, and their translation for Optuna."""
