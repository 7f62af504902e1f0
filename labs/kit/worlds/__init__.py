"""The two worlds: run(lab, fix, world, scenario, seed) makes a live or simulated run, and returns its record."""
