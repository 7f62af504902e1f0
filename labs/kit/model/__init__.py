"""The data that the rest of the kit shares: a lab, its load and faults, the record of a run, verdicts, names."""
