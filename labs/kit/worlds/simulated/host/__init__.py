"""The host's side of the simulated world: it replaces the standard library's blocking calls in a service's process."""
