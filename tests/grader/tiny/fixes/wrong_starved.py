"""A queue that lets nothing through."""

LIMIT = 1
