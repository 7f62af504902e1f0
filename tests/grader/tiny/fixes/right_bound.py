"""A queue with a bound."""

LIMIT = 5
