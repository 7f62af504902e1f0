"""Where a run happens: run(lab, fix, world, scenario, seed) gives a record, live or simulated."""
