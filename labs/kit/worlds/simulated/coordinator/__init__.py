"""The judge's side of the simulated world: it grants virtual time, carries bytes, injects faults and drives the load."""
