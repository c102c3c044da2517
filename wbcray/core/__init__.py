"""The nouns of the project: plain, frozen, free of torch, Ray and pandas."""
