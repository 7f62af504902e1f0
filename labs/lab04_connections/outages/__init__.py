"""Public outages as small scenarios; docs/outages.md shows their tables."""
