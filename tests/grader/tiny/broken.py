"""A queue, as it failed in production."""

LIMIT = 1000
