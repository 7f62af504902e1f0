"""The judge's side of the simulated world: grants virtual time, carries bytes, injects faults, drives the load."""
