"""What was found: immutable, hashed records; every table is a cache of them."""
